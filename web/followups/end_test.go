package followups_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/followup"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// undo is where the flash's button leads, and its form.
func undo(t *testing.T, page webtest.Page) (path string, form url.Values) {
	t.Helper()
	m := regexp.MustCompile(`action="([^"]*)" data-undo data-inplace><input type="hidden" name="form_id" value="([^"]*)"[^>]*> ?<input type="hidden" name="back" value="([^"]*)"`).FindStringSubmatch(page.Body)
	if m == nil {
		t.Fatalf("the page offers no Undo: %.3000s", page.Body)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&"), values("form_id", m[2], "back", strings.ReplaceAll(m[3], "&amp;", "&"))
}

// S1.4.
func TestCompleteAndUndo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.planned(t, march23, "Ask for the goods note", "Call the harbour")
	c := d.As(t, d.acme.Collector)
	at := d.profile + "/notes?kind=note"
	c.Post(d.at(ids[0], "/completion"), values("back", at)).Leads(t, at)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "The follow-up is done.", "Call the harbour")
	page.Lacks(t, "Ask for the goods note")
	path, form := undo(t, page)
	c.Get(at).Lacks(t, "data-undo") // said once
	c.Post(path, form).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, "The follow-up is active again.", "Ask for the goods note")
	c.Post(path, values("back", at)).Has(t, http.StatusConflict, "This follow-up is active again already.")

	outcome := strings.Repeat("x", 1001)
	c.Post(d.at(ids[1], "/completion"), values("outcome", outcome)).Has(t, http.StatusUnprocessableEntity, "1000 characters at most", outcome+"</textarea>")
	c.Post(d.at(ids[1], "/completion"), values("outcome", "Promises <Friday>", "back", d.here())).Leads(t, d.here())
	c.Get(d.window+"?state=done").Has(t, http.StatusOK, "Done 1", "Promises &lt;Friday&gt;", "acme collector", "Mon 16 Mar 10:30", "Undo: 23 Mar, Call the harbour")
	c.Get(d.at(ids[1], "")).Has(t, http.StatusOK, "Promises &lt;Friday&gt;", "Mon 16 Mar 10:30")
	d.later(61 * time.Minute)
	c.Get(d.window+"?state=done").Lacks(t, "Undo: 23 Mar")
	c.Post(fmt.Sprintf("%s/restoration?follow_up=%d", d.window, ids[1]), nil).Has(t, http.StatusConflict, "more than an hour ago")
}

// Who completes a follow-up second keeps the outcome that they typed, beside how it ended.
func TestOutcomeOfWhatWasDone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.planned(t, march23, "Call the harbour")
	d.As(t, d.acme.Manager).Post(d.at(ids[0], "/completion"), values("outcome", "They pay.")).Leads(t, d.profile)
	d.As(t, d.acme.Collector).Post(d.at(ids[0], "/completion"), values("outcome", "They <never> pay.")).
		Has(t, http.StatusConflict, "This follow-up was completed by acme manager", "They pay.", "They &lt;never&gt; pay.</textarea>", d.profile+`/notes"`, "Add note")
}

// Three are deleted with one press; the note that was made of one stays, and the
// screen says so.
// S1.10, S1.28, S1.29.
func TestDeleteTicked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ids []int64
	d.write(t, func(tx *tenant.Tx) error {
		for i, text := range []string{"one", "two", "three", "four"} {
			id, err := followup.Schedule(t.Context(), tx, d.id, followup.Plan{AssigneeID: d.acme.CollectorID, DueOn: march23, Text: "Do " + text, InNotes: i == 1})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	c := d.As(t, d.acme.Collector)
	c.Post(d.window+"/deletion", nil).Has(t, http.StatusUnprocessableEntity, "Tick the follow-ups that are to be deleted.", "Do one")
	form := values("back", d.here())
	for _, id := range ids[:3] {
		form.Add("follow_up", fmt.Sprint(id))
	}
	c.Post(d.window+"/deletion", form).Leads(t, d.here())
	page := c.Get(d.here())
	page.Has(t, http.StatusOK, "3 follow-ups are deleted. What was added to the Notes stays there.", "Do four", "Active 1", "Deleted 3")
	page.Lacks(t, "Do two")
	path, again := undo(t, page)
	if !strings.Contains(d.said(t), "Follow-up for Mon 23 Mar 2026, acme collector: Do two") {
		t.Error("the note went with the follow-up")
	}
	c.Get(d.window+"?state=deleted").Has(t, http.StatusOK, "Do two", "acme collector")
	c.Post(path, again).Leads(t, d.here())
	c.Get(d.here()).Has(t, http.StatusOK, "3 follow-ups are active again.", "Active 4")

	d.As(t, d.acme.Manager).Post(d.at(ids[0], "/completion"), nil).Leads(t, d.profile)
	c.Post(d.window+"/deletion", form).Leads(t, d.here())
	page = c.Get(d.here())
	page.Has(t, http.StatusOK, "2 follow-ups are deleted. The rest was ended by somebody else meanwhile. What was added to the Notes stays there.")
	path, again = undo(t, page)
	c.Post(path, again).Leads(t, d.here()) // what somebody else completed stays so
	c.Get(d.here()).Has(t, http.StatusOK, "2 follow-ups are active again.", "Done 1")

	c.Post(d.window+"/deletion", form).Leads(t, d.here())
	path, again = undo(t, c.Get(d.here()))
	d.As(t, d.acme.Manager).Post(fmt.Sprintf("%s/restoration?follow_up=%d", d.window, ids[1]), nil).Leads(t, d.profile)
	c.Post(path, again).Leads(t, d.here())
	c.Get(d.here()).Has(t, http.StatusOK, "1 follow-up is active again. The rest was active already.", "Done 1", "Active 3")

	c.Post(d.at(ids[3], "/deletion"), values("back", d.profile)).Leads(t, d.profile)
	page = c.Get(d.profile)
	page.Has(t, http.StatusOK, "The follow-up is deleted.")
	page.Lacks(t, "stays there", "Do four")
}

// Two people end the same follow-up at once: one wins, the other is shown who.
func TestTwoEndIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.planned(t, march23, "Call the harbour", "Something else")
	clients := map[string]*webtest.Client{"/completion": d.As(t, d.acme.Collector), "/deletion": d.As(t, d.acme.Manager)}
	answers := make(chan webtest.Page, len(clients))
	var wg sync.WaitGroup
	for path, c := range clients {
		wg.Go(func() { answers <- c.Post(d.at(ids[0], path), nil) })
	}
	wg.Wait()
	first, second := <-answers, <-answers
	if first.Code > second.Code {
		first, second = second, first
	}
	first.Leads(t, d.profile)
	second.Has(t, http.StatusConflict, "This follow-up was ", "ed by acme ", "Nothing was changed; look at the list again.", "Something else", "Active 1")
	second.Lacks(t, "data-typed")
}

// Who works their day in a second tab comes back to it, and is told there who was
// faster.
func TestSecondFromTheDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.planned(t, march23, "Call the harbour")
	d.As(t, d.acme.Manager).Post(d.at(ids[0], "/completion"), nil).Leads(t, d.profile)
	c := d.As(t, d.acme.Collector)
	day := fmt.Sprintf("/?open=%d", d.id)
	for path, form := range map[string]url.Values{"/completion": values("back", day), "/deletion": values("back", day),
		"/date": values("back", day, "version", "1", "due_on", "2026-03-23", "quick", "2026-03-24")} {
		c.Post(d.at(ids[0], path), form).Leads(t, day)
		c.Get(day).Has(t, http.StatusOK, `flash-warn`, "This follow-up was completed by acme manager on Mon 16 Mar, 10:30. Nothing was changed")
	}
	c.Post(d.at(ids[0], "/completion"), values("back", day, "outcome", "They pay.")).Has(t, http.StatusConflict, "They pay.")
	c.Post(d.at(ids[0], "/completion"), values("back", "//evil.example/")).Has(t, http.StatusConflict)
}

func TestMove(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.planned(t, march23, "Call the harbour")
	c := d.As(t, d.acme.Collector)
	at := d.at(ids[0], "/date")
	c.Post(at, values("version", "1", "due_on", "2026-03-18", "due_at", "11:20", "back", "/customers?q=x")).Leads(t, "/customers?q=x")
	c.Get(d.profile).Has(t, http.StatusOK, "The follow-up is moved to Wed 18 Mar 2026, 11:20.")
	c.Post(at, values("version", "2", "due_on", "2026-03-18", "due_at", "11:20", "quick", "2026-03-19")).Leads(t, d.profile)
	c.Get(d.profile).Has(t, http.StatusOK, "Thu 19 Mar 2026, 11:20.")
	c.Post(at, values("version", "3", "due_on", "2026-03-01", "due_at", "09:50")).Has(t, http.StatusUnprocessableEntity, "This day is past.", `value="2026-03-01"`, `value="09:50"`)
	c.Post(at, values("version", "2", "due_on", "2026-03-25")).Has(t, http.StatusConflict, "Somebody else changed this follow-up meanwhile.", `value="2026-03-25"`)
	c.Post(d.at(ids[0], "/deletion"), nil).Leads(t, d.profile)
	c.Post(at, values("version", "4", "due_on", "2026-03-25")).Has(t, http.StatusConflict, "deleted by acme collector")
	c.Post(d.window+"/x/date", nil).Has(t, http.StatusNotFound)
}

// The panel: the late first and filled, a passed hour, who nobody is left to do.
// S1.2, S1.5.
func TestBadges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.planned(t, march23, "to come")
	if _, err := d.Owner(t).Exec(t.Context(), `
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, due_at, text)
		VALUES ($1, $2, $3, '2026-03-13', NULL, 'late'), ($1, $2, $4, '2026-03-16', '10:30', 'an hour ago'), ($1, $2, $4, '2026-03-16', '10:31', 'soon')`,
		d.acme.ID, d.id, d.acme.CollectorID, d.acme.ManagerID); err != nil {
		t.Fatal(err)
	}
	text := plain(d.As(t, d.acme.Collector).Get(d.profile))
	for _, want := range []string{"3 days late Fri 13 Mar late · You", "since 10:30 Mon 16 Mar 10:30 an hour ago · acme manager",
		"Mon 16 Mar 10:31 soon · acme manager", "Next: your follow-up on Fri 13 Mar."} {
		if !strings.Contains(text, want) {
			t.Errorf("the profile does not say %q: %s", want, text)
		}
	}
	if strings.Contains(text, "since 10:31") {
		t.Error("an hour to come has passed")
	}
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID); err != nil {
		t.Fatal(err)
	}
	c := d.As(t, d.acme.Admin)
	if text := plain(c.Get(d.profile)); !strings.Contains(text, "soon · No owner") || !strings.Contains(text, "Next: acme collector’s follow-up on Fri 13 Mar.") {
		t.Errorf("the profile says %s", text)
	}
	if text := plain(c.Get(d.window)); !strings.Contains(text, "No owner acme manager left") {
		t.Errorf("the window says %s", text)
	}
}

// Day and hour are the company's wall clock on the page, wherever the server and
// the reader are: the company is in Auckland, the program's clock in Los Angeles,
// on either side of the nights in which Auckland's clocks change.
func TestCompanysClock(t *testing.T) {
	t.Parallel()
	angeles, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	owner := d.Owner(t)
	for _, sql := range []string{`UPDATE tenants SET time_zone = 'Pacific/Auckland'`, `
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, due_at, text)
		SELECT tenant_id, id, (SELECT min(id) FROM members), due::date, '02:30', 'Ring'
		FROM customers, unnest('{2026-04-05,2026-09-27}'::text[]) due`} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	const april, september = "Sun 5 Apr 02:30 Ring", "Sun 27 Sep 02:30 Ring"
	for _, x := range []struct{ utc, today, badge, due string }{
		{"2026-04-04T10:30:00Z", "2026-04-04", "", april},                // 23:30
		{"2026-04-04T13:29:00Z", "2026-04-05", "", april},                // 02:29
		{"2026-04-04T13:30:00Z", "2026-04-05", "since 02:30", april},     // 02:30, which comes again in an hour
		{"2026-04-05T11:59:00Z", "2026-04-05", "since 02:30", april},     // 23:59 of a day with 25 hours
		{"2026-04-05T12:00:00Z", "2026-04-06", "1 day late", april},      // midnight
		{"2026-09-26T13:59:00Z", "2026-09-27", "", september},            // 01:59, and 03:00 a minute later
		{"2026-09-26T14:00:00Z", "2026-09-27", "since 02:30", september}, // 03:00
		{"2026-09-27T10:59:00Z", "2026-09-27", "since 02:30", september}, // 23:59 of a day with 23 hours
		{"2026-09-27T11:00:00Z", "2026-09-28", "1 day late", september},  // midnight
	} {
		at, err := time.Parse(time.RFC3339, x.utc)
		if err != nil {
			t.Fatal(err)
		}
		d.DB.Now = func() time.Time { return at.In(angeles) }
		c := d.As(t, d.acme.Collector)
		text := plain(c.Get(d.profile))
		for _, badge := range []string{"", "since 02:30", "1 day late"} {
			if strings.Contains(text, badge+" "+x.due) != (badge == "" || badge == x.badge) {
				t.Errorf("at %s the badge of %s is not %q: %s", x.utc, x.due, x.badge, text)
			}
		}
		today, err := day.Parse(x.today)
		if err != nil {
			t.Fatal(err)
		}
		form := values("assignee", fmt.Sprint(d.acme.CollectorID), "due_on", today.Add(-1).String(), "text", "Write")
		c.Post(d.window, form).Has(t, http.StatusUnprocessableEntity, "This day is past.")
		form.Set("due_on", x.today)
		form.Set("timed", "on")
		form.Set("due_at", "23:59")
		c.Post(d.window, form).Leads(t, d.here())
		c.Get(d.here()).Has(t, http.StatusOK, "Follow-up planned for "+today.Long()+", 23:59.")
	}
}

// A follow-up that moved with a merging is found at its old address, and what was typed
// into a form of it stays.
func TestFollowUpOfADuplicate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.planned(t, march23, "Call the harbour")[0]
	var keep int64
	if err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
		keep, _ = dbtest.Customer(t, tx, "C-20000")
		return merge.Merge(t.Context(), tx, merge.Plan{From: d.id, Into: keep, FromVersion: 1, IntoVersion: 1, Reason: "Same tax number"})
	}); err != nil {
		t.Fatal(err)
	}
	c := d.As(t, d.acme.Collector)
	now := fmt.Sprintf("/customers/%d/followups/%d", keep, id)
	c.Get(d.at(id, "")).Leads(t, now)
	c.Get(now).Has(t, http.StatusOK, "was merged into this customer.", "Call the harbour")
	c.Post(d.at(id, ""), values("version", "1", "seen_text", "Call the harbour", "text", "Call <again>", "due_on", "2026-03-23", "assignee", fmt.Sprint(d.acme.CollectorID))).
		Has(t, http.StatusConflict, "merged into another one", "Call &lt;again&gt;</textarea>", fmt.Sprintf(`action="/customers/%d/notes"`, keep))
	c.Post(d.at(id, "/completion"), values("outcome", "They <pay>")).Has(t, http.StatusConflict, "merged into another one", "They &lt;pay&gt;</textarea>")
	for _, path := range []string{"/date", "/deletion"} {
		c.Post(d.at(id, path), values("version", "1", "due_on", "2026-03-24")).Has(t, http.StatusConflict, "merged into another one", "Open the other one")
	}
	c.Get(now).Has(t, http.StatusOK, "Done, with an outcome")
	d.As(t, dbtest.Tenant(t, d.Database, "beta").Manager).Get(d.at(id, "")).Has(t, http.StatusNotFound)
}
