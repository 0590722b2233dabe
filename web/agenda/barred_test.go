package agenda_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// Whom levels cannot write to by themselves stands beside what they did, counted by
// reason, each reason with the way to its customers; the rarest come together.
func TestBarredStandsBesideWhatWasDone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.MailServer(t)
	m, c := d.As(t, d.acme.Manager), d.As(t, d.acme.Collector)
	const title, noMail = "What levels cannot send by themselves", "No e-mail address of this customer is on file."
	const counts = "/agenda/batches/barred/counts"
	m.Get("/agenda/batches").Has(t, http.StatusOK, `hx-get="`+counts+`"`, `href="/agenda/batches/barred">`+title)
	if page := m.Get(counts); page.Code != http.StatusOK || strings.TrimSpace(page.Body) != "" {
		t.Errorf("where nobody is barred: status %d, %q", page.Code, page.Body)
	}
	m.Get("/agenda/batches/barred").Has(t, http.StatusOK, title, "0 customers", "Nobody stands here")
	d.sql(t, `UPDATE levels SET mode = 'automatic'`)
	page := m.Get(counts)
	page.Has(t, http.StatusOK, title, noMail)
	page.Lacks(t, "Other reasons")
	row := regexp.MustCompile(`<a href="(/agenda/batches/barred\?why=[^"]+)">No e-mail[^<]+</a></th><td class="num">(\d+)</td>`).FindStringSubmatch(page.Body)
	if row == nil || row[2] != "2" { // C-3 and C-9
		t.Fatalf("the row is %q", row)
	}
	page = m.Get(row[1])
	page.Has(t, http.StatusOK, "2 customers", "Left to a person (2)", "Customer C-3", "Customer C-9", fmt.Sprintf(`href="/agenda/%d"`, d.entries["C-3"]), `href="/agenda/batches/barred"`)
	page.Lacks(t, "Customer C-1")
	m.Get("/agenda/batches/barred?why=Nonsense").Has(t, http.StatusOK, "Nobody stands here", "For all reasons")
	for _, path := range []string{"/agenda/batches/barred", counts} {
		c.Get(path).Has(t, http.StatusForbidden, "Only managers and administrators work many entries at once.")
	}
	m.Get("/agenda?whose=team").Has(t, http.StatusOK, `href="/agenda/batches"`)
	beta := d.As(t, dbtest.Tenant(t, d.Database, "beta").Admin)
	beta.Get(counts).Lacks(t, title)
	beta.Get("/agenda/batches/barred").Has(t, http.StatusOK, "Nobody stands here")

	// Six more, who each opted out on another day.
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		for i := range 6 {
			id, account := dbtest.Customer(t, tx, fmt.Sprint("C-2", i))
			dbtest.Item(t, tx, account, fmt.Sprint("INV-2", i), "2026-03-02", int64(70_000+i*101), "EUR")
			_, err := tx.Exec(t.Context(), `
				WITH point AS (
					INSERT INTO contact_points (customer_id, kind, value, person, role) VALUES ($1, 'email', 'out' || $2::int || '@debtors.example', 'Berit', 'debtor')
					RETURNING id)
				INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on)
				SELECT $1, id, 'email', 'opt_out', DATE '2026-03-01' + $2::int, 'They said so', '2026-12-01' FROM point`, id, i)
			if err != nil {
				return err
			}
		}
		_, err := dunning.RunOnly(t.Context(), tx, tx.Today())
		return err
	})
	page = m.Get(counts)
	page.Has(t, http.StatusOK, "Other reasons: see all")
	if n := strings.Count(page.Body, `href="/agenda/batches/barred`); n != 6 {
		t.Errorf("%d reasons", n)
	}
	if !regexp.MustCompile(`Other reasons: see all</a></th><td class="num">2</td>`).MatchString(page.Body) {
		t.Error("the others are not 2")
	}
	m.Get("/agenda/batches/barred").Has(t, http.StatusOK, "8 customers", "Customer C-25")
}
