package customers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/merge"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	var keep, gone, foreign int64
	err := s.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		var of int64
		keep, _ = dbtest.Customer(t, tx, "K-101")
		gone, of = dbtest.Customer(t, tx, "K-102")
		dbtest.Item(t, tx, of, "INV-77", "2026-02-01", 77_01, "EUR")
		if _, err := tx.Exec(t.Context(), `UPDATE customers SET name = CASE id WHEN $1 THEN 'Nordlys International AS' ELSE 'Nordlys <Oslo>' END`, keep); err != nil {
			return err
		}
		for of, text := range map[int64]string{keep: "Said to the first", gone: "Said to the duplicate"} {
			if _, err := note.Add(t.Context(), tx, note.New{CustomerID: of, Kind: note.Typed, Text: text}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), beta.Manager, func(tx *tenant.Tx) error { foreign, _ = dbtest.Customer(t, tx, "K-1"); return nil }); err != nil {
		t.Fatal(err)
	}
	at, old := fmt.Sprintf("/customers/%d", keep), fmt.Sprintf("/customers/%d", gone)
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	c.Get(at+"/merge").Has(t, http.StatusForbidden, "Only managers merge")
	c.Get(at+"/account").Lacks(t, "Merge a duplicate")
	m.Get(at+"/account").Has(t, http.StatusOK, at+"/merge")
	page := m.Get(at + "/merge")
	page.Has(t, http.StatusOK, "Who is the same customer?", "Nordlys &lt;Oslo&gt;", fmt.Sprintf("with=%d", gone))
	page.Lacks(t, fmt.Sprintf("with=%d", keep))
	m.Get(at+"/merge?q=nobody").Has(t, http.StatusOK, "No other customer fits")
	m.Get(fmt.Sprintf("%s/merge?with=%d", at, foreign)).Has(t, http.StatusNotFound)
	m.Get(fmt.Sprintf("%s/merge?with=%d", at, keep)).Has(t, http.StatusUnprocessableEntity, "This is the same customer.")
	page = m.Get(fmt.Sprintf("%s/merge?with=%d", at, gone))
	page.Has(t, http.StatusOK, "1 open item", "The number K-102 leads to K-101", "Merge K-102 into K-101", "77.01", fmt.Sprintf("%s/merge?with=%d", old, keep))

	f := values("with", fmt.Sprint(gone), "version", "1", "from_version", "1")
	m.Post(at+"/merge", f).Has(t, http.StatusUnprocessableEntity, "Say how you know")
	m.Post(at+"/merge", values("with", fmt.Sprint(gone), "version", "1", "from_version", "1", "reason", "Card 4111 1111 1111 1111")).
		Has(t, http.StatusUnprocessableEntity, "This looks like a payment card number")
	m.Post(at+"/merge", values("reason", "Seen")).Has(t, http.StatusUnprocessableEntity, "Choose the customer")
	m.Post(at+"/merge", values("with", fmt.Sprint(gone), "version", "1", "from_version", "9", "reason", "Same post box")).
		Has(t, http.StatusConflict, "Somebody else changed one of the two", "Same post box", `name="from_version" value="1"`)
	f.Set("reason", "Same tax number")
	m.Post(at+"/merge", f).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "K-102, Nordlys &lt;Oslo&gt;, is part of this customer now.", "77.01")

	m.Get(old).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, "was merged into this customer.")
	c.Get(old+"/collections").Leads(t, at)
	m.Get(old+"/notes").Has(t, http.StatusOK, "A duplicate", "Said to the duplicate", "Merged into customer K-101")
	m.Get(old+"/notes").Lacks(t, "Add note")
	m.Post(old+"/notes", values("text", "Still <here>")).Has(t, http.StatusConflict, "Open that one and write the note there.", "Still &lt;here&gt;",
		fmt.Sprintf(`href="%s"`, at), fmt.Sprintf(`action="%s/notes"`, at), "Said to the duplicate")
	m.Post(old+"/notes", values("text", "")).Has(t, http.StatusConflict, "A duplicate", fmt.Sprintf(`href="%s"`, at))
	s.As(t, beta.Manager).Post(old+"/notes", values("text", "Still here")).Has(t, http.StatusNotFound)
	m.Get(old+"/notes").Lacks(t, "Still")
	m.Post(at+"/notes", values("text", "Still <here>")).Leads(t, at+"/notes")
	journal := m.Get(at + "/notes")
	journal.Has(t, http.StatusOK, "Said to the first", "Said to the duplicate", "of the merged customer", "Same tax number", fmt.Sprintf(`href="%s/notes/1/correction"`, old))
	c.Get(at).Has(t, http.StatusOK, "Said to the duplicate")
	m.Get("/customers?q=K-102").Has(t, http.StatusOK, "Nordlys International AS")
	m.Post(old+"/archive/end", values("reason", "Back", "version", "2")).Has(t, http.StatusConflict, "was merged into another one")
}

// Of three who merge the same two at once one does; the others read who was first, and
// where the customer went. So does whoever comes later, the other way round too.
func TestMergedAlready(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	var keep, gone, third int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		keep, _ = dbtest.Customer(t, tx, "K-101")
		gone, _ = dbtest.Customer(t, tx, "K-102")
		third, _ = dbtest.Customer(t, tx, "K-103")
		return nil
	})
	at := fmt.Sprintf("/customers/%d", keep)
	f := values("with", fmt.Sprint(gone), "version", "1", "from_version", "1", "reason", "Same tax number")
	var wg sync.WaitGroup
	pages := make(chan webtest.Page, 3)
	for range 3 {
		c := s.As(t, acme.Manager)
		wg.Go(func() { pages <- c.Post(at+"/merge", f) })
	}
	wg.Wait()
	close(pages)
	said := []string{"K-102, Customer K-102, was merged into K-101, Customer K-101, already: it was acme manager on ", fmt.Sprintf(`href="%s"`, at), "Open K-101"}
	first := 0
	for page := range pages {
		if page.Code == http.StatusSeeOther {
			first++
			continue
		}
		page.Has(t, http.StatusConflict, said...)
		page.Lacks(t, "Somebody else changed", `name="from_version"`)
	}
	if first != 1 {
		t.Errorf("%d of three merged them", first)
	}
	a := s.As(t, acme.Admin)
	a.Post(at+"/merge", f).Has(t, http.StatusConflict, said...)
	f.Set("with", fmt.Sprint(keep))
	a.Post(fmt.Sprintf("/customers/%d/merge", gone), f).Has(t, http.StatusConflict, said...)
	f.Set("with", fmt.Sprint(gone))
	a.Post(fmt.Sprintf("/customers/%d/merge", third), f).Has(t, http.StatusConflict, said...)
	f.Set("with", fmt.Sprint(keep))
	a.Post(fmt.Sprintf("/customers/%d/merge", third), f).Has(t, http.StatusConflict, "Somebody else changed one of the two", `name="from_version"`)
}

// duplicate makes two customers of which one was merged into the other, who has its
// account now, and one who is archived.
func duplicate(t *testing.T, s *webtest.Site, acme *dbtest.Company) (keep, gone, put, account int64) {
	t.Helper()
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		keep, _ = dbtest.Customer(t, tx, "K-101")
		gone, account = dbtest.Customer(t, tx, "K-102")
		put, _ = dbtest.Customer(t, tx, "K-103")
		dbtest.Item(t, tx, account, "INV-77", "2026-02-01", 77_01, "EUR")
		if _, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, put); err != nil {
			return err
		}
		return merge.Merge(t.Context(), tx, merge.Plan{From: gone, Into: keep, Reason: "Same tax number", FromVersion: 1, IntoVersion: 1})
	})
	return keep, gone, put, account
}

// A duplicate says wherever it is opened that the work goes on with the other customer,
// and leads there. Nothing says that it could be taken back, as of one who is archived.
func TestDuplicateLeadsOn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	keep, gone, put, account := duplicate(t, s, acme)
	at, old, asleep := fmt.Sprintf("/customers/%d", keep), fmt.Sprintf("/customers/%d", gone), fmt.Sprintf("/customers/%d", put)
	m, c := s.As(t, acme.Manager), s.As(t, acme.Collector)
	other := fmt.Sprintf(`href="%s"`, at)
	for _, path := range []string{"/followups", "/contacts/new", "/watch", "/contactpoints/new", "/vehicles/new", "/stops/new", "/times", "/calls/new", "/activities/new"} {
		page := m.Get(old + path)
		page.Has(t, http.StatusOK, "merged into another one and stays archived", other, "Open the other one")
		page.Lacks(t, "take the customer back")
		m.Get(asleep+path).Has(t, http.StatusOK, "A manager can take the customer back")
	}
	tab := m.Get(old + "/notes")
	tab.Has(t, http.StatusOK, "the work goes on with the other customer", "stands with the other customer", other)
	tab.Lacks(t, old+"/followups", "the customer is archived")
	m.Get(asleep+"/notes").Has(t, http.StatusOK, "the customer is archived", asleep+"/followups")

	for _, path := range []string{"/archive", "/merge", "/merge?q=K", "/details"} {
		m.Get(old+path).Leads(t, at)
		m.Get(at).Has(t, http.StatusOK, "K-102, Customer K-102, was merged into this customer.")
		s.As(t, beta.Manager).Get(old+path).Has(t, http.StatusNotFound)
	}
	c.Get(old+"/archive").Has(t, http.StatusForbidden)
	c.Get(old+"/merge").Has(t, http.StatusForbidden)
	m.Get(asleep+"/archive").Has(t, http.StatusOK, "Take back")
	m.Post(old+"/archive/end", values("reason", "They <are> two")).Has(t, http.StatusConflict, "was merged into another one", "They &lt;are&gt; two", other)
	c.Post(old+"/archive/end", values("reason", "They are two")).Has(t, http.StatusForbidden)
	m.Post(old+"/followups", values("assignee", fmt.Sprint(acme.ManagerID), "due_on", "2026-03-20", "text", "Ask <again>")).
		Has(t, http.StatusConflict, "Ask &lt;again&gt;", "Open the other one", other)

	page := m.Get(fmt.Sprintf("%s/payments/new?account=%d", old, account))
	page.Leads(t, fmt.Sprintf("%s/payments/new?account=%d&amount=&currency=&number=&value_on=", at, account))
	form := m.Get(page.Location)
	form.Has(t, http.StatusOK, "was merged into this customer.", "INV-77", fmt.Sprintf(`value="%d" selected`, account))
	form.Lacks(t, "Not saved yet")
	page = m.Post(old+"/payments", values("account", fmt.Sprint(account), "currency", "EUR", "amount", "77.01", "number", "B-9", "value_on", "2026-03-13"))
	page.Leads(t, fmt.Sprintf("%s/payments/new?account=%d&amount=77.01&currency=EUR&number=B-9&value_on=2026-03-13", at, account))
	m.Get(page.Location).Has(t, http.StatusOK, "The payment is not recorded yet", `value="B-9"`, `value="77.01"`)
	s.As(t, beta.Manager).Get(old+"/payments/new").Has(t, http.StatusNotFound)
}

// Whoever had a form open while the customer was merged or put away is told so; what was
// typed stays to be read.
func TestTypedForADuplicate(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	keep, gone, put, _ := duplicate(t, s, acme)
	c := s.As(t, acme.Collector)
	for path, f := range map[string]url.Values{
		"/contactpoints": values("kind", "email", "value", "typed@<here>.example", "role", "debtor"),
		"/vehicles":      values("registration", "EK <typed> 1"),
		"/stops":         values("kind", "attorney", "reason", "They <typed> wrote", "since", "2026-03-10", "review_on", "2026-04-10"),
		"/calls":         values("point", "0", "number", "+47 <typed> 22 41"),
		"/activities":    values("way", "telephone", "point", "0", "number", "+4722410933", "text", "They <typed> said"),
	} {
		for id, says := range map[int64]string{gone: "Open the other one", put: "A manager can take the customer back"} {
			page := c.Post(fmt.Sprintf("/customers/%d%s", id, path), f)
			page.Has(t, http.StatusConflict, says)
			if !strings.Contains(page.Body, "&lt;typed&gt;") && !strings.Contains(page.Body, "typed@&lt;here&gt;") {
				t.Errorf("%s lost what was typed", path)
			}
			if id == gone {
				page.Has(t, http.StatusConflict, fmt.Sprintf(`href="/customers/%d"`, keep))
			}
		}
	}
}

var olderKey = regexp.MustCompile(`\?older=(\d+)`)

// The journals of several turn their pages together.
func TestJournalsTogetherTurnPages(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	var keep int64
	err := s.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		keep, _ = dbtest.Customer(t, tx, "K-101")
		gone, _ := dbtest.Customer(t, tx, "K-102")
		var notes []note.New
		for n := range 40 {
			notes = append(notes, note.New{CustomerID: keep, Kind: note.Typed, Text: fmt.Sprintf("kept %02d.", n)}, note.New{CustomerID: gone, Kind: note.Typed, Text: fmt.Sprintf("gone %02d.", n)})
		}
		if err := note.AddMany(t.Context(), tx, notes); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `UPDATE customers SET merged_into = $1, merged_at = now(), archived_at = now() WHERE id = $2`, keep, gone)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m := s.As(t, acme.Manager)
	for _, part := range []string{"notes", "collections"} {
		at, seen := fmt.Sprintf("/customers/%d/%s", keep, part), map[string]bool{}
		for range 5 {
			page := m.Get(at)
			page.Has(t, http.StatusOK)
			_, list, _ := strings.Cut(page.Body, `class="journal`)
			for n := range 40 {
				for _, text := range []string{fmt.Sprintf("kept %02d.", n), fmt.Sprintf("gone %02d.", n)} {
					if strings.Contains(list, text) {
						if seen[text] {
							t.Errorf("%s: %s twice", at, text)
						}
						seen[text] = true
					}
				}
			}
			older := olderKey.FindStringSubmatch(page.Body)
			if older == nil {
				break
			}
			at = fmt.Sprintf("/customers/%d/%s?older=%s", keep, part, older[1])
		}
		if len(seen) != 80 {
			t.Errorf("%s: %d of 80 notes seen", part, len(seen))
		}
	}
	m.Get(fmt.Sprintf("/customers/%d/notes?older=x", keep)).Has(t, http.StatusUnprocessableEntity)
}
