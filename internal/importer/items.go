package importer

import (
	_ "embed"
	"strings"

	"dunwell/internal/ledger"
)

// The fields that the code speaks of by name.
const (
	number         Field = "number"
	customerNumber Field = "customer_number"
	customerName   Field = "customer_name"
	accountNumber  Field = "account_number"
	itemNumber     Field = "item_number"
	kind           Field = "kind"
	issuedOn       Field = "issued_on"
	dueOn          Field = "due_on"
	settledOn      Field = "settled_on"
	valueOn        Field = "value_on"
	amount         Field = "amount"
	openAmount     Field = "open_amount"
	currency       Field = "currency"
	disputed       Field = "disputed"
)

// maxAhead is how many days after today money may be dated: banks do so by a
// few, a mistyped year by hundreds.
const maxAhead = 10

const tooFarAhead = "This day lies in the future, and money cannot have come then."

var itemStage = stage{
	table: "staged_items",
	sql: `
		CREATE TEMPORARY TABLE staged_items (
			line bigint NOT NULL,
			fault text[],
			number text,
			customer_number text,
			customer_name text,
			account_number text,
			kind text,
			issued_on date,
			due_on date,
			currency text,
			decimals smallint,
			amount bigint,
			open_amount bigint,
			disputed boolean,
			settled_on date
		) ON COMMIT DROP`,
	columns: []string{"number", "customer_number", "customer_name", "account_number", "kind", "issued_on", "due_on",
		"currency", "decimals", "amount", "open_amount", "disputed", "settled_on"},
	row:   stageItem,
	load:  "load_items",
	does:  `CASE l.outcome WHEN 'new' THEN concat(l.customer_id, '/', l.account_id, '/', l.pay) WHEN 'changed' THEN concat(l.seen_version, '/', l.pay) END`,
	begin: ledger.StageItems,
	check: checkItems,
}

// checkItems compares the staged items to the ledger and fills load_items.
//
//go:embed items.sql
var checkItems string

func stageItem(c *cells) []any {
	no := c.need(number, 60, "An item needs a number.")
	customer := c.need(customerNumber, 60, "An item needs its customer's number.")
	name, account := c.text(customerName, 200), c.text(accountNumber, 60)
	issued, due, settled := c.day(issuedOn), c.day(dueOn), c.day(settledOn)
	cur := c.currency()
	value, open := c.amount(amount, cur), c.amount(openAmount, cur)
	if issued.IsZero() {
		c.refuse(issuedOn, "", "An item needs the day on which it was issued.")
	}
	if !due.IsZero() && due.Before(issued) {
		c.refuse(dueOn, c.peek(dueOn), "The item is due before it was issued.")
	}
	if settled.After(c.today.Add(maxAhead)) {
		c.refuse(settledOn, c.peek(settledOn), tooFarAhead)
	}
	if value == nil {
		c.refuse(amount, "", "An item needs an amount.")
		return nil
	}
	what := c.itemKind(*value)
	c.checkOpen(*value, open, !settled.IsZero())
	return []any{no, customer, name, account, what, issued, due, cur, cur.Decimals(), value, open, c.truth(disputed), settled}
}

// german are the kinds of items in German.
var german = map[string]string{"rechnung": ledger.Invoice, "gutschrift": ledger.CreditNote, "rate": ledger.Instalment, "gebühr": ledger.Fee, "mahngebühr": ledger.Fee}

// itemKind is what the file calls the item; nil where it says nothing.
func (c *cells) itemKind(value int64) *string {
	s := c.text(kind, 60)
	if s == "" {
		return nil
	}
	what := strings.NewReplacer(" ", "_", "-", "_", "installment", "instalment", "creditnote", "credit_note").Replace(strings.ToLower(s))
	if known, ok := german[what]; ok {
		what = known
	}
	switch what {
	case ledger.Invoice:
		if value < 0 {
			what = ledger.CreditNote
		}
	case ledger.CreditNote:
		if value >= 0 {
			c.refuse(amount, c.peek(amount), "The amount of a credit note is below zero. Write it with a minus sign.")
		}
	case ledger.Instalment, ledger.Fee:
		if value < 0 {
			c.refuse(amount, c.peek(amount), "Only a credit note has an amount below zero.")
		}
	default:
		c.refuse(kind, s, "This is no kind of item. Use invoice, instalment, fee or credit_note.")
	}
	return &what
}

func (c *cells) checkOpen(value int64, open *int64, settled bool) {
	if settled && value < 0 {
		c.refuse(settledOn, c.peek(settledOn), "A credit note is not settled by a payment. Leave the day out, and set the credit against an item here.")
	}
	if open == nil {
		return
	}
	if *open < min(value, 0) || *open > max(value, 0) {
		c.refuse(openAmount, c.peek(openAmount), "The open amount does not lie between zero and the amount.")
	}
	if settled && *open != 0 {
		c.refuse(openAmount, c.peek(openAmount), "The item has a settlement date and still an open amount. Only one can be right.")
	}
}
