package reports_test

import (
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func TestAgeing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	err := s.Write(t.Context(), c.System(), func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "A-1", "2026-03-01", 123_456, "EUR")
		dbtest.Item(t, tx, account, "A-2", "2026-03-16", 765_432, "EUR")
		dbtest.Item(t, tx, account, "A-3", "2026-01-01", 99, "AUD")
		dbtest.Item(t, tx, account, "A-4", "2026-03-16", -2_500, "EUR")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	client := s.As(t, c.Collector)
	page := client.Get("/reports/ageing")
	page.Has(t, 200, "8,888.88", "1,234.56", "7,654.32", "25.00", "13.9 %", `value="2026-03-16"`)
	if own, other := strings.Index(page.Body, "ageing-EUR"), strings.Index(page.Body, "ageing-AUD"); own > other {
		t.Error("the company's own currency does not come first")
	}
	client.Get("/reports/ageing?as_of=2026-03-20").Has(t, 200, "8,888.88", "100.0 %")
	write := func(sql string) {
		t.Helper()
		if _, err := s.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	write(`UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE tenant_id = items.tenant_id AND family = 'litigation' LIMIT 1) WHERE number = 'A-1'`)
	client.Get("/reports/ageing").Has(t, 200, "of it disputed <strong>1,234.56</strong>")
	client.Get("/reports/ageing?as_of=2026-03-15").Has(t, 200, "of it disputed today <strong>1,234.56</strong>")
	client.Get("/reports/ageing?as_of=2020-01-01").Has(t, 200, "Nothing was open on that day")
	client.Get("/reports/ageing?as_of=yesterday").Has(t, 422, "Give a day such as 2026-03-16.", `value="yesterday"`)

	client.Get("/reports/ageing.csv?as_of=2026-03-16").Has(t, 200, "2026-03-16,EUR,1-30,1,1234.56\n", "2026-03-16,EUR,credits,,25.00\n", "AUD,61-90,1,0.99\n")
	client.Get("/reports/ageing.csv?as_of=x").Has(t, 422, "is not a day")
}
