package followups_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

var hidden = regexp.MustCompile(`type="hidden" name="(seen_\w+|version|head)" value="([^"]*)"`)

// opened is the form of a follow-up as it was opened, with what was typed.
func opened(page webtest.Page, pairs ...string) url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page.Body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

func (d *desk) find(t *testing.T, id int64) (f followup.Followup) {
	t.Helper()
	d.write(t, func(tx *tenant.Tx) (err error) {
		f, err = followup.Find(t.Context(), tx, d.id, id)
		return err
	})
	return f
}

// S1.11, S1.31.
func TestEdit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.planned(t, march23, "Call the <harbour>")[0]
	c := d.As(t, d.acme.Collector)
	at := d.at(id, "")
	page := c.Get(at + "?back=" + url.QueryEscape(d.here()))
	page.Has(t, http.StatusOK, "Call the &lt;harbour&gt;</textarea>", `name="due_on" type="date" value="2026-03-23"`, "Written by acme collector <time", "Done, with an outcome")
	form := opened(page, "timed", "on", "due_at", "")
	c.Post(at, form).Has(t, http.StatusUnprocessableEntity, "Give the hour, such as 14:30", `id="followup-due_at-error"`)
	form.Set("due_at", "09:40")
	form.Set("quick", "2026-03-31")
	c.Post(at, form).Has(t, http.StatusOK, `value="2026-03-31"`, `value="09:40"`, "data-typed")
	form.Del("quick")
	form.Set("due_on", "2026-03-28")
	form.Set("assignee", fmt.Sprint(d.acme.ManagerID))
	form.Set("text", "Call the harbour\r\nand the agent")
	form.Set("back", d.here())
	c.Post(at, form).Leads(t, d.here())
	c.Get(d.here()).Has(t, http.StatusOK, "The follow-up is saved for Sat 28 Mar 2026, 09:40. Sat 28 Mar 2026 is a Saturday", "Call the harbour\nand the agent</span>")
	if f := d.find(t, id); f.Assignee != "acme manager" || f.Version != 2 {
		t.Errorf("it became %+v", f)
	}
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID); err != nil {
		t.Fatal(err)
	}
	page = c.Get(at)
	page.Has(t, http.StatusOK, "selected>acme manager (left)")
	c.Post(at, opened(page, "text", "Call the harbour")).Leads(t, d.profile) // who left may stay
	c.Get(d.at(999, "")).Has(t, http.StatusNotFound)
}

// The line below the words reads as one, while it is active and when it has ended.
func TestWhoWroteIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.planned(t, march23, "Call the harbour")[0]
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE follow_ups SET in_notes = true WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	c := d.As(t, d.acme.Collector)
	c.Get(d.at(id, "")).Has(t, http.StatusOK, "Written by acme collector <time", "</time> · A copy stands in the Notes")
	c.Post(d.at(id, "/completion"), nil).Leads(t, d.profile)
	if n := strings.Count(c.Get(d.at(id, "")).Body, "by acme collector <time"); n != 2 {
		t.Errorf("%d times who wrote and who ended it, want 2", n)
	}
}

// Two change one follow-up: the second is told what the first did, loses nothing,
// and saves.
func TestEditConflict(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.planned(t, march23, "Call\nthe harbour")[0]
	at := d.at(id, "")
	c, m := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager)
	mine, theirs := c.Get(at), m.Get(at)
	m.Post(at, opened(theirs, "due_on", "2026-03-25", "text", "Write to the harbour")).Leads(t, d.profile)
	page := c.Post(at, opened(mine, "text", "Call\r\nthe <agent>", "assignee", fmt.Sprint(d.acme.AdminID)))
	page.Has(t, http.StatusConflict, "Not saved yet: this follow-up was changed while you were writing.", "<strong>acme manager</strong>", "due Wed 25 Mar 2026 instead of Mon 23 Mar 2026",
		"Changed meanwhile from “2026-03-23”, and taken over.", `value="2026-03-25"`, "Changed meanwhile to “Write to the harbour”.", "Call\nthe &lt;agent&gt;</textarea>", "data-typed")
	c.Post(at, opened(page, "text", "Call\r\nthe agent", "assignee", fmt.Sprint(d.acme.AdminID), "due_on", "2026-03-25")).Leads(t, d.profile)
	if f := d.find(t, id); f.Text != "Call\nthe agent" || f.Assignee != "acme admin" || f.DueOn.String() != "2026-03-25" {
		t.Errorf("it became %+v", f)
	}

	mine = c.Get(at)
	m.Post(d.at(id, "/completion"), values("outcome", "They pay.")).Leads(t, d.profile)
	page = c.Post(at, opened(mine, "text", "Something <else>"))
	page.Has(t, http.StatusConflict, "yours can no longer be saved", "Text: Something &lt;else&gt;", "done. They pay.")
	page.Lacks(t, `name="text"`)
}
