package customers

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// maxPayables is how many open items a form offers, the oldest.
const maxPayables = 200

// payLines is what is set against items, as typed: by the item's id, in the order
// in which it came.
type payLines struct {
	Order   []int64
	Ticked  map[int64]bool
	Amounts map[int64]string
}

// propose ticks the oldest items as far as the amount goes, what is in question last;
// the others hold what is open of them, to be ticked.
func propose(items []ledger.Payable, minor int64, c money.Currency) payLines {
	p := payLines{Ticked: map[int64]bool{}, Amounts: map[int64]string{}}
	for _, i := range items {
		p.Amounts[i.ID] = money.New(i.Open, c).Plain()
	}
	for _, l := range ledger.Propose(items, minor) {
		p.Order = append(p.Order, l.ItemID)
		p.Ticked[l.ItemID], p.Amounts[l.ItemID] = true, money.New(l.Minor, c).Plain()
	}
	return p
}

// typedLines reads the ticks and the amounts beside them.
func typedLines(r *http.Request) payLines {
	p := payLines{Ticked: map[int64]bool{}, Amounts: map[int64]string{}}
	for _, s := range r.PostForm["pay"] {
		id, err := strconv.ParseInt(s, 10, 64)
		if err == nil && !p.Ticked[id] {
			p.Order, p.Ticked[id] = append(p.Order, id), true
		}
	}
	for name, values := range r.PostForm {
		if s, is := strings.CutPrefix(name, "line-"); is {
			if id, err := strconv.ParseInt(s, 10, 64); err == nil {
				p.Amounts[id] = values[0]
			}
		}
	}
	return p
}

// keep takes away the ticks of what is not offered any more, and says so unless the
// whole has a message already: what such an item would have taken becomes credit.
func (p *payLines) keep(items []ledger.Payable, inv *errs.Invalid) {
	ticked := len(p.Order)
	p.Order = slices.DeleteFunc(p.Order, func(id int64) bool {
		return !slices.ContainsFunc(items, func(i ledger.Payable) bool { return i.ID == id })
	})
	inv.Check(len(p.Order) == ticked, "", "An item that was ticked is not among those below any more. Look at what is ticked now, then save it: what the ticked items leave stays as credit.")
}

// parse reads the amounts of the ticked lines.
func (p payLines) parse(c money.Currency) (lines []ledger.Line, err error) {
	var inv errs.Invalid
	for _, id := range p.Order {
		a, err := money.ParseTyped(p.Amounts[id], c)
		if err != nil {
			inv.Check(false, lineField(id), err.Error())
			continue
		}
		lines = append(lines, ledger.Line{ItemID: id, Minor: a.Minor})
	}
	return lines, inv.Err()
}

// lineField is the name of an item's amount, and of the message about it.
func lineField(id int64) string { return fmt.Sprintf("line-%d", id) }

// paymentForm is a payment as typed.
type paymentForm struct {
	Customer                                   customer.Customer
	Choices                                    []ledger.Choice
	Account, Currency, Number, ValueOn, Amount string
	// Spread is the amount, as typed, that the lines were proposed for.
	Spread string
	Items  []ledger.Payable
	More   bool // there are more items than are offered
	Part   bool // only what it pays is brought up to date
	Lines  payLines
	Errors errs.Invalid
}

// newPayment asks for a payment. With an amount in the address it proposes what
// that pays, the oldest items first.
func newPayment(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, account, currency, err := loadPayment(r, tx)
	if err != nil {
		return err
	}
	if f.Customer.MergedInto != nil {
		return web.SeeOther(w, r, f.elsewhere(), web.WasMerged(f.Customer))
	}
	if len(f.Choices) == 0 { // nothing was typed that could be refused
		f.Errors = nil
	}
	if f.ValueOn == "" {
		f.ValueOn = tx.Today().String()
	}
	if err := f.load(r, tx, account, currency); err != nil {
		return err
	}
	f.Part = r.Header.Get("HX-Request") != ""
	payment, err := f.payment(tx.Today(), account, currency)
	var wrong errs.Invalid
	if errors.As(err, &wrong) && f.Amount != "" { // of the rest nothing was typed yet
		f.Errors.Check(wrong["amount"] == "", "amount", wrong["amount"])
	}
	if len(f.Errors) == 0 && f.Amount != "" {
		f.Spread = f.Amount
	}
	f.Lines = propose(f.Items, payment.Amount.Minor, currency)
	return web.Render(w, r, http.StatusOK, paymentScreen(f))
}

// loadPayment reads the form and what it chooses from. Where nothing is chosen
// yet it is the account with the longest due item, and that item's currency.
func loadPayment(r *http.Request, tx *tenant.Tx) (f paymentForm, account int64, c money.Currency, err error) {
	f = paymentForm{Account: r.FormValue("account"), Currency: r.FormValue("currency"), Number: strings.TrimSpace(r.FormValue("number")),
		ValueOn: r.FormValue("value_on"), Amount: strings.TrimSpace(r.FormValue("amount")), Spread: r.PostFormValue("spread")}
	if f.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return f, 0, "", err
	}
	if f.Choices, err = ledger.Choices(r.Context(), tx, f.Customer.ID); err != nil {
		return f, 0, "", err
	}
	for n, choice := range f.Choices {
		id := strconv.FormatInt(choice.ID, 10)
		if f.Account == id || f.Account == "" && n == 0 {
			f.Account, account, c = id, choice.ID, choice.Owed.Currency
		}
	}
	if f.Currency == "" {
		f.Currency = string(c)
	}
	c, err = money.ParseCurrency(f.Currency)
	if err != nil {
		f.Errors.Check(false, "currency", "Give a currency code such as EUR.")
	}
	f.Errors.Check(account != 0, "account", "Choose an account of this customer.")
	return f, account, c, nil
}

// load reads the items that the payment can pay.
func (f *paymentForm) load(r *http.Request, tx *tenant.Tx, account int64, c money.Currency) (err error) {
	f.Items, err = ledger.Payables(r.Context(), tx, f.Customer.ID, account, c, maxPayables+1)
	if len(f.Items) > maxPayables {
		f.Items, f.More = f.Items[:maxPayables], true
	}
	return err
}

// payment is what was typed, as the ledger takes it, or all that is wrong with it
// whatever the ledger holds. What reads by the currency waits for one.
func (f paymentForm) payment(today day.Day, account int64, c money.Currency) (ledger.Payment, error) {
	p := ledger.Payment{CustomerID: f.Customer.ID, AccountID: account, Number: f.Number, ValueOn: typedDay(f.ValueOn)}
	inv := maps.Clone(f.Errors)
	var err error
	if p.Amount, err = money.ParseTyped(f.Amount, c); err != nil {
		inv.Check(false, "amount", err.Error())
	}
	var wrong errs.Invalid
	if p.Lines, err = f.Lines.parse(c); errors.As(err, &wrong) && c != "" {
		for field, message := range wrong {
			inv.Check(false, field, message)
		}
	}
	for field, message := range p.Wrong(today) {
		inv.Check(false, field, message)
	}
	if c == "" && strings.ContainsAny(f.Amount, "0123456789") {
		delete(inv, "amount")
	}
	return p, inv.Err()
}

// recordPayment records what came in. Where the amount is not the one that the
// lines were proposed for, it proposes anew and asks to look first: nobody's
// money becomes credit by a forgotten tick.
func recordPayment(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f, account, currency, err := loadPayment(r, tx)
	if err != nil {
		return err
	}
	if f.Customer.MergedInto != nil { // since the form was opened
		return web.Warned(w, r, f.elsewhere(), web.WasMerged(f.Customer)+" The payment is not recorded yet: look at it here, then record it.")
	}
	if r.PostFormValue("propose") != "" {
		return web.SeeOther(w, r, f.again(), "")
	}
	if err := f.load(r, tx, account, currency); err != nil {
		return err
	}
	f.Lines = typedLines(r)
	payment, err := f.payment(tx.Today(), account, currency)
	if err == nil && len(f.Items) > 0 && f.Spread != f.Amount {
		f.Lines, f.Spread = propose(f.Items, payment.Amount.Minor, currency), f.Amount
		err = errs.Invalid{"": "Look at what the payment pays below, then record it."}
	}
	var receipt ledger.Receipt
	if err == nil {
		receipt, err = ledger.Record(r.Context(), tx, payment)
	}
	if errors.As(err, &f.Errors) {
		if err := f.load(r, tx, account, currency); err != nil { // somebody else may have paid of it
			return err
		}
		ticked := len(f.Lines.Order)
		if f.Errors["currency"]+f.Errors["account"] == "" {
			f.Lines.keep(f.Items, &f.Errors)
		}
		if f.Errors["currency"]+f.Errors["account"] != "" || len(f.Lines.Order) == 0 && ticked > 0 {
			f.Spread = "" // none of the ticked can be shown: the lines are proposed anew
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, paymentScreen(f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/customers/%d/items?payment=%d#payment-%d", f.Customer.ID, receipt.ID, receipt.ID), receipt.Text)
}

// again is the form's address with what was typed.
func (f paymentForm) again() string { return f.of(f.Customer.ID) }

// elsewhere is that of the customer that a duplicate turned out to be, who has its
// accounts.
func (f paymentForm) elsewhere() string { return f.of(*f.Customer.MergedInto) }

func (f paymentForm) of(customer int64) string {
	q := url.Values{"account": {f.Account}, "currency": {f.Currency}, "number": {f.Number}, "value_on": {f.ValueOn}, "amount": {f.Amount}}
	return fmt.Sprintf("/customers/%d/payments/new?%s", customer, q.Encode())
}

// whyNoAccount says what is missing, and how it goes on for who may merge and who may not.
func (f paymentForm) whyNoAccount(mayMerge bool) string {
	why := "A payment is recorded on an account, and this customer has none. "
	if len(f.Errors) > 0 {
		why = "Nothing was recorded. " + why
	}
	why += "Where the customer is there twice, the other one has the account: "
	if mayMerge {
		return why + "merge that one into this."
	}
	return why + "record the payment there. Ask a manager to merge the two."
}

// sums says what the ticked lines come to and what is left of the amount; empty
// where they cannot be read yet, or are nothing that could be recorded.
func (f paymentForm) sums() string {
	c := money.Currency(strings.ToUpper(strings.TrimSpace(f.Currency)))
	amount, err := money.ParseTyped(f.Amount, c)
	lines, lerr := f.Lines.parse(c)
	if err != nil || lerr != nil || amount.Minor <= 0 {
		return ""
	}
	left := amount
	for _, l := range lines {
		if l.Minor <= 0 {
			return ""
		}
		left.Minor -= l.Minor
	}
	used := money.New(amount.Minor-left.Minor, c)
	switch {
	case left.Minor < 0:
		return fmt.Sprintf("The ticked items take %s of %s: %s too much.", used, amount, money.New(-left.Minor, c))
	case left.Minor == 0:
		return fmt.Sprintf("The ticked items take all of %s.", amount)
	}
	return fmt.Sprintf("The ticked items take %s of %s; %s stays as credit of the account.", used, amount, left)
}
