package customers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// notesPageSize is how many notes stand on a page.
const notesPageSize = 50

// maxWords is how many characters of a note can be looked for.
const maxWords = 100

// notesPage is the tab with the journal.
type notesPage struct {
	profile
	Kind, Author, From, To, Words string // the filter as typed
	note.Choices
	Pinned []note.Note // on the first page only
	Notes  []note.Note
	First  string // the address of the first page; empty: this is it
	Next   string
	Back   string // this page's query, for forms that come back to it
	Text   string // the new note as typed
	Errors errs.Invalid
}

func notes(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadNotes(r, tx)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, notesScreen(p))
}

// loadNotes reads the page that the address asks for.
func loadNotes(r *http.Request, tx *tenant.Tx) (p notesPage, err error) {
	q := r.URL.Query()
	b := p.ask(r, tx, "notes")
	p.Kind, p.Author, p.From, p.To, p.Words = q.Get("kind"), q.Get("author"), q.Get("from"), q.Get("to"), strings.TrimSpace(q.Get("words"))
	f, err := p.filter(q.Get("before"))
	if err != nil {
		return p, err
	}
	note.QueueChoices(b, p.Customer.ID, &p.Choices)
	if f.Before == 0 {
		note.QueuePinned(b, p.Customer.ID, &p.Pinned)
	}
	if len(p.Errors) == 0 {
		note.QueueList(b, f, &p.Notes)
	}
	if err := p.load(r.Context(), b); err != nil || len(p.Errors) > 0 {
		return p, err
	}
	if err := p.together(r.Context(), tx, q, f, &p.Notes); err != nil {
		return p, err
	}
	p.page(q, f.Before)
	return p, nil
}

// filter reads what was chosen, and puts what cannot be read into p.Errors.
func (p *notesPage) filter(before string) (note.Filter, error) {
	f := note.Filter{CustomerID: p.Customer.ID, Words: p.Words, Limit: notesPageSize + 1}
	n := utf8.RuneCountInString(p.Words)
	p.Errors.Check(n <= maxWords, "words", fmt.Sprintf("This has %d characters and there is room for %d. Shorten it.", n, maxWords))
	var err error
	if p.Kind != "" {
		f.Kinds = []string{p.Kind}
	}
	if p.Author != "" {
		id, err := strconv.ParseInt(p.Author, 10, 64)
		if err != nil {
			return f, errDamaged
		}
		f.AuthorID = &id
	}
	if before != "" {
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil {
			return f, errDamaged
		}
	}
	for _, d := range []struct {
		name, typed string
		day         *day.Day
	}{{"from", p.From, &f.From}, {"to", p.To, &f.To}} {
		if d.typed != "" {
			*d.day, err = day.Parse(d.typed)
			p.Errors.Check(err == nil, d.name, "Give a day such as "+p.Today.String()+".")
		}
	}
	return f, nil
}

// page cuts the list to one page and makes the addresses around it.
func (p *notesPage) page(q url.Values, before int64) {
	p.Back = q.Encode()
	at := fmt.Sprintf("/customers/%d/notes", p.Customer.ID)
	if before > 0 || q.Has("older") {
		first := maps.Clone(q)
		first.Del("before")
		first.Del("older")
		p.First = at + "?" + first.Encode()
	}
	if len(p.Notes) > notesPageSize {
		p.Notes = p.Notes[:notesPageSize]
		setOlder(q, p.Notes[notesPageSize-1], p.joined(q))
		p.Next = at + "?" + q.Encode()
	}
}

// filtered tells that the page leaves notes out.
func (p notesPage) filtered() bool { return p.Kind+p.Author+p.From+p.To+p.Words != "" }

func addNote(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	c, err := customer.Find(r.Context(), tx, web.ID(r, "customer"))
	if err != nil {
		return err
	}
	text := r.PostFormValue("text")
	again := func(status int, why errs.Invalid) error {
		p, err := loadNotes(r, tx)
		if err != nil {
			return err
		}
		p.Text, p.Errors = text, why
		return web.Render(w, r, status, notesScreen(p))
	}
	if c.MergedInto != nil {
		return again(http.StatusConflict, nil)
	}
	var invalid errs.Invalid
	_, err = note.Add(r.Context(), tx, note.New{CustomerID: c.ID, Kind: note.Typed, Text: text})
	if errors.As(err, &invalid) {
		return again(http.StatusUnprocessableEntity, invalid)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/customers/%d/notes", c.ID), "The note is in the journal.")
}

func pin(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return changePin(w, r, tx, note.Pin, "Note %d is pinned.")
}

func unpin(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return changePin(w, r, tx, note.Unpin, "Note %d is no longer pinned.")
}

// changePin goes back to the part of the journal that it was asked from.
func changePin(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, change func(context.Context, *tenant.Tx, int64, int64) error, flash string) error {
	c, err := customer.Find(r.Context(), tx, web.ID(r, "customer"))
	if err != nil {
		return err
	}
	seq := web.ID(r, "seq")
	if err := change(r.Context(), tx, c.ID, seq); err != nil {
		return err
	}
	back, _ := url.ParseQuery(r.PostFormValue("back")) // what cannot be read is left out
	to := url.URL{Path: fmt.Sprintf("/customers/%d/notes", c.ID), RawQuery: back.Encode(), Fragment: fmt.Sprintf("note-%d", seq)}
	return web.SeeOther(w, r, to.String(), fmt.Sprintf(flash, seq))
}
