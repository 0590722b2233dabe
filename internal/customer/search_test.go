package customer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// searchable fills the company with customers who can be told apart by something.
func searchable(t *testing.T, db *dbtest.Database, c *dbtest.Company) {
	t.Helper()
	write(t, db, c.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO branches (name) VALUES ('North'), ('South');
			INSERT INTO customers (number, name, kind, city, branch_id)
			SELECT v.number, v.name, v.kind, v.city, (SELECT id FROM branches WHERE name = v.branch)
			FROM (VALUES
				('00428', 'Halden & Sønn AS', 'business', 'Halden', 'North'),
				('C-7', 'Müller Łódź Spedition', 'business', 'Łódź', 'South'),
				('C-8', 'Anna Tømmer', 'consumer', 'Bergen', 'North'),
				('C-9', 'Anna Berg', 'consumer', 'Oslo', 'South'),
				('C-91', 'A.B.C. Smith-Jones O''Brien', 'business', '', NULL),
				('C-99', 'Haldenfrakt 100%', 'business', '', 'South')) v (number, name, kind, city, branch)
			ORDER BY v.number;
			INSERT INTO accounts (customer_id, kind, number)
			SELECT id, 'loan', 'LOAN-2024-00077' FROM customers WHERE number = 'C-8';
			INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers;
			INSERT INTO contact_points (customer_id, kind, value, person, role)
			SELECT c.id, v.kind, v.value, v.person, 'debtor'
			FROM (VALUES
				('C-7', 'phone', '+48225551234', 'Zofia Nowak'),
				('C-9', 'phone', '+4791234567', ''),
				('C-9', 'email', 'anna.b@mail.bergkraft.example', 'Ægir Åsen')) v (number, kind, value, person)
			JOIN customers c ON c.number = v.number;
			INSERT INTO vehicles (customer_id, registration) SELECT id, 'EL 55 123' FROM customers WHERE number = 'C-8';
			UPDATE customers SET archived_at = now() WHERE number = 'C-99'`)
		if err != nil {
			return err
		}
		for number, item := range map[string]string{"C-7": "INV-2026-0090046", "C-9": "90046", "00428": "R/90047"} {
			var account int64
			if err := tx.QueryRow(t.Context(), `SELECT id FROM accounts WHERE number = $1`, number).Scan(&account); err != nil {
				return err
			}
			dbtest.Item(t, tx, account, item, "2026-02-01", 12_300, "EUR")
		}
		return ledger.RefreshAll(t.Context(), tx)
	})
}

func search(t testing.TB, db *dbtest.Database, who tenant.Who, typed string) (hits []customer.Hit) {
	t.Helper()
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		hits, err = customer.Search(t.Context(), tx, typed, 8)
		return err
	})
	if err != nil {
		t.Fatalf("search for %q: %v", typed, err)
	}
	return hits
}

// found writes the hits as "number" or "number by match", one after the other.
func found(hits []customer.Hit) string {
	var all []string
	for _, h := range hits {
		s := h.Number
		if h.Match != "" {
			s += " " + h.By + " " + h.Match
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

// S3.1: names, and whatever else people know of a customer.
func TestSearch(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	searchable(t, db, acme)
	for typed, want := range map[string]string{
		// names: the beginning of each word, in any order, without accents and case
		"hald": "00428; C-99", "HALDEN": "00428; C-99", "sonn": "00428", "SØNN": "00428", "søn hal": "00428", "frakt": "",
		"muller": "C-7", "Müller": "C-7", "mueller": "C-7", "MUELL": "C-7", "lodz": "C-7", "łódź mü": "C-7", "tommer": "C-8", "Tømmer": "C-8",
		"toemmer": "C-8", "anna": "C-9; C-8", "anna t": "C-8", "anna x": "", "abc": "C-91", "a.b.c.": "C-91", "jones": "C-91", "smith-j": "C-91",
		"smithjones": "C-91", "obrien": "C-91", "o'brien": "C-91", "o’brien": "C-91",
		// people at the customer
		"nowak": "C-7 person Zofia Nowak", "aegir": "C-9 person Ægir Åsen", "asen ægir": "C-9 person Ægir Åsen", "zofia muller": "C-7",
		// numbers of customers, accounts, items, vehicles
		"00428": "00428", "0042": "00428", "428": "00428", "c-7": "C-7", "C7": "C-7", "c 91": "C-91", "loan-2024": "C-8 account LOAN-2024-00077",
		"loan 2024-77": "", "77": "C-8 account LOAN-2024-00077", "90046": "C-9 item 90046; C-7 item INV-2026-0090046", "inv-2026-009": "C-7 item INV-2026-0090046",
		"INV 2026": "C-7 item INV-2026-0090046", "r/90047": "00428 item R/90047", "r90047": "00428 item R/90047", "90047": "00428 item R/90047",
		"0090047": "00428 item R/90047", "EL55123": "C-8 registration EL 55 123", "el 55": "C-8 registration EL 55 123", "el-5": "C-8 registration EL 55 123",
		// phones: four digits anywhere, as dialled from abroad and at home
		"+47 912 34": "C-9 phone +47 91 23 45 67", "912 34 567": "C-9 phone +47 91 23 45 67", "4567": "C-9 phone +47 91 23 45 67", "567": "",
		"(022) 555": "C-7 phone +48 22 555 12 34", "0048 22": "C-7 phone +48 22 555 12 34", "+48(0)22555": "C-7 phone +48 22 555 12 34",
		// e-mail addresses: from each part on
		"anna.b@": "C-9 email anna.b@mail.bergkraft.example", "anna.b@m": "C-9 email anna.b@mail.bergkraft.example", "bergkraft": "C-9 email anna.b@mail.bergkraft.example",
		"@mail.berg": "C-9 email anna.b@mail.bergkraft.example",
		// too little, and what means something elsewhere
		"": "", " ": "", "a": "", "ß": "", "%": "", "%%": "", "__": "", "' OR 1=1 --": "", "100%": "C-99", "10_%": "C-99", `\`: "", "a b": "C-91; C-9",
		"4111 1111 1111 1111": "", "\u202e\u0301": "",
	} {
		if got := found(search(t, db, acme.Collector, typed)); got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
		if got := found(search(t, db, beta.Admin, typed)); got != "" {
			t.Errorf("%q finds %q of another tenant", typed, got)
		}
	}
	hits := search(t, db, acme.Manager, "hald")
	if h := hits[0]; h.Name != "Halden & Sønn AS" || h.Kind != customer.Business || h.City != "Halden" || h.Archived || !hits[1].Archived {
		t.Errorf("hits are %+v", hits)
	}
	if got := found(search(t, db, acme.Collector, "halden"+strings.Repeat(" ", 300)+"nobody")); got != "00428; C-99" {
		t.Errorf("after 200 characters: %q", got)
	}
	search(t, db, acme.Collector, strings.Repeat("ø ", 1_000_000))
}

// What is searched follows what is kept.
func TestSearchFollowsChanges(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	searchable(t, db, acme)
	for _, c := range []struct{ change, typed, want string }{
		{`UPDATE customers SET name = 'Borg Kran', version = version + 1 WHERE number = '00428'`, "halden", "C-99"},
		{`UPDATE customers SET city = 'Elsewhere'`, "borg", "00428"},
		{`UPDATE customers SET number = 'X-1' WHERE number = '00428'`, "x-1", "X-1"},
		{`UPDATE customers SET archived_at = NULL`, "428", "X-1 account 00428"},
		{`UPDATE accounts SET number = 'X-1' WHERE number = '00428'`, "428", ""},
		{`UPDATE contact_points SET value = '+4840040040' WHERE kind = 'phone' AND value LIKE '+48%'`, "5551234", ""},
		{`UPDATE contact_points SET preferred = false`, "40040040", "C-7 phone +48 40040040"},
		{`UPDATE contact_points SET retired_at = now() WHERE kind = 'email'`, "bergkraft", ""},
		{`UPDATE contact_points SET version = 2`, "ægir", ""},
		{`UPDATE vehicles SET registration = 'DW 10 777'`, "EL55", ""},
		{`UPDATE vehicles SET make = 'Lada'`, "dw10777", "C-8 registration DW 10 777"},
		{`UPDATE vehicles SET retired_at = now()`, "dw10777", ""},
	} {
		write(t, db, acme.Manager, func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), c.change)
			return err
		})
		if got := found(search(t, db, acme.Collector, c.typed)); got != c.want {
			t.Errorf("after %s: %q finds %q, want %q", c.change, c.typed, got, c.want)
		}
	}
}

func TestSearchKeepsToTheBranch(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	searchable(t, db, acme)
	owner := db.Owner(t)
	for _, sql := range []string{
		`UPDATE tenants SET branch_limited = true`,
		`UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = 'North') WHERE role = 'collector'`,
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string]string{
		"anna": "C-8", "anna berg": "", "muller": "", "nowak": "", "c-7": "", "c-9": "", "abc": "", "90046": "", "90047": "00428 item R/90047",
		"inv-2026-009": "", "91234567": "", "022 555": "", "bergkraft": "", "halden": "00428", "EL55": "C-8 registration EL 55 123",
	} {
		if got := found(search(t, db, acme.Collector, typed)); got != want {
			t.Errorf("a limited collector finds %q for %q, want %q", got, typed, want)
		}
		number, _, _ := strings.Cut(want, " ")
		if got := numbers(list(t, db, acme.Collector, customer.Filter{Sort: customer.ByName, Text: typed})); got != number {
			t.Errorf("a limited collector's list has %q for %q, want %q", got, typed, number)
		}
	}
	if got := found(search(t, db, acme.Manager, "anna")); got != "C-9; C-8" {
		t.Errorf("a manager finds %q", got)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE members SET branch_id = NULL`); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"anna", "abc", "c-9"} {
		if got := found(search(t, db, acme.Collector, typed)); got != "" {
			t.Errorf("a limited collector without a branch finds %q for %q", got, typed)
		}
	}
}

// The words stand outside app's reach, and a search outside a tenant fails.
func TestSearchOnlyThroughItsFunction(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	for name, sql := range map[string]string{"words": `SELECT count(*) FROM search_words`, "values": `SELECT count(*) FROM searchable`} {
		err := db.Read(t.Context(), acme.Admin, func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if err == nil {
			t.Errorf("app may read the %s", name)
		}
	}
	if _, err := db.Pool.Exec(t.Context(), `SELECT count(*) FROM search_customers('anna', 8)`); err == nil {
		t.Error("a search outside a tenant was answered")
	}
}

// BenchmarkSearch types at a company of 100,000 customers and 1,000,000 items, by
// each kind of key and with one letter more each time, and measures the time
// within which 99 of 100 searches are answered. The floor is a transaction that
// asks for nothing.
func BenchmarkSearch(b *testing.B) {
	db := newDB(b)
	c := dbtest.Tenant(b, db, "large")
	large(b, db, c)
	for _, key := range []struct{ name, typed string }{
		{"floor", ""}, {"name", "Anna Müller 9"}, {"common", "sonn gmbh frei"}, {"number", "c-004271"}, {"item", "inv-2021-0042"}, {"digits", "2021004"},
		{"phone", "900 12 345"}, {"email", "post4271@"}, {"registration", "EL 12345"}, {"nobody", "zzzz qqqq"},
	} {
		b.Run(key.name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				for round := range 40 {
					typed := ""
					for _, letter := range key.typed + " " {
						typed += string(letter)
						began := time.Now()
						search(b, db, c.Collector, typed)
						if round > 0 { // the first one warms the connection
							times = append(times, time.Since(began))
						}
					}
				}
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
		})
	}
}

// large fills the company by a few statements of the owner's.
func large(b *testing.B, db *dbtest.Database, c *dbtest.Company) {
	b.Helper()
	owner := db.Owner(b)
	for _, sql := range []string{
		fmt.Sprintf(`SELECT set_config('app.tenant_id', '%d', false)`, c.ID),
		`INSERT INTO customers (number, name, kind, city, country)
		SELECT 'C-' || lpad(n::text, 6, '0'), CASE n % 3
			WHEN 0 THEN (ARRAY['Anna', 'Jörg', 'Łukasz', 'Marie', 'Ola', 'Peter', 'Søren', 'Tomáš', 'Émile', 'Ingrid'])[1 + n / 3 % 10] || ' '
				|| (ARRAY['Müller', 'Berg', 'Hansen', 'Nowak', 'Tømmer', 'Dubois', 'Larsen', 'Schmidt'])[1 + n / 30 % 8] || ' ' || n
			ELSE initcap(left(md5(n::text), 6)) || ' ' || (ARRAY['Freight', 'Timber', 'Foods', 'Steel', 'Office', 'Print', 'Marine'])[1 + n % 7]
				|| ' & Sønn ' || (ARRAY['AS', 'GmbH', 'Ltd', 'A/S', 's.r.o.'])[1 + n % 5] END,
			CASE n % 3 WHEN 0 THEN 'consumer' ELSE 'business' END, 'Oslo', 'NO'
		FROM generate_series(1, 100000) n`,
		`INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers`,
		`INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT a.customer_id, a.id, 'invoice', format('INV-%s-%s', 2020 + n % 6, lpad((a.id * 10 + n)::text, 7, '0')), '2025-09-01', '2025-10-01', 'EUR', 1000 + n,
			(SELECT min(id) FROM item_statuses)
		FROM accounts a, generate_series(1, 10) n`,
		`INSERT INTO contact_points (customer_id, kind, value, role)
		SELECT id, 'phone', '+47' || 90000000 + id * 7919 % 9999999, 'debtor' FROM customers`,
		`INSERT INTO contact_points (customer_id, kind, value, role)
		SELECT id, 'email', format('post%s@%s.example', id, left(md5(id::text), 6)), 'debtor' FROM customers`,
		`INSERT INTO vehicles (customer_id, registration) SELECT id, 'EL ' || 10000 + id % 89999 FROM customers WHERE kind = 'consumer'`,
		`VACUUM ANALYZE`,
	} {
		if _, err := owner.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}
