package customers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func text(s string) url.Values { return url.Values{"text": {s}} }

// S1.30.
func TestAddNote(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	at := fmt.Sprintf("/customers/%d/notes", halden(t, s, acme))
	c := s.As(t, acme.Collector)
	c.Post(at, text("<script>alert(1)</script>\nSecond line.")).Leads(t, at)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "The note is in the journal.", "&lt;script&gt;alert(1)&lt;/script&gt;\nSecond line.", "You", "Created", "acme manager")
	page.Lacks(t, "<script>alert")

	typed := "He said: my card is 4111 1111 1111 1111."
	c.Post(at, text(typed)).Has(t, http.StatusUnprocessableEntity, "payment card number", typed, `aria-invalid="true"`, "Second line.")
	c.Post(at, text(strings.Repeat("x", note.MaxTyped+1))).Has(t, http.StatusUnprocessableEntity, "4001 characters")
	c.Post(at, text("")).Has(t, http.StatusUnprocessableEntity, "an empty note says nothing")
	c.Post(at, text("a\x00b")).Has(t, http.StatusBadRequest, "characters that are not text")
	c.Post(at, text(strings.Repeat("x", 2<<20))).Has(t, http.StatusRequestEntityTooLarge)
	s.As(t, beta.Admin).Post(at, text("x")).Has(t, http.StatusNotFound)
	s.Nobody(t).Post(at, text("x")).Has(t, http.StatusUnauthorized)

	twice := url.Values{"text": {"Sent twice."}, "form_id": {"0b2e43a0-5a0e-4f0a-9d8c-0d1e7f1d0002"}}
	c.Post(at, twice).Leads(t, at)
	c.Post(at, twice).Leads(t, at)
	var notes int
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM notes WHERE kind = 'note'`).Scan(&notes); err != nil || notes != 2 {
		t.Errorf("%d notes are written, want 2 (%v)", notes, err)
	}
}

func TestCorrection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	at := fmt.Sprintf("/customers/%d/notes", halden(t, s, acme))
	c := s.As(t, acme.Collector)
	c.Post(at, text("Promised 12,000.")).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, `href="`+at+`/2/correction"`)
	c.Get(at+"/2/correction").Has(t, http.StatusOK, "Save the correction", "\nPromised 12,000.</textarea>")
	c.Post(at+"/2/correction", text("Promised 12,000.")).Has(t, http.StatusUnprocessableEntity, "what the note says already")
	c.Post(at+"/2/correction", text("Promised 13,000.")).Leads(t, at)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "Note 2 is corrected.", `<del class="corrected">Promised 12,000.</del>`, "Corrected in", "Corrects", `id="note-3"`)
	page.Lacks(t, at+"/2/correction")
	c.Get(at+"/2/correction").Has(t, http.StatusConflict, "correct the correction")
	c.Post(at+"/2/correction", text("Promised 14,000.")).Has(t, http.StatusConflict, "correct the correction")
	c.Post(at+"/1/correction", text("x")).Has(t, http.StatusForbidden, "Dunwell wrote this line")
	s.As(t, acme.Manager).Post(at, text("Of the manager.")).Leads(t, at)
	c.Post(at+"/4/correction", text("x")).Has(t, http.StatusForbidden, "Only its author or a manager")
	c.Get(at).Lacks(t, at+"/4/correction")
	for _, path := range []string{at + "/99/correction", at + "/x/correction"} {
		c.Get(path).Has(t, http.StatusNotFound)
	}
	s.As(t, beta.Admin).Get(at+"/3/correction").Has(t, http.StatusNotFound)
	s.As(t, beta.Admin).Post(at+"/3/correction", text("x")).Has(t, http.StatusNotFound)
}

// Who saves a correction second keeps what was typed beside what the first one wrote.
func TestCorrectedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	at := fmt.Sprintf("/customers/%d/notes", halden(t, s, acme))
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	c.Post(at, text("Promised 12,000.")).Leads(t, at)
	m.Post(at+"/2/correction", text("Promised 13,000.")).Leads(t, at)
	page := c.Post(at+"/2/correction", text("Promised 14,000."))
	page.Has(t, http.StatusConflict, "Promised 13,000.", "acme manager", "\nPromised 14,000.</textarea>", fmt.Sprintf(`action="%s"`, at), "Add note", "note of your own")
	page.Lacks(t, `action="`+at+`/3/correction"`)
	c.Get(at+"/2/correction").Lacks(t, "Promised 13,000.</textarea>") // another's words are nobody's own note
	page = m.Post(at+"/2/correction", text("Promised 15,000."))
	page.Has(t, http.StatusConflict, "Promised 13,000.", "\nPromised 15,000.</textarea>", `action="`+at+`/3/correction"`, "correct the correction")
	m.Post(at+"/3/correction", text("Promised 15,000.")).Leads(t, at)
	m.Get(at+"/2/correction").Has(t, http.StatusConflict, "\nPromised 15,000.</textarea>", `action="`+at+`/4/correction"`)
}

func TestPins(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d/notes", id)
	c := s.As(t, acme.Collector)
	back := url.Values{"back": {"kind=created&x=%22"}}
	c.Post(at+"/1/pin", back).Leads(t, at+"?kind=created&x=%22#note-1")
	c.Post(at+"/1/pin", nil).Leads(t, at+"#note-1")
	c.Get(at).Has(t, http.StatusOK, "Note 1 is pinned.", ">Pinned</h2>", at+"/1/unpin")
	c.Get(fmt.Sprintf("/customers/%d", id)).Has(t, http.StatusOK, ">Pinned</h2>")
	c.Post(at+"/99/pin", nil).Has(t, http.StatusNotFound)
	s.As(t, beta.Admin).Post(at+"/1/unpin", nil).Has(t, http.StatusNotFound)
	c.Get(at).Has(t, http.StatusOK, at+"/1/unpin")
	c.Post(at+"/1/unpin", url.Values{"back": {"%zz"}}).Leads(t, at+"#note-1")
	c.Get(at).Lacks(t, ">Pinned</h2>", "/unpin")
}

func TestNotesFilterAndPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d/notes", id)
	write(t, s, acme.Collector, func(tx *tenant.Tx) error {
		var notes []note.New
		for i := range 60 {
			notes = append(notes, note.New{CustomerID: id, Kind: note.Typed, Text: fmt.Sprintf("Called, time %d.", i)})
		}
		return note.AddMany(t.Context(), tx, notes)
	})
	c := s.As(t, acme.Collector)
	first := c.Get(at)
	first.Has(t, http.StatusOK, "Called, time 59.", "Called, time 10.")
	first.Lacks(t, "Called, time 9.", "First page")
	second := c.Get(nextPage(first))
	second.Has(t, http.StatusOK, "Called, time 9.", "Called, time 0.", "First page", "Created as business customer")
	if strings.Contains(second.Body, `rel="next"`) {
		t.Error("there is a third page")
	}
	only := c.Get(fmt.Sprintf("%s?kind=created&author=%d", at, acme.ManagerID))
	only.Has(t, http.StatusOK, "Created as business customer", "Clear")
	if strings.Count(only.Body, `id="note-`) != 1 {
		t.Error("the filter lets more through")
	}
	found := c.Get(at + "?words=+TIME+1")
	found.Has(t, http.StatusOK, "Called, time 19.", "Called, time 1.", `value="TIME 1"`, "Clear")
	if n := strings.Count(found.Body, `id="note-`); n != 15 { // 1, 10 to 19, 21 to 51
		t.Errorf("%d notes have the words, want 15", n)
	}
	pages := c.Get(at + "?words=called")
	pages.Lacks(t, "Called, time 9.")
	c.Get(nextPage(pages)).Has(t, http.StatusOK, "Called, time 9.", "Called, time 0.", `value="called"`)
	c.Get(at+"?words=%25").Has(t, http.StatusOK, "No note fits", `value="%"`)
	c.Get(at+"?words="+strings.Repeat("%C3%A6", 101)).Has(t, http.StatusUnprocessableEntity, "This has 101 characters and there is room for 100.")
	c.Get(at+"?to=2020-01-01").Has(t, http.StatusOK, "No note fits", "Show all notes")
	c.Get(at+"?from=yesterday").Has(t, http.StatusUnprocessableEntity, "Give a day such as 2026-03-16.", `value="yesterday"`)
	c.Get(at+"?author=x").Has(t, http.StatusUnprocessableEntity, "damaged")
	c.Get(at+"?before=x").Has(t, http.StatusUnprocessableEntity, "damaged")
}

func TestExports(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d/journal", id)
	c := s.As(t, acme.Collector)
	for ending, contentType := range map[string]string{".pdf": "application/pdf", ".csv": "text/csv; charset=utf-8"} {
		page := c.Get(at + ending)
		page.Has(t, http.StatusOK)
		if got := page.Header.Get("Content-Type"); got != contentType {
			t.Errorf("%s is %q", ending, got)
		}
		if got, want := page.Header.Get("Content-Disposition"), fmt.Sprintf(`attachment; filename="journal-00428-2026-03-16%s"`, ending); got != want {
			t.Errorf("it is sent as %q, want %q", got, want)
		}
		s.As(t, beta.Admin).Get(at+ending).Has(t, http.StatusNotFound)
	}
	c.Get(at+".csv").Has(t, http.StatusOK, "Created as business customer 00428, Halden & Sønn AS.", "acme manager")
	var exported int
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM audit_events WHERE kind = 'customer.exported'`).Scan(&exported); err != nil || exported != 3 {
		t.Errorf("%d exports are on record, want 3 (%v)", exported, err)
	}
}
