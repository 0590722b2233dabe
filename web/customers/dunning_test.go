package customers_test

import (
	"net/http"
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// S2.5 to S2.10: the page asks for the day; a shortcut fills the field and saves
// nothing; manual holds until that day, and can be taken back.
func TestReminderMode(t *testing.T) {
	t.Parallel()
	s, acme, c, _, at := two(t)
	write(t, s, acme.Admin, func(tx *tenant.Tx) error { return dunning.SwitchOn(t.Context(), tx, 6) })
	page := c.Get(at + "/dunning")
	page.Has(t, http.StatusOK, "auto: comes up when a level is reached", "/dunning/mode", "data-popup", "Standard, the default", "Nothing yet.")
	page.Lacks(t, "Change<span")
	page = c.Get(at + "/dunning/mode")
	page.Has(t, http.StatusOK, "Comes up next on", "One week", "Two weeks", "One month", "Two months", "Manual from now on")
	form := formOf(t, page, at+"/dunning/mode")
	c.Get(at+"/dunning/mode?quick=2026-04-16&version="+form.Get("version")).Has(t, http.StatusOK, `value="2026-04-16"`)
	c.Get(at+"/dunning").Has(t, http.StatusOK, "auto: comes up when a level is reached")

	c.Post(at+"/dunning/mode", typed(form, "mode", "manual", "next_on", "")).Has(t, http.StatusUnprocessableEntity, "field-error")
	c.Post(at+"/dunning/mode", typed(form, "mode", "manual", "next_on", "2026-03-15")).Has(t, http.StatusUnprocessableEntity, `value="2026-03-15"`)
	c.Post(at+"/dunning/mode", typed(form, "mode", "manual", "next_on", "2026-04-16")).Leads(t, at+"/dunning")
	c.Get(at+"/dunning").Has(t, http.StatusOK, "The customer comes up on Thu 16 Apr 2026, and not before.", "manual: comes up on Thu 16 Apr 2026", "set by acme collector", "Another day…")
	c.Post(at+"/dunning/mode", typed(form, "mode", "auto")).Has(t, http.StatusConflict) // from before
	form = formOf(t, c.Get(at+"/dunning/mode"), at+"/dunning/mode")
	c.Post(at+"/dunning/mode", typed(form, "mode", "auto")).Leads(t, at+"/dunning")
	c.Get(at+"/dunning").Has(t, http.StatusOK, "comes up by itself again", "auto: comes up when a level is reached")
}

// A pause of all reminders has a reason and an end, and can be ended.
func TestPauseReminders(t *testing.T) {
	t.Parallel()
	s, acme, c, m, at := two(t)
	write(t, s, acme.Admin, func(tx *tenant.Tx) error { return dunning.SwitchOn(t.Context(), tx, 6) })
	page := c.Get(at + "/dunning")
	page.Has(t, http.StatusOK, "Pause reminders…", `value="2026-03-30"`)
	form := formOf(t, page, at+"/dunning/pause")
	c.Post(at+"/dunning/pause", typed(form, "reason", "")).Has(t, http.StatusUnprocessableEntity, "field-error")
	c.Post(at+"/dunning/pause", typed(form, "until", "2026-01-01", "reason", "Their bank has a strike")).
		Has(t, http.StatusUnprocessableEntity, `value="2026-01-01"`, "Their bank has a strike")
	c.Post(at+"/dunning/pause", typed(form, "until", "2026-04-09", "reason", "Their bank has a strike")).Leads(t, at+"/dunning")
	page = c.Get(at + "/dunning")
	page.Has(t, http.StatusOK, "Reminders are paused until Thu 9 Apr 2026.", "Their bank has a strike", "acme collector", "Another end…")
	c.Post(at+"/dunning/pause/end", typed(form)).Has(t, http.StatusConflict) // from before
	m.Get(at+"/dunning").Has(t, http.StatusOK, `/details#field-policy"`, "End the pause")
	c.Post(at+"/dunning/pause/end", formOf(t, page, at+"/dunning/pause/end")).Leads(t, at+"/dunning")
	c.Get(at+"/dunning").Has(t, http.StatusOK, "The pause is ended.", "Pause reminders…")
}
