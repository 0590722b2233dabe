package cases_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// Going on says what is wrong on the pages that are left; what depends on what happens
// next waits for the last one, and going back says nothing.
func TestEachPageIsCheckedWhenGoingOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	var point int64
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		point, err = customer.AddPoint(t.Context(), tx, d.customer, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna", Role: customer.Debtor})
		return err
	})
	item, disputed := fmt.Sprint(d.a), d.status(t, ledger.Disputed)
	for name, at := range map[string]struct {
		form   url.Values
		status int
		want   []string
	}{
		"nothing is ticked":  {url.Values{"go": {"2"}, "comment": {"kept words"}}, http.StatusUnprocessableEntity, []string{"Step 1 of 3", "Tick the items that this is about.", "kept words"}},
		"no reason":          {url.Values{"go": {"2"}, "item": {item}, "status": {disputed}}, http.StatusUnprocessableEntity, []string{"Step 1 of 3", "Say why the status changes"}},
		"too much":           {url.Values{"go": {"3"}, "item": {item}, "asked_" + item: {"9999"}, "comment": {"x"}}, http.StatusUnprocessableEntity, []string{"Step 1 of 3", "EUR 600.01 is open"}},
		"no amount":          {url.Values{"go": {"2"}, "item": {item}, "asked_" + item: {"much"}, "comment": {"x"}}, http.StatusUnprocessableEntity, []string{"Step 1 of 3", `value="much"`}},
		"a day gone":         {url.Values{"go": {"2"}, "item": {item}, "on": {"2026-03-01"}, "comment": {"x"}}, http.StatusUnprocessableEntity, []string{"Step 1 of 3", "This day is past"}},
		"past the second":    {url.Values{"go": {"3"}, "step": {"2"}, "item": {item}, "on": {"soon"}}, http.StatusUnprocessableEntity, []string{"Step 1 of 3", "This is no day."}},
		"nothing is said":    {url.Values{"go": {"3"}, "step": {"2"}, "item": {item}, "mail": {"customer"}, "point": {fmt.Sprint(point)}, "subject": {"kept subject"}}, http.StatusUnprocessableEntity, []string{"Step 2 of 3", "Write what is to be said.", "kept subject"}},
		"not yet":            {url.Values{"go": {"2"}, "item": {item}, "mail": {"customer"}, "deadline_on": {"soon"}}, http.StatusOK, []string{"Step 2 of 3"}},
		"the action says it": {url.Values{"go": {"3"}, "item": {item}, "asked_" + item: {"100"}, "resolver": {fmt.Sprint(d.jo)}, "action": {"none"}}, http.StatusOK, []string{"Step 3 of 3"}},
		"back":               {url.Values{"go": {"1"}, "step": {"2"}, "mail": {"customer"}}, http.StatusOK, []string{"Step 1 of 3"}},
		"changed meanwhile":  {url.Values{"go": {"2"}, "item": {item}, "version_" + item: {"7"}}, http.StatusConflict, []string{"Step 1 of 3", "Item A was changed meanwhile"}},
	} {
		t.Run(name, func(t *testing.T) {
			if !at.form.Has("step") {
				at.form.Set("step", "1")
			}
			c.Post(d.at("/statuschange"), at.form).Has(t, at.status, at.want...)
		})
	}
}
