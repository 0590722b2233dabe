package agenda

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// bulk is something that can be done with many entries at once. What is not a
// BulkKind is assign.
type bulk struct{ value, label, icon string }

// bulks are those that the person may do.
func bulks(a tenant.Actor) []bulk {
	if !dunning.CanBulk(a) {
		return nil
	}
	return []bulk{
		{string(dunning.BulkSend), "Send…", "send"}, {string(dunning.BulkApprove), "Send and done…", "check"}, {string(dunning.BulkPrint), "Print letters…", "printer"},
		{"assign", "Assign…", "users"}, {string(dunning.BulkLater), "Do it later…", "clock-pause"},
	}
}

// bulkPage says what a bulk would do, before it is done: with whom, and who is left
// out and why. The choice travels in the form.
type bulkPage struct {
	bulk
	query
	IDs     []int64 // the entries that were chosen
	Except  []int64 // of them, those that somebody took out on this page
	Gone    []int64 // of them, those that are not in the agenda any more
	Plan    dunning.Plan
	Entries []dunning.Entry // the first of those with which something is done
	Quick   []followup.Quick
	Owners  []customer.Owner
	Back    string
	mail    bool   // a mail server is set up
	heldSMS string // why SMS are held; empty: they leave at once
	Typed   url.Values
	Errors  errs.Invalid
	Taken   *dunning.Taken // somebody else was faster with all of them
}

// bulkShown is how many entries the page lists.
const bulkShown = 500

const nothingTicked = "Nobody is ticked. Tick some in the list, or tick all."

// readBulk reads the choice and what the bulk would do.
func (s screens) readBulk(r *http.Request, tx *tenant.Tx) (p bulkPage, err error) {
	p.Typed, p.Back, p.mail = r.Form, web.Local(r.Form.Get("back"), "/agenda"), s.desk.Box.Ready()
	all := bulks(tx.Actor)
	at := slices.IndexFunc(all, func(b bulk) bool { return b.value == r.Form.Get("do") })
	switch {
	case len(all) == 0:
		return p, dunning.ErrBulk
	case at < 0:
		return p, errDamaged
	}
	p.bulk = all[at]
	if p.query, err = readQuery(r.Form); err != nil {
		return p, err
	}
	if p.IDs, err = ids(r.Form["entry"]); err != nil {
		return p, err
	}
	if r.Form.Get("all") != "" {
		every := p.Filter
		every.After, every.Limit = dunning.Key{}, 0
		if p.IDs, err = every.IDs(r.Context(), tx); err != nil {
			return p, err
		}
	}
	if p.Except, err = ids(r.Form["except"]); err != nil {
		return p, err
	}
	if len(p.IDs) == 0 {
		return p, nil
	}
	return p, p.load(s, r, tx)
}

func (p *bulkPage) load(s screens, r *http.Request, tx *tenant.Tx) (err error) {
	ctx := r.Context()
	p.Gone = nil
	if p.value == "assign" {
		b := tx.Batch()
		customer.QueueOwners(b, &p.Owners)
		if err := b.Send(ctx); err != nil {
			return err
		}
	} else {
		if p.Plan, err = s.desk.Plan(ctx, tx, p.choice(), dunning.Bulk{Kind: dunning.BulkKind(p.value)}); err != nil {
			return err
		}
		if _, p.heldSMS, err = s.desk.Box.ReadySMS(ctx, tx); err != nil {
			return err
		}
		if p.value == string(dunning.BulkLater) {
			if p.Quick, err = dunning.LaterDates(ctx, tx); err != nil {
				return err
			}
		}
	}
	if p.Gone, err = dunning.NotOpen(ctx, tx, p.included()); err != nil {
		return err
	}
	done := p.included()
	if p.value == "assign" {
		p.Plan.Entries = len(done)
	}
	p.Entries, err = dunning.FindEntries(ctx, tx, done[:min(len(done), bulkShown)])
	return err
}

func (p bulkPage) choice() dunning.Choice { return dunning.Choice{IDs: p.IDs, Except: p.Except} }

func (s screens) planBulk(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.readBulk(r, tx)
	if err != nil {
		return err
	}
	if len(p.IDs) == 0 {
		return web.SeeOther(w, r, p.Back, nothingTicked)
	}
	return web.Render(w, r, http.StatusOK, bulkScreen(p))
}

func (s screens) startBulk(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.readBulk(r, tx)
	if err != nil {
		return err
	}
	if len(p.IDs) == 0 {
		return web.SeeOther(w, r, p.Back, nothingTicked)
	}
	to, flash := p.Back, ""
	if p.value == "assign" {
		flash, err = p.assign(r, tx)
	} else {
		to, flash, err = p.start(s, r, tx)
	}
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, bulkScreen(p))
	}
	if errors.As(err, &p.Taken) {
		if err := p.load(s, r, tx); err != nil { // what was read before does not hold any more
			return err
		}
		return web.Render(w, r, http.StatusConflict, bulkScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, to, flash)
}

// start begins it, and says with how many somebody else was faster.
func (p bulkPage) start(s screens, r *http.Request, tx *tenant.Tx) (to, said string, err error) {
	what := dunning.Bulk{Kind: dunning.BulkKind(p.value), Reason: either(r.PostFormValue("reason"), noReason)}
	if p.value == string(dunning.BulkLater) {
		if what.Until, err = typedDay(either(r.PostFormValue("quick"), r.PostFormValue("until")), "until"); err != nil {
			return "", "", err
		}
	}
	batch, lost, err := s.desk.Start(r.Context(), tx, p.choice(), what)
	if lost > 0 {
		said = "Somebody else has just started something with " + ui.Count(lost, "of those you chose: it is", "of those you chose: they are") + " not in this batch, and nothing is done twice."
	}
	return batchPath(batch), said, err
}

// assign gives the customers of the entries to a member.
func (p bulkPage) assign(r *http.Request, tx *tenant.Tx) (string, error) {
	to, err := strconv.ParseInt(r.PostFormValue("to"), 10, 64)
	if err != nil {
		return "", errs.Invalid{"owner": "Choose who gets them."}
	}
	entries, err := dunning.FindEntries(r.Context(), tx, p.included())
	if err != nil {
		return "", err
	}
	if len(entries) == 0 && len(p.Gone) > 0 {
		return "", errs.Invalid{"": "Nobody was given to anybody: none of them is in the agenda any more. Go back to the list and tick others."}
	}
	var customers []int64
	for _, e := range entries {
		customers = append(customers, e.CustomerID)
	}
	moved, left, err := customer.Assign(r.Context(), tx, customer.Choice{IDs: customers}, to)
	said := ui.Count(moved, "customer has", "customers have") + " another owner now."
	if left > 0 {
		said += " " + ui.Count(left, "stays where it was: the new owner does not see it.", "stay where they were: the new owner does not see them.")
	}
	return said, err
}

// ids reads the numbers of a form, one or several a field, each once.
func ids(values []string) (list []int64, err error) {
	seen := map[int64]bool{}
	for _, s := range strings.Fields(strings.Join(values, " ")) {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, errDamaged
		}
		if !seen[id] {
			seen[id], list = true, append(list, id)
		}
	}
	return list, nil
}

// included are those that do not stand under Left out, were not taken out and are in
// the agenda yet: the form has no others, so that who is left out stays so, whatever is
// allowed by then.
func (p bulkPage) included() []int64 {
	out := make(map[int64]bool, len(p.Plan.LeftOut))
	for _, id := range slices.Concat(p.Except, p.Gone) {
		out[id] = true
	}
	for _, s := range p.Plan.LeftOut {
		out[s.EntryID] = true
	}
	return slices.DeleteFunc(slices.Clone(p.IDs), func(id int64) bool { return out[id] })
}

// owners are who may get the customers.
func (p bulkPage) owners() []ui.Option {
	options := []ui.Option{{Label: "Choose…"}, {Value: "0", Label: "Nobody"}}
	for _, o := range p.Owners {
		if o.Active {
			options = append(options, ui.Option{Value: strconv.FormatInt(o.ID, 10), Label: o.Name})
		}
	}
	return options
}

// batchPage is how far a bulk has come.
type batchPage struct {
	dunning.Batch
	LeftOut []dunning.Skipped
	Notice  string
}

func showBatch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return renderBatch(w, r, tx, http.StatusOK, "")
}

func renderBatch(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, status int, notice string) (err error) {
	p := batchPage{Notice: notice}
	if p.Batch, p.LeftOut, err = dunning.FindBatch(r.Context(), tx, web.ID(r, "batch")); err != nil {
		return err
	}
	return web.Render(w, r, status, batchScreen(p))
}

// bringBackAll takes back what a batch put away.
func bringBackAll(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	before, n, err := dunning.BringBackAll(r.Context(), tx, web.ID(r, "batch"))
	var conflict errs.Conflict
	if errors.As(err, &conflict) {
		return renderBatch(w, r, tx, http.StatusConflict, string(conflict))
	}
	if err != nil {
		return err
	}
	said := ui.Count(n, "customer is", "customers are") + " back in the agenda."
	switch rest, more := before.Done-before.Away, before.Away-n; {
	case more > 0:
		said += " " + ui.Count(more, "more is", "more are") + " put away still: undo them too."
	case rest == 1:
		said += " 1 other is left as it is: back already, or worked or put away anew since."
	case rest > 1:
		said += " " + ui.Number(rest) + " others are left as they are: back already, or worked or put away anew since."
	}
	return web.SeeOther(w, r, batchPath(before.ID), said)
}

// letters are all that a batch printed, as one file.
func (s screens) letters(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "batch")
	if _, _, err := dunning.FindBatch(r.Context(), tx, id); err != nil {
		return err
	}
	web.Attachment(w, "application/pdf", fmt.Sprintf("letters-%d.pdf", id))
	return s.desk.Letters(r.Context(), tx, id, w)
}
