package importer_test

import (
	"strings"
	"testing"

	"dunwell/internal/importer"
)

// refusal is a file of one kind of which exactly the last row is refused.
type refusal struct {
	name, file string
	options    func(o *importer.Options)
	column     string
	value      string
	reason     string // a part of it
}

func (d desk) refuses(t *testing.T, k importer.Kind, cases []refusal) {
	t.Helper()
	for _, c := range cases {
		o := plain(k, c.file)
		o.DryRun = true
		if c.options != nil {
			c.options(&o)
		}
		r, err := d.run(t, o, c.file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r.Refused != 1 || len(r.Rejects) != 1 {
			t.Errorf("%s: %+v, want one row refused", c.name, r)
			continue
		}
		j := r.Rejects[0]
		if j.Row != r.Read+1 || j.Column != c.column || j.Value != c.value || !strings.Contains(j.Reason, c.reason) {
			t.Errorf("%s: %+v, want the last row refused for column %q, value %q: %s", c.name, j, c.column, c.value, c.reason)
		}
		if strings.Contains(j.Reason, " map") {
			t.Errorf("%s: %q speaks of a map, which only commands have", c.name, j.Reason)
		}
		if !strings.HasSuffix(j.Reason, ".") && !strings.HasSuffix(j.Reason, "?") {
			t.Errorf("%s: %q is no sentence", c.name, j.Reason)
		}
	}
}

func undated(o *importer.Options)   { o.Map.DateFormat = "" }
func undecided(o *importer.Options) { o.Map.Decimal = "" }

func TestCustomersRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	million := strings.Repeat("ñ", 1_000_000)
	d.refuses(t, importer.Customers, []refusal{
		{"no number", "number,name\n,Acme\n", nil, "number", "", "needs a number"},
		{"no name", "number,name\n9,\n", nil, "name", "", "needs a name"},
		{"number too long", "number,name\n" + strings.Repeat("1", 61) + ",Acme\n", nil, "number", strings.Repeat("1", 61), "61 characters. At most 60"},
		{"a million characters", "number,name\n9," + million + "\n", nil, "name", strings.Repeat("ñ", 200), "1000000 characters. At most 200"},
		{"nul byte", "number,name\n9,Ac\x00me\n", nil, "name", "Ac?me", "U+0000"},
		{"letters turned round", "number,name\n9,Ac\u202eme\n", nil, "name", "Ac\u202eme", "U+202E"},
		{"letters set apart", "number,name\n9,Ac\u2069me\n", nil, "name", "Ac\u2069me", "U+2069"},
		{"bell", "number,name\n9,Ac\x07me\n", nil, "name", "Ac\x07me", "U+0007"},
		{"broken UTF-8", "number,name\n9,Ac\xffme ñandú ñ\n", nil, "name", "Ac?me ñandú ñ", "UTF-8"},
		{"unused byte of Windows-1252", "number,name\n9,Ac\x81me\n", nil, "name", "Ac\ufffdme", "UTF-8"},
		{"too few cells", "number,name,city\n9,Acme\n", nil, "", "9,Acme", "2 cells and the header 3"},
		{"too many cells", "number,name\n9,Acme,Oslo\n", nil, "", "9,Acme,Oslo", "3 cells and the header 2"},
		{"quote never closed", "number,name\n9,\"Acme\n", nil, "", "9,\"Acme", "never closed"},
		{"text after a quote", "number,name\n9,\"Acme\" AS\n", nil, "", "9,\"Acme\" AS", "closing quote"},
		{"twice in the file", "number,name\n9,Acme\n10,Beta\n9,Acme\n", nil, "number", "9", "Row 2 has this number already"},
		{"kind", "number,name,kind\n9,Acme,robot\n", nil, "kind", "robot", "business or consumer"},
		{"kind as it stands in the file", "number,name,kind\n9,Acme,Stiftung\n", nil, "kind", "Stiftung", "business or consumer"},
		{"owner as it stands in the file", "number,name,owner\n9,Acme,Jonas Keller\n", nil, "owner", "Jonas Keller", "No active person"},
		{"country", "number,name,country\n9,Acme,Norway\n", nil, "country", "Norway", "two letters"},
		{"line break in the number", "number,name\n\"9\n1\",Acme\n", nil, "number", "9\n1", "a line break or a tab"},
		{"no such country", "number,name,country\n9,Acme,QX\n", nil, "country", "QX", "two letters"},
		{"no country any more", "number,name,country\n9,Acme,dd\n", nil, "country", "dd", "For Germany give DE."},
		{"another name of a country", "number,name,country\n9,Acme,DD\n", nil, "country", "DD", "For Germany give DE."},
		{"language", "number,name,language\n9,Acme,norsk\n", nil, "language", "norsk", "two letters"},
		{"owner", "number,name,owner\n9,Acme,nobody@acme.example\n", nil, "owner", "nobody@acme.example", "No active person"},
		{"branch", "number,name,branch\n9,Acme,Moon\n", nil, "branch", "Moon", "no branch"},
		{"street", "number,name,street\n9,Acme," + strings.Repeat("x", 301) + "\n", nil, "street", strings.Repeat("x", 200), "At most 300"},
	})
	d.exec(t, `INSERT INTO accounts (customer_id, kind, number) SELECT id, 'loan', '4711' FROM customers WHERE number = '8'`)
	d.refuses(t, importer.Customers, []refusal{
		{"number of another's account", "number,name\n4711,Acme\n", nil, "number", "4711", "An account of another customer"},
	})
}

func TestItemsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	d.exec(t, `INSERT INTO accounts (customer_id, kind, number) SELECT id, 'loan', 'L8' FROM customers WHERE number = '8'`)
	d.exec(t, `INSERT INTO customers (number, name, kind) VALUES ('9', 'Has no account', 'business')`)
	d.load(t, importer.Items, "customer_number,account_number,number,issued_on,due_on,amount,open_amount\n"+
		"0007,,PAID,2026-01-05,2026-02-04,100.00,0.00\n0007,,PART,2026-01-06,2026-02-05,200.00,150.00\n8,L8,RATE,2026-01-07,,300.00,300.00\n"+
		"0007,,NOTE,2026-01-08,,-40.00,-40.00\n")
	const h = "customer_number,number,issued_on,due_on,amount"
	d.refuses(t, importer.Items, []refusal{
		{"no number", h + "\n8,,2026-01-05,,1\n", nil, "number", "", "needs a number"},
		{"no customer", h + "\n,X,2026-01-05,,1\n", nil, "customer_number", "", "needs its customer"},
		{"no day", h + "\n8,X,,,1\n", nil, "issued_on", "", "needs the day"},
		{"no amount", h + "\n8,X,2026-01-05,,\n", nil, "amount", "", "needs an amount"},
		{"line break in the number", h + "\n8,\"X\r\n1\",2026-01-05,,1\n", nil, "number", "X\r\n1", "a line break or a tab"},
		{"tab in the customer's number", h + "\n\"8\t1\",X,2026-01-05,,1\n", nil, "customer_number", "8\t1", "a line break or a tab"},
		{"unknown customer", h + "\n77,X,2026-01-05,,1\n", nil, "customer_number", "77", "No customer has this number"},
		{"customer without leading zeros", h + "\n7,X,2026-01-05,,1\n", nil, "customer_number", "7", "No customer has this number"},
		{"customer without account", h + "\n9,X,2026-01-05,,1\n", nil, "customer_number", "9", "no trade account"},
		{"due before issued", h + "\n8,X,2026-01-05,2026-01-04,1\n", nil, "due_on", "2026-01-04", "before it was issued"},
		{"day in another way", h + "\n8,X,5.1.2026,,1\n", nil, "issued_on", "5.1.2026", "not a date written as YYYY-MM-DD, which was chosen for this file."},
		{"day in two ways", h + "\n8,X,3/4/2026,,1\n", undated, "issued_on", "3/4/2026", "two ways"},
		{"mixed dates", h + "\n8,W,25/4/2026,,1\n8,X,4/26/2026,,2\n", undated, "issued_on", "4/26/2026", "contradicts 25/4/2026"},
		{"amount in two ways", h + "\n8,X,2026-01-05,,1.234\n", undecided, "amount", "1.234", "two ways"},
		{"mixed amounts", h + "\n8,W,2026-01-05,,\"1.234,56\"\n8,X,2026-01-05,,\"1,234.56\"\n", undecided, "amount", "1,234.56", "contradicts 1.234,56"},
		{"ten to the eighteenth", h + "\n8,X,2026-01-05,,1000000000000000000\n", nil, "amount", "1000000000000000000", "too large"},
		{"half a cent", h + "\n8,X,2026-01-05,,0.005\n", nil, "amount", "0.005", "more decimals"},
		{"unknown currency", h + ",currency\n8,X,2026-01-05,,1,XYZ\n", nil, "currency", "XYZ", "not a currency"},
		{"no currency", h + ",currency\n8,W,2026-01-05,,1,SEK\n8,X,2026-01-05,,1,\n", func(o *importer.Options) { o.Currency = "" }, "currency", "", "names no currency"},
		{"twice in the file", h + "\n8,X,2026-01-05,,1\n8,X,2026-01-05,,1\n", nil, "number", "X", "Row 2 has this number already"},
		{"another's item", h + "\n8,PAID,2026-01-05,2026-02-04,100\n", nil, "customer_number", "8", "belongs to another customer"},
		{"another currency", h + ",currency\n0007,PAID,2026-01-05,2026-02-04,100,SEK\n", nil, "currency", "SEK", "is in EUR"},
		{"less than paid", h + "\n0007,PART,2026-01-06,2026-02-05,49.99\n", nil, "amount", "49.99", "50.00 of the item is paid already"},
		{"another kind", h + ",kind\n0007,PAID,2026-01-05,2026-02-04,100,fee\n", nil, "kind", "fee", "of the kind invoice"},
		{"turned into a credit note", h + "\n0007,PAID,2026-01-05,2026-02-04,-100\n", nil, "amount", "-100.00", "change its sign"},
		{"no kind", h + ",kind\n8,X,2026-01-05,,1,wish\n", nil, "kind", "wish", "no kind of item"},
		{"credit note above zero", h + ",kind\n8,X,2026-01-05,,1,credit note\n", nil, "amount", "1", "below zero"},
		{"fee below zero", h + ",kind\n8,X,2026-01-05,,-1,fee\n", nil, "amount", "-1", "Only a credit note"},
		{"unknown account", h + ",account_number\n8,X,2026-01-05,,1,L9\n", nil, "account_number", "L9", "no account with this number"},
		{"another's account", h + ",account_number\n0007,X,2026-01-05,,1,L8\n", nil, "account_number", "L8", "no account with this number"},
		{"another account of the same", h + ",account_number\n8,RATE,2026-01-07,,300,8\n", nil, "account_number", "8", "stands on another account"},
		{"issued after due", "customer_number,number,issued_on,amount\n0007,PAID,2026-02-05,100\n", nil, "issued_on", "2026-02-05", "due on 2026-02-04"},
		{"open beyond the amount", h + ",open_amount\n8,X,2026-01-05,,1,1.01\n", nil, "open_amount", "1.01", "between zero and the amount"},
		{"open above what is open", h + ",open_amount\n0007,PART,2026-01-06,2026-02-05,200,151\n", nil, "open_amount", "151.00", "50.00 of the item is paid here"},
		{"open part of a credit note", h + ",open_amount\n0007,NOTE,2026-01-08,,-40,-30\n", nil, "open_amount", "-30.00", "credit note"},
		{"settled and open", h + ",open_amount,settled_on\n8,X,2026-01-05,,1,1,2026-01-06\n", nil, "open_amount", "1", "Only one can be right"},
		{"settled in the future", h + ",settled_on\n8,X,2026-01-05,,1,2062-01-06\n", nil, "settled_on", "2062-01-06", "future"},
		{"settled credit note", h + ",settled_on\n8,X,2026-01-05,,-1,2026-01-06\n", nil, "settled_on", "2026-01-06", "credit note"},
		{"neither yes nor no", h + ",disputed\n8,X,2026-01-05,,1,perhaps\n", nil, "disputed", "perhaps", "neither a yes nor a no"},
	})
}

func TestPaymentsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	d.exec(t, `INSERT INTO accounts (customer_id, kind, number) SELECT id, 'loan', 'L8' FROM customers WHERE number = '8'`)
	d.exec(t, `INSERT INTO customers (number, name, kind) VALUES ('9', 'Has no account', 'business')`)
	d.load(t, importer.Items, "customer_number,account_number,number,issued_on,amount\n0007,,A1,2026-01-05,100\n8,L8,RATE,2026-01-07,300\n0007,,NOTE,2026-01-08,-40\n")
	d.load(t, importer.Payments, "number,customer_number,value_on,amount\nP1,0007,2026-02-01,60\n")
	const h = "number,customer_number,value_on,amount"
	d.refuses(t, importer.Payments, []refusal{
		{"no number", h + "\n,8,2026-02-01,1\n", nil, "number", "", "needs a number"},
		{"no customer", h + "\nP2,,2026-02-01,1\n", nil, "customer_number", "", "needs its customer"},
		{"no day", h + "\nP2,8,,1\n", nil, "value_on", "", "needs the day"},
		{"future", h + "\nP2,8,2026-03-27,1\n", nil, "value_on", "2026-03-27", "future"},
		{"no amount", h + "\nP2,8,2026-02-01,\n", nil, "amount", "", "needs an amount"},
		{"nothing", h + "\nP2,8,2026-02-01,0\n", nil, "amount", "0", "more than zero"},
		{"below zero", h + "\nP2,8,2026-02-01,-5\n", nil, "amount", "-5", "more than zero"},
		{"unknown customer", h + "\nP2,77,2026-02-01,1\n", nil, "customer_number", "77", "No customer has this number"},
		{"no account", h + "\nP2,9,2026-02-01,1\n", nil, "customer_number", "9", "no trade account"},
		{"twice in the file", h + "\nP2,8,2026-02-01,1\nP2,8,2026-02-01,1\n", nil, "number", "P2", "Row 2"},
		{"known, another amount", h + "\nP1,0007,2026-02-01,61\n", nil, "number", "P1", "never edited"},
		{"known, another day", h + "\nP1,0007,2026-02-02,60\n", nil, "number", "P1", "never edited"},
		{"known, another customer", h + "\nP1,8,2026-02-01,60\n", nil, "number", "P1", "never edited"},
		{"known, another currency", h + ",currency\nP1,0007,2026-02-01,60,SEK\n", nil, "number", "P1", "never edited"},
		{"known, another account", h + ",account_number\nP1,0007,2026-02-01,60,L8\n", nil, "number", "P1", "never edited"},
		{"another's account", h + ",account_number\nP2,0007,2026-02-01,1,L8\n", nil, "account_number", "L8", "no account with this number"},
		{"unknown item", h + ",item_number\nP2,8,2026-02-01,1,A9\n", nil, "item_number", "A9", "no item with this number"},
		{"another's item", h + ",item_number\nP2,8,2026-02-01,1,A1\n", nil, "item_number", "A1", "no item with this number"},
		{"item of another account", h + ",account_number,item_number\nP2,8,2026-02-01,1,8,RATE\n", nil, "item_number", "RATE", "another account"},
		{"item of another currency", h + ",currency,item_number\nP2,0007,2026-02-01,1,SEK,A1\n", nil, "currency", "SEK", "is in EUR"},
		{"credit note", h + ",item_number\nP2,0007,2026-02-01,1,NOTE\n", nil, "item_number", "NOTE", "credit note"},
	})
}
