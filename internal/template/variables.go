package template

import "strings"

// Variable is what can stand in a place of a text.
type Variable struct {
	Name, Means, Example string
	Number               bool       // it can be compared with < and >
	Fields               []Variable // of each row, where it is a list that a loop goes through
}

// Variables lists them as they are documented for administrators. An amount or a
// day is a text as people read it. What is not known is empty, which a condition
// takes for no.
var Variables = []Variable{
	{Name: "customer.name", Means: "Name of the customer", Example: "Meridian Foods AS"},
	{Name: "customer.number", Means: "Its number", Example: "C-10482"},
	{Name: "customer.kind", Means: "business or consumer", Example: "business"},
	{Name: "customer.city", Means: "Town of its address", Example: "Bergen"},
	{Name: "account.numbers", Means: "Numbers of its accounts, with commas between", Example: "T-10482, L-20731"},
	{Name: "account.number", Means: "Number of its account, where it has only one", Example: "T-10482"},
	{Name: "person.name", Means: "The person who is written to; empty in a follow-up, and where none is known", Example: "Anna Holm"},
	{Name: "owner.name", Means: "Who works the customer", Example: "Ingrid Solberg"},
	{Name: "overdue", Means: "What is past due, in the company's currency, or in the only one in which the customer owes", Example: "EUR 14,820.50"},
	{Name: "to_collect", Means: "What of it may be asked for today, in the same currency: not disputed, paused or covered by credit", Example: "EUR 12,310.00"},
	{Name: "open", Means: "What is owed, due or not, in the same currency", Example: "EUR 31,207.25"},
	{Name: "oldest_days", Means: "How many days the oldest item of that currency is late, 0 where nothing is", Example: "43", Number: true},
	{Name: "oldest_due", Means: "When it was due", Example: "11 Oct 2026"},
	{Name: "oldest_invoice", Means: "Its number", Example: "INV-88213"},
	{Name: "last_payment.date", Means: "Value date of the last payment", Example: "2 Nov 2026"},
	{Name: "last_payment.amount", Means: "Its amount", Example: "EUR 4,100.00"},
	{Name: "today", Means: "The day on which the text is filled", Example: "23 Nov 2026"},
	{Name: "pay_by", Means: "Until when to pay, as the dunning level says; empty in what is not a reminder of one", Example: "30 Nov 2026"},
	{Name: "level.number", Means: "Number of the dunning level; empty in what is not a reminder of one", Example: "2", Number: true},
	{Name: "level.name", Means: "What the level is called", Example: "Second reminder"},
	{Name: "promise.amount", Means: "What was promised in all; empty in what is not about a promise, as the rest of it is", Example: "EUR 4,000.00"},
	{Name: "promise.due", Means: "The day that it is promised for; of several the first", Example: "4 Dec 2026"},
	{Name: "company.name", Means: "Name of your company", Example: "Northwind Finance"},
	{Name: "member.name", Means: "Who fills the text", Example: "Lars Berg"},
	{Name: "sender.name", Means: "Who writes, as on the letterhead; empty in a follow-up, as all of the sender is", Example: "Northwind Finance AS"},
	{Name: "sender.address", Means: "Its address, in lines", Example: "Bryggen 5, 5003 Bergen"},
	{Name: "sender.bank", Means: "Where to pay, in lines", Example: "IBAN NO93 8601 1117 947"},
	{Name: "sender.phone", Means: "Its telephone number", Example: "+47 55 55 01 00"},
	{Name: "sender.email", Means: "Where answers go", Example: "accounts@northwind.example"},
	{Name: "items.size", Means: "How many rows the list of items has", Example: "2", Number: true},
	{Name: "items_more", Means: "How many there are beyond the 100 that the list has at most", Example: "0", Number: true},
	{Name: "items", Means: "Items past due that may be asked for and that no credit covers, or those that were ticked; the oldest first", Example: "{% for item in items %}{{ item.number }} {{ item.open }} {% endfor %}", Fields: itemFields},
	{Name: "payments", Means: "The last ten payments, the newest first", Example: "{% for payment in payments %}{{ payment.date }} {{ payment.amount }} {% endfor %}", Fields: paymentFields},
	{Name: "instalments.size", Means: "How many parts the promise has", Example: "1", Number: true},
	{Name: "instalments", Means: "The parts of the promise by their days, for a loop", Example: "{% for instalment in instalments %}{{ instalment.due }} {{ instalment.amount }} {% endfor %}", Fields: instalmentFields},
	{Name: "figures.size", Means: "In how many currencies the customer owes or has credit", Example: "2", Number: true},
	{Name: "figures", Means: "The figures of each currency, for a loop", Example: "{% for figure in figures %}{{ figure.overdue }} {% endfor %}", Fields: figureFields},
}

// Fields are named as in a loop that calls each row by the list's own singular.

var itemFields = []Variable{
	{Name: "item.number", Means: "Its number", Example: "INV-88213"},
	{Name: "item.account", Means: "Number of its account", Example: "T-10482"},
	{Name: "item.issued", Means: "Day of issue", Example: "11 Sep 2026"},
	{Name: "item.due", Means: "Due date", Example: "11 Oct 2026"},
	{Name: "item.days", Means: "How many days it is late", Example: "43", Number: true},
	{Name: "item.amount", Means: "Its amount", Example: "EUR 9,000.00"},
	{Name: "item.open", Means: "What is open of it, without what of it is promised; all where all is", Example: "EUR 8,120.50"},
}

var paymentFields = []Variable{
	{Name: "payment.number", Means: "Its reference", Example: "P-5521"},
	{Name: "payment.date", Means: "Value date", Example: "2 Nov 2026"},
	{Name: "payment.amount", Means: "Its amount", Example: "EUR 4,100.00"},
}

var instalmentFields = []Variable{
	{Name: "instalment.due", Means: "The day that it is promised for", Example: "4 Dec 2026"},
	{Name: "instalment.amount", Means: "Its amount", Example: "EUR 4,000.00"},
}

var figureFields = []Variable{
	{Name: "figure.currency", Means: "The currency", Example: "EUR"},
	{Name: "figure.overdue", Means: "What is past due in it", Example: "EUR 14,820.50"},
	{Name: "figure.to_collect", Means: "What of it may be asked for today", Example: "EUR 12,310.00"},
	{Name: "figure.listed", Means: "What the items come to that are past due and may be asked for; empty where there are none, or credit covers them", Example: "EUR 13,000.00"},
	{Name: "figure.credit", Means: "What credit takes off that; empty where there is none, or it covers all", Example: "EUR 690.00"},
	{Name: "figure.open", Means: "What is owed in it, due or not", Example: "EUR 31,207.25"},
	{Name: "figure.oldest_days", Means: "How many days the oldest item is late", Example: "43", Number: true},
	{Name: "figure.oldest_due", Means: "When it was due", Example: "11 Oct 2026"},
}

// inLoop is what each loop has besides.
var inLoop = []Variable{
	{Name: "forloop.first", Means: "In the first row"},
	{Name: "forloop.last", Means: "In the last row"},
	{Name: "forloop.index", Means: "The row's number, from 1", Number: true},
}

// known has the variables by name.
var known = func() map[string]Variable {
	m := make(map[string]Variable, len(Variables))
	for _, v := range Variables {
		m[v.Name] = v
	}
	return m
}()

// Filter changes what stands before it.
type Filter struct {
	Name, Means, Example string
	shapes               []string // its arguments: " string, 0 number, v name
}

// Filters lists those that there are.
var Filters = []Filter{
	{"default", "Stands in where nothing is known", `{{ owner.name | default: "nobody" }}`, []string{`:"`, ":0", ":v"}},
	{"pluralize", "Chooses the word that fits the number", `{{ oldest_days | pluralize: "day", "days" }}`, []string{`:","`}},
	{"truncate", "Keeps so many characters", `{{ customer.name | truncate: 20 }}`, []string{":0"}},
	{"upcase", "In capitals", `{{ customer.city | upcase }}`, []string{""}},
	{"downcase", "In small letters", `{{ customer.kind | downcase }}`, []string{""}},
}

func filterNames() string {
	names := make([]string, len(Filters))
	for i, f := range Filters {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}
