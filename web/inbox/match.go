package inbox

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// mostHits is how many customers are shown of whom a message may be.
const mostHits = 8

// search looks for whose a stranger's message may be: what was typed, else the name
// of who wrote.
func (p *work) search(r *http.Request, tx *tenant.Tx) (err error) {
	if p.CustomerID != 0 || p.ReceivedID == 0 {
		return nil
	}
	if p.Query = r.FormValue("q"); !r.Form.Has("q") {
		p.Query = p.Person
	}
	if strings.TrimSpace(p.Query) != "" {
		p.Hits, err = customer.Search(r.Context(), tx, p.Query, mostHits)
	}
	return err
}

// match says whose it is. The number or address is kept with the customer where that
// was ticked.
func (s screens) match(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.workOf(r, tx)
	if err != nil {
		return err
	}
	whose, point := web.Number(r.PostFormValue("customer")), int64(0)
	if r.PostFormValue("keep") == "on" && p.CustomerID == 0 {
		point, err = p.keep(r, tx, whose)
	}
	if err == nil {
		err = inbox.Match(r.Context(), tx, p.ID, web.Version(r), whose, point)
	}
	if err != nil {
		return p.refuse(w, r, err, "customer")
	}
	if err := s.app.CountInbox(r.Context(), tx); err != nil {
		return err
	}
	to, err := seen(r, tx, p.ID)
	if err != nil {
		return err
	}
	return web.Undoable(w, r, to, "It is theirs now, and stands in their journal.", fmt.Sprintf("%s/customer/end?version=%d", path(p.ID), p.Version+1))
}

// keep adds where it came from to the customer. What is refused of it is said at what
// was ticked.
func (p work) keep(r *http.Request, tx *tenant.Tx, whose int64) (int64, error) {
	sender, err := p.Sender()
	if err != nil {
		return 0, err
	}
	if _, err := customer.Find(r.Context(), tx, whose); err != nil {
		return 0, err
	}
	// What is matched is held with its accounts and items, which come before the customer.
	if err := ledger.Hold(r.Context(), tx, []int64{whose}); err != nil {
		return 0, err
	}
	point, err := customer.AddPoint(r.Context(), tx, whose, sender)
	var refused errs.Invalid
	if errors.As(err, &refused) {
		why := make([]string, 0, len(refused))
		for _, field := range slices.Sorted(maps.Keys(refused)) {
			why = append(why, refused[field])
		}
		return 0, errs.Invalid{"keep": strings.Join(why, " ") + " Or say whose it is without keeping " + sender.Value + "."}
	}
	return point, err
}

// unmatch takes that back.
func (s screens) unmatch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	e := web.ID(r, "inbox_entry")
	if err := inbox.Unmatch(r.Context(), tx, e, web.Version(r)); err != nil {
		if p, rerr := s.workOf(r, tx); rerr == nil && errors.As(err, new(errs.Conflict)) {
			return p.refuse(w, r, err, "customer")
		}
		return err
	}
	if err := s.app.CountInbox(r.Context(), tx); err != nil {
		return err
	}
	to, err := seen(r, tx, e)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, to, "It is not theirs any more: it waits with the unknown senders. Their journal says so.")
}

// seen is the page of an entry, or the inbox where it is now another's to work.
func seen(r *http.Request, tx *tenant.Tx, id int64) (string, error) {
	_, err := inbox.Find(r.Context(), tx, id)
	if errors.Is(err, errs.NotFound) {
		return "/inbox", nil
	}
	return path(id), err
}
