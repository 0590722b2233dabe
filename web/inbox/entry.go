package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// work is an entry as it is worked: in its row of the list, or on its page.
type work struct {
	inbox.Entry
	Files  []document.Document
	Lines  []inbox.Line // what was said before, the newest first
	Points []customer.ContactPoint
	May    contactrule.Rulings
	Debt   ledger.Standing
	Ready  bool // an answer can be sent
	// Who said whose it is, where it was a stranger's.
	Matching inbox.Matching
	// Of somebody whom nobody knows yet.
	Query string
	Hits  []customer.Hit

	Page   bool   // it has a page to itself
	Back   string // where one goes on after it
	Do     string // what it was opened for: answer or handle
	Typed  url.Values
	Errors errs.Invalid
	Notice string
}

// earlier is how much of what was said before stands below an entry.
const earlier = 20

// read loads the entry with what stands around it.
func (p *work) read(ctx context.Context, tx *tenant.Tx, box *message.Outbox, id int64) (err error) {
	if p.Entry, err = inbox.Find(ctx, tx, id); err != nil {
		return err
	}
	if p.Files, err = inbox.Files(ctx, tx, p.Entry); err != nil {
		return err
	}
	if p.CustomerID == 0 {
		return nil
	}
	if p.Matching, err = inbox.MatchingOf(ctx, tx, p.Entry); err != nil {
		return err
	}
	if p.Lines, err = inbox.Conversation(ctx, tx, p.CustomerID, p.Channel, time.Time{}, earlier); err != nil {
		return err
	}
	p.Lines = slices.DeleteFunc(p.Lines, func(l inbox.Line) bool { return l.EntryID == p.ID })
	return p.readCustomer(ctx, tx, box)
}

// readCustomer loads who it is of, and how they can be answered.
func (p *work) readCustomer(ctx context.Context, tx *tenant.Tx, box *message.Outbox) error {
	c, err := customer.Find(ctx, tx, p.CustomerID)
	if err != nil {
		return err
	}
	care, err := customer.CareOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, point := range care.InUse() {
		if slices.Contains(point.Kind.Channels(), p.Channel) {
			p.Points = append(p.Points, point)
		}
	}
	if p.May, err = contactrule.OfCare(ctx, tx, c, care); err != nil {
		return err
	}
	b := tx.Batch()
	ledger.QueueStanding(b, c.ID, &p.Debt)
	if err := b.Send(ctx); err != nil {
		return err
	}
	p.Ready = box.Ready()
	if p.Channel == customer.SMS {
		_, why, err := box.ReadySMS(ctx, tx)
		p.Ready = why == ""
		return err
	}
	return nil
}

// answerable tells that it can be answered from here. A resolver is answered from the
// case.
func (p work) answerable() bool {
	return p.CustomerID != 0 && p.ReceivedID != 0 && p.Kind != inbox.Answer && p.Came != inbox.Bounce && len(p.Points) > 0
}

// point is where an answer goes unless somebody says otherwise: where it came from.
func (p work) point() int64 {
	if typed := web.Number(p.Typed.Get("point")); typed != 0 {
		return typed
	}
	if slices.ContainsFunc(p.Points, func(c customer.ContactPoint) bool { return c.ID == p.PointID }) {
		return p.PointID
	}
	if len(p.Points) > 0 {
		return p.Points[0].ID
	}
	return 0
}

// subject is the subject of an answer.
func (p work) subject() string {
	if typed := p.Typed.Get("subject"); typed != "" {
		return typed
	}
	return message.Re(p.Subject)
}

func (s screens) show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.workOf(r, tx)
	if err != nil {
		return err
	}
	if r, err = s.app.WithInbox(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, entryScreen(p))
}

// workOf loads the entry of the address, with what was typed.
func (s screens) workOf(r *http.Request, tx *tenant.Tx) (work, error) {
	p := work{Page: true, Typed: r.PostForm, Back: web.Local(r.FormValue("back"), "/inbox"), Do: r.URL.Query().Get("do")}
	if p.Typed == nil {
		p.Typed = url.Values{}
	}
	if err := p.read(r.Context(), tx, s.app.Outbox, web.ID(r, "inbox_entry")); err != nil {
		return p, err
	}
	return p, p.search(r, tx)
}

// answer writes to the customer, which ends what waits for an answer.
func (s screens) answer(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if err := inbox.Hold(r.Context(), tx, web.ID(r, "inbox_entry")); err != nil {
		return err
	}
	p, err := s.workOf(r, tx)
	if err != nil {
		return err
	}
	if web.Version(r) != p.Version {
		p.Notice = web.AnsweredLate(p.Entry)
		return web.Render(w, r, http.StatusConflict, entryScreen(p))
	}
	n := message.New{CustomerID: p.CustomerID, Channel: p.Channel, PointID: web.Number(r.PostFormValue("point")), Body: r.PostFormValue("body")}
	if p.Channel == customer.Mail {
		n.Subject, n.Answers = r.PostFormValue("subject"), p.ReceivedID
	}
	if _, err := s.app.Outbox.Send(r.Context(), tx, n); err != nil {
		return p.refuse(w, r, err, "body")
	}
	if _, err := inbox.Answered(r.Context(), tx, p.CustomerID); err != nil {
		return err
	}
	said := "The answer is on its way."
	if !p.Ready {
		said = "The answer is held: nothing that sends it is set up here yet."
	}
	return s.onwards(w, r, tx, p, said, "")
}

// refuse shows the entry again with why something was not done. What has no field is
// said beside the one that was typed.
func (p work) refuse(w http.ResponseWriter, r *http.Request, err error, field string) error {
	var no errs.Forbidden
	var conflict errs.Conflict
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &p.Errors):
	case errors.As(err, &no):
		p.Errors = errs.Invalid{field: string(no)}
	case errors.As(err, &conflict):
		p.Notice, status = string(conflict), http.StatusConflict
	default:
		return err
	}
	return web.Render(w, r, status, entryScreen(p))
}

// handle ends the entry with what came of it.
func (s screens) handle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.workOf(r, tx)
	if err != nil {
		return err
	}
	outcome := cmp.Or(r.PostFormValue("quick"), r.PostFormValue("outcome"))
	if err := inbox.Handle(r.Context(), tx, p.ID, web.Version(r), outcome); err != nil {
		return p.refuse(w, r, err, "outcome")
	}
	return s.onwards(w, r, tx, p, "It is handled.", fmt.Sprintf("%s/handling/end?version=%d", path(p.ID), p.Version+1))
}

// reopen takes that back.
func (s screens) reopen(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	e := web.ID(r, "inbox_entry")
	if err := inbox.Reopen(r.Context(), tx, e, web.Version(r)); err != nil {
		return err
	}
	if err := s.app.CountInbox(r.Context(), tx); err != nil {
		return err
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), path(e)), "It is open again.")
}

func (s screens) claim(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	e := web.ID(r, "inbox_entry")
	if err := inbox.Claim(r.Context(), tx, e); err != nil {
		return err
	}
	if err := s.app.CountInbox(r.Context(), tx); err != nil {
		return err
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), path(e)), "It is yours now.")
}

// onwards goes back to the list; from an entry's own page to the next open one.
func (s screens) onwards(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, p work, said, undo string) error {
	if err := s.app.CountInbox(r.Context(), tx); err != nil {
		return err
	}
	to := p.Back
	if r.PostFormValue("then") == "next" {
		next, err := inbox.List(r.Context(), tx, inbox.Filter{Before: p.ID, Limit: 1})
		if err != nil {
			return err
		}
		if len(next) > 0 {
			to = path(next[0].ID)
		}
	}
	if undo == "" {
		return web.SeeOther(w, r, to, said)
	}
	return web.Undoable(w, r, to, said, undo)
}

// open sends a file that came with the entry's message.
func (s screens) open(r *http.Request, tx *tenant.Tx) (web.Download, error) {
	e, err := inbox.Find(r.Context(), tx, web.ID(r, "inbox_entry"))
	if err != nil {
		return web.Download{}, err
	}
	files, err := inbox.Files(r.Context(), tx, e)
	if err != nil {
		return web.Download{}, err
	}
	i := slices.IndexFunc(files, func(d document.Document) bool { return d.ID == web.ID(r, "document") })
	if i < 0 {
		return web.Download{}, fmt.Errorf("file of inbox entry %d: %w", e.ID, errs.NotFound)
	}
	d, content, err := document.Open(r.Context(), tx, s.app.Blobs, files[i].ID)
	if err != nil {
		return web.Download{}, err
	}
	tx.Later(tenant.Event{Kind: "document.opened", Subject: "document", SubjectID: d.ID})
	return web.Download{Content: content, Name: d.Name, MediaType: d.MediaType, Size: d.Size, Show: d.Shows() && r.URL.Query().Get("show") == "1"}, nil
}
