package diary_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"dunwell/internal/dbtest"
)

// How much there is in a long day is counted once a minute, and anew once its reader has
// done something; of each day by itself, and of a short one each time.
func TestLongDayIsCountedOnceAMinute(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `
		WITH c AS (INSERT INTO customers (tenant_id, number, name, kind) SELECT $3, 'n' || n, 'N' || n, 'business' FROM generate_series(1, 402) n RETURNING id)
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text)
		SELECT $3, id, CASE id % 2 WHEN 0 THEN $1::bigint ELSE $2::bigint END, DATE '2026-03-15' - (id / 2)::int, 'x' FROM c`, d.acme.CollectorID, d.acme.ManagerID, d.acme.ID)
	now := dbtest.Monday
	d.Now = func() time.Time { return now }
	ends := func(n int) {
		d.exec(t, `UPDATE follow_ups SET ended = 'done', ended_at = now(), ended_by = assignee_id, version = 2
			WHERE id IN (SELECT id FROM follow_ups WHERE assignee_id = $1 AND ended IS NULL ORDER BY due_on, id LIMIT $2)`, d.acme.CollectorID, n)
	}
	c, m := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager)
	ofCollector := fmt.Sprintf("/?member=%d", d.acme.CollectorID)
	late := func(n int) string { return fmt.Sprintf("late %d", n) }
	first := d.one(t, `SELECT id FROM follow_ups WHERE assignee_id = $1 ORDER BY due_on LIMIT 1`, d.acme.CollectorID)
	entry := fmt.Sprintf(`id="entry-%s"`, d.one(t, `SELECT customer_id FROM follow_ups WHERE id = $1`, first))
	c.Get("/").Has(t, http.StatusOK, late(201), "1–20 of 201", "counted once a minute", entry)
	m.Get("/").Has(t, http.StatusOK, late(201))
	ends(1)
	now = now.Add(59 * time.Second)
	page := c.Get("/")
	page.Has(t, http.StatusOK, late(201))
	page.Lacks(t, entry) // who stands there is as it is now
	d.As(t, d.acme.Collector).Get("/").Has(t, http.StatusOK, late(200))
	m.Get(ofCollector).Has(t, http.StatusOK, late(200))
	now = now.Add(time.Second)
	page = c.Get("/")
	page.Has(t, http.StatusOK, late(200), "1–20 of 200")
	page.Lacks(t, "counted once a minute")

	d.exec(t, `UPDATE follow_ups SET ended = NULL, ended_at = NULL, ended_by = NULL, version = 3 WHERE id = $1`, first)
	c.Get("/").Has(t, http.StatusOK, late(201))
	ends(1)
	c.Get("/").Has(t, http.StatusOK, late(201))
	c.Post("/walk/end", nil)
	c.Get("/").Has(t, http.StatusOK, late(200))
	ends(100)
	c.Get("/").Has(t, http.StatusOK, late(100), "1–20 of 100")
}
