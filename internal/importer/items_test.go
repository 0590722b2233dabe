package importer_test

import (
	"strings"
	"testing"

	"dunwell/internal/importer"
)

const itemHeader = "customer_number,customer_name,number,issued_on,due_on,amount,currency\n"

func TestItems(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	file := itemHeader + "0007,,00123,2026-01-05,2026-02-04,100.10,EUR\n0007,,124,2026-01-06,,200.20,JPY\n" +
		"8,,125,2026-01-07,2026-02-06,-30.30,EUR\n"
	r, err := d.run(t, plain(importer.Items, file), file)
	if err != nil || counts(r) != "3 2 0 0 1" || r.Totals[0].Amount != "69.80" || len(r.Totals) != 1 {
		t.Errorf("%+v, %v: yen have no decimals", r, err)
	}
	file = strings.Replace(file, "200.20", "20020", 1)
	want(t, "corrected", counts(d.load(t, importer.Items, file)), "3 1 0 2 0")
	want(t, "again", counts(d.load(t, importer.Items, file)), "3 0 0 3 0")
	want(t, "items", d.ask(t, `SELECT string_agg(i.number || ' ' || i.kind || ' ' || i.currency || ' ' || i.open_amount || ' ' || s.family, ', ' ORDER BY i.number)
		FROM items i JOIN item_statuses s ON s.id = i.status_id`), "00123 invoice EUR 10010 ongoing, 124 invoice JPY 20020 ongoing, 125 credit_note EUR -3030 ongoing")
	want(t, "figures", d.ask(t, `SELECT open_amount, overdue FROM customer_totals t JOIN customers c ON c.id = t.customer_id WHERE c.number = '0007' AND t.currency = 'EUR'`), "10010 10010")

	// A changed amount and due date; what has no column stays.
	want(t, "changed", counts(d.load(t, importer.Items, "customer_number,number,issued_on,amount\n0007,00123,2026-01-04,90\n")), "1 0 1 0 0")
	want(t, "item", d.ask(t, `SELECT issued_on::text, due_on::text, amount, version FROM items WHERE number = '00123'`), "2026-01-04 2026-02-04 9000 2")
	want(t, "figures", d.ask(t, `SELECT overdue FROM customer_totals t JOIN customers c ON c.id = t.customer_id WHERE c.number = '0007' AND t.currency = 'EUR'`), "9000")
	want(t, "notes", d.ask(t, `SELECT count(*) FROM notes`), "2")
}

// Rows that leave the currency's cell empty are counted; without the column there is
// nothing to say.
func TestItemsCurrencyAssumed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	r := d.load(t, importer.Items, itemHeader+"8,,1,2026-01-05,,1,\n8,,2,2026-01-05,,2,SEK\n8,,3,2026-01-05,,3, \n")
	if r.Assumed != 2 {
		t.Errorf("%d rows are read in a currency that they do not name, want 2", r.Assumed)
	}
	if r = d.load(t, importer.Items, "customer_number,number,issued_on,amount\n8,4,2026-01-05,4\n"); r.Assumed != 0 {
		t.Errorf("without the column: %d", r.Assumed)
	}
}

func TestItemsCreateCustomers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	file := itemHeader + "0010,,1,2026-01-05,,1,EUR\n0010,Tenth,2,2026-01-05,,2,EUR\n0010,Another name,3,2026-01-05,,3,EUR\n" +
		"11,,4,2026-01-05,,4,EUR\n8,Changed name,5,2026-01-05,,5,EUR\n"
	o := plain(importer.Items, file)
	o.CreateCustomers = true
	r, err := d.run(t, o, file)
	if err != nil || counts(r) != "5 5 0 0 0" || r.CustomersCreated != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	want(t, "customers", d.ask(t, `SELECT string_agg(c.number || ' ' || c.name || ' ' || a.number || ' ' || a.kind, ', ' ORDER BY c.number) FROM customers c JOIN accounts a ON a.customer_id = c.id`),
		"0007 Nordic Timber 0007 trade, 0010 Tenth 0010 trade, 11 11 11 trade, 8 Fjord & Sons 8 trade")
	want(t, "notes", d.ask(t, `SELECT string_agg(text, ' ') FROM notes n JOIN customers c ON c.id = n.customer_id WHERE c.number = '0010'`), "Created by the import of test.csv.")
	if r, err = d.run(t, o, file); err != nil || counts(r) != "5 0 0 5 0" || r.CustomersCreated != 0 {
		t.Errorf("again: %+v, %v", r, err)
	}
}

// A new customer whose number an account of another one has cannot be created.
func TestItemsCreateCustomersTaken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	d.exec(t, `INSERT INTO accounts (customer_id, kind, number) SELECT id, 'loan', '4711' FROM customers WHERE number = '8'`)
	create := func(o *importer.Options) { o.CreateCustomers = true }
	d.refuses(t, importer.Items, []refusal{
		{"number of an account", itemHeader + "4711,,1,2026-01-05,,1,EUR\n", create, "customer_number", "4711", "cannot be created"},
		{"account of another", "customer_number,account_number,number,issued_on,amount\n12,4711,1,2026-01-05,1\n", create, "account_number", "4711", "no account"},
	})
}

// A loan's instalments go to the loan's account.
func TestItemsOfAccounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	d.exec(t, `INSERT INTO accounts (customer_id, kind, number) SELECT id, 'loan', 'L8' FROM customers WHERE number = '8'`)
	file := "customer_number,account_number,number,kind,issued_on,amount\n8,L8,R1,Installment,2026-01-05,10\n8,,F1,fee,2026-01-05,11\n8,8,I1,invoice,2026-01-05,-12\n"
	want(t, "first", counts(d.load(t, importer.Items, file)), "3 3 0 0 0")
	want(t, "again", counts(d.load(t, importer.Items, file)), "3 0 0 3 0")
	want(t, "items", d.ask(t, `SELECT string_agg(i.number || ' ' || i.kind || ' ' || a.number, ', ' ORDER BY i.number) FROM items i JOIN accounts a ON a.id = i.account_id`),
		"F1 fee 8, I1 credit_note 8, R1 instalment L8")
	// Without the columns an item stays what and where it is.
	want(t, "bare", counts(d.load(t, importer.Items, "customer_number,number,issued_on,amount\n8,R1,2026-01-05,10\n8,F1,2026-01-05,11\n")), "2 0 0 2 0")
}

func TestItemsSettled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	file := "customer_number,number,issued_on,due_on,amount,settled_on\n" +
		"8,S1,2026-01-05,2026-02-04,100,2026-02-10\n8,S2,2026-01-06,2026-02-05,200,\n8,S3,2026-01-07,2026-02-06,0,2026-02-01\n8,PRE,2026-01-20,2026-02-19,400,2026-01-10\n"
	want(t, "first", counts(d.load(t, importer.Items, file)), "4 4 0 0 0")
	want(t, "again", counts(d.load(t, importer.Items, file)), "4 0 0 4 0")
	want(t, "payments", d.ask(t, `SELECT string_agg(number || ' ' || value_on || ' ' || amount || ' ' || unapplied, ', ' ORDER BY number) FROM payments`),
		"settled:PRE 2026-01-10 40000 0, settled:S1 2026-02-10 10000 0")
	// As of any day the ledger tells what was open then: what was paid before it
	// was issued was credit until then.
	for day, open := range map[string]string{
		"2026-01-04": "- -", "2026-01-15": "S1 10000, S2 20000 40000", "2026-01-20": "S1 10000, S2 20000 -",
		"2026-02-09": "S1 10000, S2 20000 -", "2026-02-10": "S2 20000 -",
	} {
		want(t, day, d.ask(t, `SELECT coalesce((SELECT string_agg(number || ' ' || open_amount, ', ' ORDER BY number) FROM open_items('`+day+`')), '-'),
			coalesce((SELECT sum(unapplied)::text FROM open_credits('`+day+`')), '-')`), open)
	}
	// The one that was open is settled now.
	now := strings.Replace(file, "200,", "200,2026-03-01", 1)
	want(t, "settled", counts(d.load(t, importer.Items, now)), "4 0 1 3 0")
	want(t, "open", d.ask(t, `SELECT count(*) FROM items WHERE open_amount <> 0`), "0")

	d.refuses(t, importer.Items, []refusal{
		{"another day", strings.Replace(file[:strings.Index(file, "8,S2")], "02-10", "02-11", 1), nil, "settled_on", "2026-02-11", "was settled on 2026-02-10"},
		{"a larger amount", strings.Replace(file[:strings.Index(file, "8,S2")], ",100,", ",120,", 1), nil, "settled_on", "2026-02-10", "settled:S1 stands in the ledger"},
	})
	// A settlement that was reversed here does not come back with the next file.
	d.exec(t, `INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on, reverses, reason)
		SELECT a.account_id, a.currency, a.item_id, a.payment_id, -a.amount, a.value_on, a.id, 'mistake' FROM applications a JOIN items i ON i.id = a.item_id WHERE i.number = 'S1'`)
	d.refuses(t, importer.Items, []refusal{
		{"reversed", file[:strings.Index(file, "8,S2")], nil, "settled_on", "2026-02-10", "does not settle the item now"},
	})
}

// Of a new item it is known whether it was settled before it was taken over, and on which
// day, or paid in part on a day that nobody says; check and result count these.
func TestItemsPaidBefore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	file := "customer_number,number,issued_on,amount,open_amount,settled_on\n8,O1,2026-01-05,100,70,\n8,O2,2026-01-06,200,200,\n8,O3,2026-01-07,300,0,2026-02-10\n8,O4,2026-01-08,400,11,\n"
	o := plain(importer.Items, file)
	o.DryRun = true
	if r, err := d.run(t, o, file); err != nil || r.PartPaid != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r := d.load(t, importer.Items, file); r.PartPaid != 2 {
		t.Errorf("applied: %d partly paid", r.PartPaid)
	}
	want(t, "origins", d.ask(t, `SELECT string_agg(amount || ' ' || origin, ', ' ORDER BY amount) FROM payments`), "3000 carried, 30000 settled_before, 38900 carried")
	again := strings.ReplaceAll(file, ",70,", ",60,")
	if r := d.load(t, importer.Items, again); r.PartPaid != 0 {
		t.Errorf("again: %d partly paid", r.PartPaid)
	}
}

func TestItemsOpenAmount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	file := "customer_number,number,issued_on,amount,open_amount\n8,O1,2026-01-05,100,70\n8,O2,2026-01-06,200,200\n8,O3,2026-01-07,300,\n8,O4,2026-01-08,-40,-40\n"
	want(t, "first", counts(d.load(t, importer.Items, file)), "4 4 0 0 0")
	want(t, "again", counts(d.load(t, importer.Items, file)), "4 0 0 4 0")
	const open = `SELECT string_agg(number || ' ' || open_amount, ', ' ORDER BY number) FROM items`
	want(t, "open", d.ask(t, open), "O1 7000, O2 20000, O3 30000, O4 -4000")
	want(t, "payment", d.ask(t, `SELECT number, value_on::text, amount FROM payments`), "open:"+d.ask(t, `SELECT max(id) - 1 FROM imports`)+":O1 2026-03-16 3000")
	later := "customer_number,number,issued_on,amount,open_amount\n8,O1,2026-01-05,110,60\n8,O2,2026-01-06,200,0\n"
	want(t, "later", counts(d.load(t, importer.Items, later)), "2 0 2 0 0")
	want(t, "origins", d.ask(t, `SELECT string_agg(amount || ' ' || origin, ', ' ORDER BY id) FROM payments`), "3000 carried, 2000 reported, 20000 reported")
	want(t, "open", d.ask(t, open), "O1 6000, O2 0, O3 30000, O4 -4000")
	want(t, "later again", counts(d.load(t, importer.Items, later)), "2 0 0 2 0")
}

func TestItemsDisputed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	header := "customer_number,number,issued_on,amount,disputed\n"
	say := func(yes ...string) string {
		var b strings.Builder
		b.WriteString(header)
		for i, y := range yes {
			b.WriteString("8,D" + string(rune('1'+i)) + ",2026-01-05," + string(rune('1'+i)) + "," + y + "\n")
		}
		return b.String()
	}
	const families = `SELECT string_agg(s.family, ' ' ORDER BY i.number) FROM items i JOIN item_statuses s ON s.id = i.status_id`
	want(t, "first", counts(d.load(t, importer.Items, say("yes", "No", "", "X"))), "4 4 0 0 0")
	want(t, "families", d.ask(t, families), "dispute ongoing ongoing dispute")
	want(t, "again", counts(d.load(t, importer.Items, say("yes", "No", "", "X"))), "4 0 0 4 0")
	want(t, "changes", d.ask(t, `SELECT count(*), count(DISTINCT f.family), min(f.family), min(x.family) FROM item_status_changes h
		JOIN item_statuses f ON f.id = h.from_id JOIN item_statuses x ON x.id = h.to_id`), "2 1 ongoing dispute")
	want(t, "swapped", counts(d.load(t, importer.Items, say("no", "yes", "no", "yes"))), "4 0 2 2 0")
	want(t, "families", d.ask(t, families), "ongoing dispute ongoing dispute")
	want(t, "held", d.ask(t, `SELECT sum(overdue)::text, sum(held)::text FROM customer_totals`), "0 0") // nothing has a due date

	// What a person decided stays: a dispute of theirs, and one they resolved.
	d.exec(t, `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute') WHERE number = 'D1'`)
	d.exec(t, `INSERT INTO item_status_changes (item_id, from_id, to_id, reason)
		SELECT i.id, i.status_id, i.status_id, 'The customer called.' FROM items i WHERE number = 'D1'`)
	d.exec(t, `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute_resolved') WHERE number = 'D2'`)
	want(t, "decided", counts(d.load(t, importer.Items, say("no", "yes", "no", "yes"))), "4 0 0 4 0")
	want(t, "families", d.ask(t, families), "dispute dispute_resolved ongoing dispute")
	// Without the column nothing is said about disputes.
	want(t, "silent", counts(d.load(t, importer.Items, "customer_number,number,issued_on,amount\n8,D4,2026-01-05,4\n")), "1 0 0 1 0")
}

// Where no status of the family is in use the file cannot be read.
func TestItemsWithoutStatuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `UPDATE item_statuses SET retired_at = now() WHERE family = 'dispute'`)
	d.load(t, importer.Customers, debtors)
	d.load(t, importer.Items, itemHeader+"8,,1,2026-01-05,,1,EUR\n") // says nothing of disputes
	file := "customer_number,number,issued_on,amount,disputed\n8,1,2026-01-05,1,no\n"
	if _, err := d.run(t, plain(importer.Items, file), file); err == nil || !strings.Contains(err.Error(), "family dispute") {
		t.Errorf("%v", err)
	}
}
