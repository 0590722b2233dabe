package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/importer"
)

func TestCustomers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `INSERT INTO branches (name) VALUES ('Bergen'), ('Oslo')`)
	file := "number,name,kind,street,postal_code,city,region,country,language,owner,branch\n" +
		"0007,\"Nordic\nTimber\",,Kaia 1,0150,Oslo,,no,NB,Collector@acme.example,Oslo\n" +
		"8,<script>alert(1)</script>,consumer,Quai 2,75001,Paris,IDF,FR,fr,,\n"
	want(t, "first", counts(d.load(t, importer.Customers, file)), "2 2 0 0 0")
	want(t, "again", counts(d.load(t, importer.Customers, file)), "2 0 0 2 0")
	const facts = `
		SELECT c.name, c.kind, c.street, c.postal_code, c.city, c.country, c.language, coalesce(u.name, '-'), coalesce(b.name, '-'), c.version, a.kind, a.number
		FROM customers c
		JOIN accounts a ON a.customer_id = c.id
		LEFT JOIN members m ON m.id = c.owner_id
		LEFT JOIN users u ON u.id = m.user_id
		LEFT JOIN branches b ON b.id = c.branch_id
		WHERE c.number = `
	want(t, "0007", d.ask(t, facts+`'0007'`), "Nordic Timber business Kaia 1 0150 Oslo NO nb acme collector Oslo 1 trade 0007")
	want(t, "8", d.ask(t, facts+`'8'`), "<script>alert(1)</script> consumer Quai 2 75001 Paris FR fr - - 1 trade 8")
	want(t, "totals", d.ask(t, `SELECT count(*) FROM customer_totals WHERE currency = 'EUR'`), "2")

	// What has no column stays; what is empty is emptied.
	change := "number,name,street,owner,branch\n0007,Nordic Timber AS,,,BERGEN\n"
	want(t, "change", counts(d.load(t, importer.Customers, change)), "1 0 1 0 0")
	want(t, "0007", d.ask(t, facts+`'0007'`), "Nordic Timber AS business  0150 Oslo NO nb - Bergen 2 trade 0007")
	want(t, "journal", d.ask(t, `SELECT string_agg(n.kind || ': ' || n.text, ' / ' ORDER BY n.seq) FROM notes n JOIN customers c ON c.id = n.customer_id WHERE c.number = '0007'`),
		"created: Created by the import of test.csv. / changed: Changed by the import of test.csv: name from “Nordic Timber” to “Nordic Timber AS”; "+
			"street from “Kaia 1” to “”; owner from acme collector to nobody; branch from Oslo to Bergen.")
	want(t, "notes", d.ask(t, `SELECT count(*) FROM notes`), "3")
}

// A check says of the first changed rows what they change, and how many customers lose
// their owner or branch to an empty cell.
func TestCustomersChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `INSERT INTO branches (name) VALUES ('Oslo')`)
	var first, again strings.Builder
	for _, b := range []*strings.Builder{&first, &again} {
		b.WriteString("number,name,owner,branch,city\n")
	}
	for n := range 22 {
		fmt.Fprintf(&first, "%d,Ola,collector@acme.example,Oslo,Moss\n", n)
		fmt.Fprintf(&again, "%d,Ola,,,Moss\n", n)
	}
	first.WriteString("22,Kari,,,\n")
	again.WriteString("22,Kari,,,\n")
	if r := d.load(t, importer.Customers, first.String()); len(r.Changes) != 0 || r.OwnersEmptied+r.BranchesEmptied != 0 {
		t.Errorf("new customers change nobody: %+v", r)
	}
	o := plain(importer.Customers, again.String())
	o.DryRun = true
	r, err := d.run(t, o, again.String())
	if err != nil || counts(r) != "23 0 22 1 0" || len(r.Changes) != importer.MaxChanges || r.OwnersEmptied != 22 || r.BranchesEmptied != 22 {
		t.Fatalf("%+v, %v", r, err)
	}
	want(t, "the first", fmt.Sprint(r.Changes[0]), "{2 0 Ola [owner from acme collector to nobody branch from Oslo to none]}")
	want(t, "the last", fmt.Sprint(r.Changes[19].Number), "19")
	r = d.load(t, importer.Customers, "number,name,city\n3,Per,\n")
	want(t, "without the columns", fmt.Sprint(r.Changes, r.OwnersEmptied, r.BranchesEmptied), "[{2 3 Ola [name from “Ola” to “Per” city from “Moss” to “”]}] 0 0")
}

// A payment card number in a name reaches the journal masked.
func TestCustomersMaskCards(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, "number,name\n1,Ola\n")
	d.load(t, importer.Customers, "number,name\n1,Ola 4111 1111 1111 1111\n")
	got := d.ask(t, `SELECT text FROM notes WHERE kind = 'changed'`)
	if strings.Contains(got, "4111 1111") || !strings.Contains(got, "1111") {
		t.Errorf("the note says %s", got)
	}
}

// Customers and items say their kind in German too.
func TestKindsInGerman(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, "number,name,kind\n1,Ola,Privat\n2,Berg,Firma\n")
	want(t, "customers", d.ask(t, `SELECT string_agg(kind, ' ' ORDER BY number) FROM customers`), "consumer business")
	d.load(t, importer.Items, "customer_number,number,kind,issued_on,amount\n1,A1,Rechnung,2026-01-05,11\n1,A2,Gutschrift,2026-01-05,-12\n1,A3,Rate,2026-01-05,13\n1,A4,Gebühr,2026-01-05,14\n")
	want(t, "items", d.ask(t, `SELECT string_agg(kind, ' ' ORDER BY number) FROM items`), "invoice credit_note instalment fee")
}

// A new customer whose number differs from another's only in capital letters is said.
func TestNumbersAlike(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, "number,name\nM0001,Nord\nm0002,Ost\n")
	r := d.load(t, importer.Customers, "number,name\nM0001,Nord\nm0001,Nord\nA1,West\na1,West\nB1,Tal\n")
	want(t, "alike", fmt.Sprint(r.Alike), "[{3 m0001 M0001} {4 A1 a1} {5 a1 A1}]")
	file := "customer_number,number,issued_on,amount\nM0002,A1,2026-01-05,11\nM0002,A2,2026-01-05,12\nm0001,A3,2026-01-05,13\n"
	o := plain(importer.Items, file)
	o.CreateCustomers, o.DryRun = true, true
	r, err := d.run(t, o, file)
	want(t, "of items", fmt.Sprint(r.Alike, err), "[{2 M0002 m0002}] <nil>")
}
