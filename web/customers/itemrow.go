package customers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/cases"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// openRow is a row that is worked on: what was set against it, and the forms as
// typed.
type openRow struct {
	ledger.Posting
	Applications []ledger.Application
	Live         bool // the list is as of today: forms act on what is shown
	Statuses     []ledger.Status
	Payables     []ledger.Payable // what a credit can pay
	Lines        payLines

	Status, StatusReason string
	Until, PauseReason   string
	Errors               errs.Invalid
}

// openPosting reads one row with what its forms need.
func openPosting(r *http.Request, tx *tenant.Tx, f ledger.PostingFilter, source ledger.Source, id int64) (*openRow, error) {
	ctx := r.Context()
	posting, err := ledger.FindPosting(ctx, tx, f, source, id)
	if err != nil {
		return nil, err
	}
	o := &openRow{Posting: posting, Live: f.AsOf == tx.Today()}
	if o.Applications, err = ledger.ApplicationsOf(ctx, tx, f.CustomerID, source, id, f.AsOf); err != nil || !o.Live {
		return o, err
	}
	if posting.Credit() {
		o.Payables, err = ledger.Payables(ctx, tx, f.CustomerID, posting.AccountID, posting.Currency, maxPayables)
		o.Lines = propose(o.Payables, -posting.Open, posting.Currency)
		return o, err
	}
	if source == ledger.OfPayment {
		return o, nil
	}
	o.Status = strconv.FormatInt(posting.StatusID, 10)
	if o.Statuses, err = ledger.Statuses(ctx, tx); err != nil {
		return o, err
	}
	o.Until, o.PauseReason = posting.PausedUntil.String(), posting.PauseReason
	if posting.PausedUntil.IsZero() {
		until, err := ledger.ProposePause(ctx, tx)
		if err != nil {
			return o, err
		}
		o.Until = until.String()
	}
	return o, nil
}

// pauseItem pauses the item, or changes its pause.
func pauseItem(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	customer, item := web.ID(r, "customer"), web.ID(r, "item")
	until, reason := r.PostFormValue("until"), strings.TrimSpace(r.PostFormValue("pause_reason"))
	p, err := loadRow(r, tx, ledger.OfItem)
	if err != nil {
		return err
	}
	d := typedDay(until)
	err = ledger.PauseItem(r.Context(), tx, customer, ledger.Pause{ItemID: item, Until: d, Reason: reason, Version: web.Version(r)})
	if errors.As(err, &p.Open.Errors) {
		p.Open.Until, p.Open.PauseReason = until, reason
		return web.Render(w, r, http.StatusUnprocessableEntity, itemsScreen(p))
	}
	if err != nil {
		return err
	}
	return backToRow(w, r, ledger.OfItem, item, "The item is paused until "+d.Long()+".")
}

// endPause ends the item's pause before its day.
func endPause(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	item := web.ID(r, "item")
	if err := ledger.EndPause(r.Context(), tx, web.ID(r, "customer"), item, web.Version(r)); err != nil {
		return err
	}
	return backToRow(w, r, ledger.OfItem, item, "The pause is ended.")
}

// setStatus gives the item another status, and what that makes of it.
func setStatus(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	customer, item := web.ID(r, "customer"), web.ID(r, "item")
	status, reason := r.PostFormValue("status"), strings.TrimSpace(r.PostFormValue("status_reason"))
	p, err := loadRow(r, tx, ledger.OfItem)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(status, 10, 64)
	if err != nil {
		id = -1 // what is no id is no status
	}
	done, err := cases.Apply(r.Context(), tx, cases.Change{CustomerID: customer, Items: []cases.Ticked{{ID: item, Version: web.Version(r)}}, StatusID: id, Comment: reason})
	if errors.As(err, &p.Open.Errors) {
		p.Open.Errors = renamed(p.Open.Errors, "comment", "status_reason")
		p.Open.Status, p.Open.StatusReason = status, reason
		return web.Render(w, r, http.StatusUnprocessableEntity, itemsScreen(p))
	}
	if err != nil {
		return err
	}
	flash := "The item has its new status."
	if done.ByRule {
		flash = "The item has its new status, which makes a case of its own: it is open now."
	}
	return backToRow(w, r, ledger.OfItem, item, flash)
}

// renamed puts a message beside the field of another name.
func renamed(inv errs.Invalid, from, to string) errs.Invalid {
	list := errs.Invalid{}
	for field, text := range inv {
		if field == from {
			field = to
		}
		list[field] = text
	}
	return list
}

// applyPayment sets credit of a payment against items.
func applyPayment(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return applyCredit(w, r, tx, ledger.OfPayment, ledger.ApplyPayment)
}

// applyNote sets a credit note against items.
func applyNote(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return applyCredit(w, r, tx, ledger.OfItem, ledger.ApplyCreditNote)
}

func applyCredit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, source ledger.Source,
	apply func(context.Context, *tenant.Tx, int64, int64, []ledger.Line) (ledger.Receipt, error)) error {
	p, err := loadRow(r, tx, source)
	if err != nil {
		return err
	}
	var receipt ledger.Receipt
	typed := typedLines(r)
	lines, err := typed.parse(p.Open.Currency)
	if err == nil {
		receipt, err = apply(r.Context(), tx, p.Customer.ID, p.Open.ID, lines)
	}
	if inv := (errs.Invalid{}); errors.As(err, &inv) {
		if p, err = loadRow(r, tx, source); err != nil { // somebody else may have paid of it
			return err
		}
		typed.keep(p.Open.Payables, &inv)
		p.Open.Lines, p.Open.Errors = typed, inv
		return web.Render(w, r, http.StatusUnprocessableEntity, itemsScreen(p))
	}
	if err != nil {
		return err
	}
	asked := ""
	if source == ledger.OfItem {
		if asked, err = askCase(r.Context(), tx, lines); err != nil {
			return err
		}
	}
	return backToRow(w, r, source, p.Open.ID, receipt.Text+asked)
}

// askCase says where it has to be said whether a credit note was for what is in
// question; empty where nothing is.
func askCase(ctx context.Context, tx *tenant.Tx, lines []ledger.Line) (string, error) {
	ids := make([]int64, len(lines))
	for n, l := range lines {
		ids[n] = l.ItemID
	}
	list, err := cases.Questions(ctx, tx, ids)
	text := ""
	for _, q := range list {
		text += fmt.Sprintf(" %s stands in the case %s with %s in question: say there whether this was for it.", q.Number, q.Case, money.New(q.Asked, q.Currency))
	}
	return text, err
}

// action is where a form about the open row is sent; the choice travels with it,
// so that one comes back to the same place.
func (p itemsPage) action(noun string) templ.SafeURL {
	at := fmt.Sprintf("/customers/%d/%ss/%d/%s", p.Customer.ID, p.Open.Source, p.Open.ID, noun)
	if len(p.Query) > 0 {
		at += "?" + p.Query.Encode()
	}
	return templ.SafeURL(at + "#" + rowID(p.Open.Posting))
}

// backToRow answers a form about a row: the same choice with the row open.
func backToRow(w http.ResponseWriter, r *http.Request, source ledger.Source, id int64, flash string) error {
	q := url.Values{}
	for _, name := range []string{"account", "as_of", "show", "currency", "after"} {
		if v := r.URL.Query().Get(name); v != "" {
			q.Set(name, v)
		}
	}
	q.Set(string(source), strconv.FormatInt(id, 10))
	return web.SeeOther(w, r, itemsAddress(web.ID(r, "customer"), q)+fmt.Sprintf("#%s-%d", source, id), flash)
}
