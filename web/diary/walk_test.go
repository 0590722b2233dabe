package diary_test

import (
	"fmt"
	"net/http"
	"testing"

	"dunwell/internal/dbtest"
)

// From one to the next: the place is kept on every tab, what is done meanwhile is
// left out, and after the last comes the day again.
func TestWalk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16 14:00")
	d.due(t, "C-2", "2026-03-10")
	d.due(t, "C-3", "2026-03-12")
	d.due(t, "C-4", "2026-03-16")
	at := func(number string) string { return fmt.Sprintf("/customers/%d", d.ids[number]) }
	next := func(number string) string { return fmt.Sprintf("/walk/next?from=%d", d.ids[number]) }
	c := d.As(t, d.acme.Collector)
	c.Get(at("C-1")).Lacks(t, "/walk/next")
	c.Get(next("C-1")).Leads(t, "/")
	c.Get("/").Has(t, http.StatusOK, "You are not walking a list today")

	c.Post("/walk", form()).Leads(t, at("C-1"))
	for number, place := range map[string]string{"C-1": "1 of 4", "C-2": "2 of 4", "C-4": "4 of 4"} {
		for _, tab := range []string{"", "/items", "/notes", "/account"} {
			c.Get(at(number)+tab).Has(t, http.StatusOK, place, next(number), `data-key="n"`, "/walk/end")
		}
	}
	c.Get(next("C-1")).Leads(t, at("C-2"))
	d.exec(t, `UPDATE follow_ups SET ended = 'done', ended_at = now() WHERE customer_id = $1`, d.ids["C-3"])
	c.Get(next("C-2")).Leads(t, at("C-4"))
	c.Get(next("C-4")).Leads(t, "/")
	c.Get("/").Has(t, http.StatusOK, "That was the last one.")

	c.Post("/walk/end", form()).Leads(t, "/")
	c.Get(at("C-1")).Lacks(t, "/walk/next")
}

func TestWalkOfAnother(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	beta := dbtest.Tenant(t, d.Database, "beta")
	d.due(t, "C-1", "2026-03-16 14:00")
	collector := fmt.Sprint(d.acme.CollectorID)
	d.As(t, d.acme.Collector).Post("/walk", form("member", "none")).Has(t, http.StatusForbidden)
	d.As(t, beta.Manager).Post("/walk", form("member", collector)).Has(t, http.StatusNotFound)
	m := d.As(t, d.acme.Manager)
	m.Post("/walk", form("member", collector)).Leads(t, fmt.Sprintf("/customers/%d", d.ids["C-1"]))
	m.Get(fmt.Sprintf("/customers/%d", d.ids["C-1"])).Has(t, http.StatusOK, "1 of 1")
	m.Get(fmt.Sprintf("/walk/next?from=%d", d.ids["C-1"])).Leads(t, "/?member="+collector)
}
