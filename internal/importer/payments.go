package importer

import (
	_ "embed"

	"dunwell/internal/ledger"
)

var paymentStage = stage{
	table: "staged_payments",
	sql: `
		CREATE TEMPORARY TABLE staged_payments (
			line bigint NOT NULL,
			fault text[],
			number text,
			customer_number text,
			account_number text,
			value_on date,
			currency text,
			decimals smallint,
			amount bigint,
			item_number text
		) ON COMMIT DROP`,
	columns: []string{"number", "customer_number", "account_number", "value_on", "currency", "decimals", "amount", "item_number"},
	row:     stagePayment,
	load:    "load_payments",
	does:    `CASE l.outcome WHEN 'new' THEN concat(l.account_id, '/', l.item_id, '/', l.apply) END`,
	begin:   ledger.StagePayments,
	check:   checkPayments,
}

// checkPayments compares the staged payments to the ledger and fills
// load_payments.
//
//go:embed payments.sql
var checkPayments string

func stagePayment(c *cells) []any {
	no := c.need(number, 80, "A payment needs a number: the bank's reference, so that it is not taken twice.")
	customer := c.need(customerNumber, 60, "A payment needs its customer's number.")
	account, item := c.text(accountNumber, 60), c.text(itemNumber, 60)
	value := c.day(valueOn)
	cur := c.currency()
	minor := c.amount(amount, cur)
	if value.IsZero() {
		c.refuse(valueOn, "", "A payment needs the day of its value.")
	}
	if value.After(c.today.Add(maxAhead)) {
		c.refuse(valueOn, c.peek(valueOn), tooFarAhead)
	}
	if minor == nil {
		c.refuse(amount, "", "A payment needs an amount.")
	} else if *minor <= 0 {
		c.refuse(amount, c.peek(amount), "A payment is more than zero. What the bank took back is a return of the payment, recorded here.")
	}
	return []any{no, customer, account, value, cur, cur.Decimals(), minor, item}
}
