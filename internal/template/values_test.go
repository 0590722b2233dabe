package template_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/language"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

// filled reads the values as that member and fills the text with them.
func filled(t *testing.T, db *dbtest.Database, who tenant.Who, customer int64, src string) (out string) {
	t.Helper()
	text, err := template.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), who, func(tx *tenant.Tx) error {
		v, err := template.Of(t.Context(), tx, customer)
		if err != nil {
			return err
		}
		out, err = text.Fill(t.Context(), v)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// write does something to the company's books.
func write(t *testing.T, db *dbtest.Database, who tenant.Who, f func(tx *tenant.Tx)) {
	t.Helper()
	err := db.Write(t.Context(), who, func(tx *tenant.Tx) error { f(tx); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

const figures = `{{ overdue }}; {{ to_collect }}; {{ open }}; {{ oldest_days }}; {{ oldest_due | default: "-" }}; {{ oldest_invoice | default: "-" }}; {{ figures.size }}`

// Where credit covers all that is due in a currency, nothing is asked for in it; a cent
// less, and the cent is.
func TestCreditThatCoversAllIsNoDemand(t *testing.T) {
	t.Parallel()
	const src = `{% for item in items %}{{ item.number }} {% endfor %}{% for f in figures %}{% if f.listed %}| {{ f.listed }} less {{ f.credit | default: "nothing" }}: {{ f.to_collect }}{% endif %}{% endfor %}`
	for paid, want := range map[int64]string{
		500_00:  "D-1 | USD 200.07 less nothing: USD 200.07",
		1234_00: "D-1 | USD 200.07 less nothing: USD 200.07",
		499_99:  "E-1 D-1 | EUR 500.00 less EUR 499.99: EUR 0.01| USD 200.07 less nothing: USD 200.07",
	} {
		db := dbtest.New(t)
		acme := dbtest.Tenant(t, db, "acme")
		var id int64
		write(t, db, acme.Manager, func(tx *tenant.Tx) {
			var account int64
			id, account = dbtest.Customer(t, tx, "T-1")
			dbtest.Item(t, tx, account, "E-1", "2026-02-01", 500_00, "EUR")
			dbtest.Item(t, tx, account, "D-1", "2026-02-02", 200_07, "USD")
			if _, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: id, AccountID: account, Number: "P-1",
				ValueOn: day.New(2026, 3, 9), Amount: money.New(paid, "EUR")}); err != nil {
				t.Fatal(err)
			}
		})
		if got := filled(t, db, acme.Manager, id, src); got != want {
			t.Errorf("with %d paid: %q, want %q", paid, got, want)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var one, other, none, abroad int64
	write(t, db, acme.Manager, func(tx *tenant.Tx) {
		var account int64
		one, account = dbtest.Customer(t, tx, "T-1")
		dbtest.Account(t, tx, one, "T-2")
		dbtest.Item(t, tx, account, "INV-7", "2026-02-01", 123_450, "EUR")
		dbtest.Item(t, tx, account, "INV-8", "2026-03-01", 100, "EUR")
		dbtest.Item(t, tx, account, "INV-9", "2026-04-01", 20_000, "EUR")
		dbtest.Item(t, tx, account, "INV-3", "2026-01-01", 4_000_000, "JPY")
		if _, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: one, AccountID: account, Number: "P-1",
			ValueOn: day.New(2026, 3, 9), Amount: money.New(3_450, "EUR")}); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `UPDATE customers SET city = 'Bergen', owner_id = $2 WHERE id = $1`, one, acme.CollectorID); err != nil {
			t.Fatal(err)
		}
		other, account = dbtest.Customer(t, tx, "T-3")
		dbtest.Item(t, tx, account, "INV-U", "2026-03-15", 7_700, "USD")
		none, _ = dbtest.Customer(t, tx, "T-4")
		abroad, account = dbtest.Customer(t, tx, "T-5")
		dbtest.Item(t, tx, account, "INV-G", "2026-03-01", 900, "GBP")
		dbtest.Item(t, tx, account, "INV-S", "2026-03-02", 800, "SEK")
	})
	for _, c := range []struct {
		customer  int64
		src, want string
	}{
		{one, figures, "EUR 1,235.50; EUR 1,201.00; EUR 1,435.50; 43; 1 Feb 2026; INV-7; 2"},
		{one, "{% for f in figures %}{{ f.currency }} {{ f.overdue }} {{ f.to_collect }} {{ f.open }} {{ f.oldest_days }} {{ f.oldest_due }}; {% endfor %}",
			"EUR EUR 1,235.50 EUR 1,201.00 EUR 1,435.50 43 1 Feb 2026; JPY JPY 4,000,000 JPY 4,000,000 JPY 4,000,000 74 1 Jan 2026; "},
		{one, "{{ customer.name }}, {{ customer.number }}, {{ customer.kind }}, {{ customer.city }}, {{ owner.name }}, {{ account.numbers }}",
			"Customer T-1, T-1, business, Bergen, acme collector, T-1, T-2"},
		{one, "{{ last_payment.date }}, {{ last_payment.amount }}, {{ today }}, {{ company.name }}, {{ member.name }}",
			"9 Mar 2026, EUR 34.50, 16 Mar 2026, Company acme, acme manager"},
		// The list is what may be asked for: what is disputed or paused is not in it.
		{one, "{% for i in items %}{{ i.number }} {{ i.account }} {{ i.issued }} {{ i.due }} {{ i.days }} {{ i.amount }} {{ i.open }}; {% endfor %}{{ items.size }} {{ items_more }}",
			"INV-3 T-1 2 Dec 2025 1 Jan 2026 74 JPY 4,000,000 JPY 4,000,000; INV-7 T-1 2 Jan 2026 1 Feb 2026 43 EUR 1,234.50 EUR 1,234.50; " +
				"INV-8 T-1 30 Jan 2026 1 Mar 2026 15 EUR 1.00 EUR 1.00; 3 0"},
		{one, "{% for f in figures %}{{ f.listed }} - {{ f.credit | default: 'nothing' }} = {{ f.to_collect }}; {% endfor %}",
			"EUR 1,235.50 - EUR 34.50 = EUR 1,201.00; JPY 4,000,000 - nothing = JPY 4,000,000; "},
		{one, "{% for p in payments %}{{ p.number }} {{ p.date }} {{ p.amount }}; {% endfor %}", "P-1 9 Mar 2026 EUR 34.50; "},
		{one, "{{ person.name }}{{ sender.name }}{{ account.number }}", ""},
		{other, "{{ account.number }}", "T-3"},
		// One currency that is not the company's is the only one.
		{other, figures, "USD 77.00; USD 77.00; USD 77.00; 1; 15 Mar 2026; INV-U; 1"},
		// Of several the company's own counts, and what is not known is empty.
		{abroad, figures, "EUR 0.00; EUR 0.00; EUR 0.00; 0; -; -; 2"},
		{none, figures, "EUR 0.00; EUR 0.00; EUR 0.00; 0; -; -; 0"},
		{none, `{% if owner.name or customer.city or last_payment.date or oldest_due %}known{% else %}nothing known{% endif %}{% for f in figures %}x{% endfor %}`, "nothing known"},
	} {
		if got := filled(t, db, acme.Manager, c.customer, c.src); got != c.want {
			t.Errorf("customer %d, %s\n got %s\nwant %s", c.customer, c.src, got, c.want)
		}
	}
}

// For a customer everything is written in the language of the text, and the items
// are those that were ticked, settled ones too.
func TestForACustomer(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var one, paid, foreign int64
	write(t, db, acme.Manager, func(tx *tenant.Tx) {
		var account int64
		one, account = dbtest.Customer(t, tx, "T-1")
		dbtest.Item(t, tx, account, "INV-7", "2026-02-01", 123_450, "EUR")
		paid = dbtest.Item(t, tx, account, "INV-8", "2026-03-01", 7_700, "EUR")
		_, account = dbtest.Customer(t, tx, "T-2")
		foreign = dbtest.Item(t, tx, account, "INV-X", "2026-03-01", 111, "EUR")
		if _, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: one, AccountID: account - 1, Number: "P-1",
			ValueOn: day.New(2026, 3, 9), Amount: money.New(7_700, "EUR"), Lines: []ledger.Line{{ItemID: paid, Minor: 7_700}}}); err != nil {
			t.Fatal(err)
		}
	})
	text, err := template.Parse("{{ person.name }}, {{ sender.bank }}: {{ today }} {{ overdue }} {% for i in items %}{{ i.number }} {{ i.due }} {{ i.open }};{% endfor %} {% for f in figures %}{{ f.listed }}{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code  string
		items []int64
		want  string
	}{
		{"fr", nil, "Zoé, IBAN 5: 16/03/2026 1 234,50 EUR INV-7 01/02/2026 1 234,50 EUR; 1 234,50 EUR"},
		{"de", []int64{paid, foreign}, "Zoé, IBAN 5: 16.03.2026 1.234,50 EUR INV-8 01.03.2026 0,00 EUR; 1.234,50 EUR"},
	} {
		var got string
		err := db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
			v, err := template.For(t.Context(), tx, one, template.Reader{Language: language.Of(c.code), Person: "Zoé", Sender: template.Sender{Bank: "IBAN 5"}, Items: c.items})
			if err != nil {
				return err
			}
			got, err = text.Fill(t.Context(), v)
			return err
		})
		if got = strings.ReplaceAll(got, "\u00a0", " "); err != nil || got != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", c.code, err, got, c.want)
		}
	}
}

// A list ends at a hundred rows, and says how many there are beyond.
func TestListsEnd(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var many int64
	write(t, db, acme.Manager, func(tx *tenant.Tx) {
		var account int64
		many, account = dbtest.Customer(t, tx, "T-1")
		for n := range 103 {
			dbtest.Item(t, tx, account, fmt.Sprintf("INV-%03d", n), "2026-02-01", int64(100+n), "EUR")
		}
	})
	// What is disputed or paused is not asked for.
	if _, err := db.Owner(t).Exec(t.Context(), `
		UPDATE items
		SET status_id = CASE number WHEN 'INV-001' THEN (SELECT id FROM item_statuses WHERE family = 'dispute') ELSE status_id END,
			paused_until = CASE number WHEN 'INV-002' THEN DATE '2026-03-16' WHEN 'INV-003' THEN '2026-03-15' END,
			pause_reason = CASE WHEN number IN ('INV-002', 'INV-003') THEN 'later' END
		WHERE number LIKE 'INV-00_'`); err != nil {
		t.Fatal(err)
	}
	got := filled(t, db, acme.Manager, many, "{{ items.size }} {{ items_more }}{% for i in items %}{% if forloop.last %} {{ i.number }}{% endif %}{% endfor %}")
	if got != "100 1 INV-101" {
		t.Errorf("got %s", got)
	}
}

// What somebody may not see is not found, and whoever has more books is not read
// with more queries.
func TestOfIsBounded(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	var bare, busy int64
	write(t, db, acme.Manager, func(tx *tenant.Tx) {
		bare, _ = dbtest.Customer(t, tx, "T-1")
		var account int64
		busy, account = dbtest.Customer(t, tx, "T-2")
		for i, c := range []money.Currency{"EUR", "USD", "GBP", "SEK"} {
			dbtest.Item(t, tx, account, "INV-"+string(c), "2026-02-01", int64(1000+i), c)
		}
	})
	queries := func(customer int64) int64 {
		db.Queries.Take()
		filled(t, db, acme.Manager, customer, "{{ overdue }}")
		return db.Queries.Take()
	}
	if few, many := queries(bare), queries(busy); few != many || many > 12 {
		t.Errorf("%d queries for a bare customer, %d for a busy one", few, many)
	}
	if _, err := db.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	for name, who := range map[string]tenant.Who{"another company": beta.Admin, "another branch": acme.Collector} {
		err := db.Read(t.Context(), who, func(tx *tenant.Tx) error {
			_, err := template.Of(t.Context(), tx, busy)
			return err
		})
		if !errors.Is(err, errs.NotFound) {
			t.Errorf("from %s: %v", name, err)
		}
	}
}
