package cases_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dunwell/internal/cases"
	"dunwell/internal/tenant"
)

// given opens a case that the resolver is to settle, and makes the link.
func (d *desk) given(t *testing.T) (id int64, token string) {
	t.Helper()
	done, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday, ResolverID: d.jo, Comment: "The price of A is wrong.",
		Case: cases.Opening{Title: "Price", OwnerID: d.acme.CollectorID}})
	if err != nil {
		t.Fatal(err)
	}
	return done.CaseID, d.link(t, done.CaseID)
}

func (d *desk) link(t *testing.T, id int64) (token string) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		token, err = cases.MakeLink(t.Context(), tx, id, cases.LinkDays)
		return err
	})
	return token
}

func (d *desk) look(t *testing.T, token string) (a cases.Asked, err error) {
	t.Helper()
	id, ok := cases.TenantOf(token)
	if !ok {
		return a, cases.ErrNoLink
	}
	err = d.Write(t.Context(), tenant.System(id), func(tx *tenant.Tx) (err error) {
		a, err = cases.Look(t.Context(), tx, token, "192.0.2.7")
		return err
	})
	return a, err
}

func (d *desk) answer(t *testing.T, token string, a cases.Answer) error {
	t.Helper()
	return d.Write(t.Context(), d.acme.System(), func(tx *tenant.Tx) error { return cases.Give(t.Context(), tx, d.box.Store, token, a) })
}

// S4.6: a colleague without a login takes part by a link.
func TestAResolverAnswersOneCaseByLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, token := d.given(t)
	if err := d.comments(t, id, "Between us: careful.", false); err != nil {
		t.Fatal(err)
	}
	a, err := d.look(t, token)
	if err != nil || a.Title != "Price" || a.Customer != "Customer C-1" || len(a.Items) != 1 || a.Items[0].Number != "A" {
		t.Fatalf("%+v, %v", a, err)
	}
	for _, l := range a.Lines {
		if strings.Contains(l.Text, "Between us") {
			t.Error("the resolver reads an internal comment")
		}
	}
	err = d.answer(t, token, cases.Answer{Verdict: cases.Accept, Text: "We charged twice.", FileName: "proof.txt", File: strings.NewReader("proof"), Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	k := d.find(t, id)
	if k.Status != cases.InWork || k.NextOn != today {
		t.Errorf("the case was not given back: %+v", k)
	}
	if got := d.lastLine(t); got != "Jo Sales accepts: the customer is right. We charged twice. Attached: proof.txt." {
		t.Errorf("the journal says %q", got)
	}
	same(t, "the inbox", d.texts(t, `SELECT kind || ' ' || case_id || ' ' || assignee_id || ' ' || state FROM inbox_entries WHERE customer_id = $1`, d.id),
		[]string{"answer " + itoa(id) + " " + itoa(d.acme.CollectorID) + " open"})
	same(t, "the uses", d.texts(t, `SELECT kind || ' ' || coalesce(verdict, '-') || ' ' || address FROM resolver_link_uses ORDER BY id`), []string{"looked - 192.0.2.7", "answered accept 192.0.2.7"})
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		links, err := cases.LinksOf(t.Context(), tx, id)
		if len(links) != 1 || links[0].Uses != 2 || links[0].Resolver != "Jo Sales" || !links[0].Works(tx.Now) {
			t.Errorf("the links are %+v", links)
		}
		history, herr := cases.History(t.Context(), tx, id)
		if history[0].Author != "Jo Sales" || history[0].Event != "answer" {
			t.Errorf("the answer is %+v", history[0])
		}
		return errors.Join(err, herr)
	})
	if hash := d.texts(t, `SELECT encode(token_hash, 'escape') FROM resolver_links`); strings.Contains(token, hash[0]) {
		t.Error("the token is kept")
	}
	d.chases(t, d.a, 0)
}

func TestAnAnswerNeedsAVerdictAndAQuestionItsText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, token := d.given(t)
	for name, c := range map[string]struct {
		cases.Answer
		field string
	}{
		"no verdict":              {cases.Answer{Text: "x"}, "verdict"},
		"another verdict":         {cases.Answer{Verdict: "maybe", Text: "x"}, "verdict"},
		"a question without text": {cases.Answer{Verdict: cases.Ask}, "text"},
		"a card number":           {cases.Answer{Verdict: cases.Refuse, Text: "4111 1111 1111 1111"}, "text"},
	} {
		if err := d.answer(t, token, c.Answer); !invalid(err, c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 { // the page that thanks was loaded anew
		if err := d.answer(t, token, cases.Answer{Verdict: cases.Refuse}); err != nil {
			t.Errorf("a refusal without text: %v", err)
		}
	}
	for _, proof := range []string{"the wrong page", "the right one"} {
		if err := d.answer(t, token, cases.Answer{Verdict: cases.Refuse, FileName: "image.txt", File: strings.NewReader(proof)}); err != nil {
			t.Errorf("the same with a file: %v", err)
		}
	}
	same(t, "the answers", d.texts(t, `SELECT text FROM notes WHERE data->>'event' = 'answer' ORDER BY id`),
		[]string{"Jo Sales refuses: the items are owed.", "Jo Sales refuses: the items are owed. Attached: image.txt.", "Jo Sales refuses: the items are owed. Attached: image.txt."})
}

func TestALinkThatEndedShowsNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(d *desk, t *testing.T, id int64, token *string){
		"altered": func(_ *desk, _ *testing.T, _ int64, token *string) { *token = (*token)[:len(*token)-1] + "_" },
		"another company's": func(d *desk, _ *testing.T, _ int64, token *string) {
			*token = strings.Replace(*token, itoa(d.acme.ID)+".", itoa(d.beta.ID)+".", 1)
		},
		"without a company": func(_ *desk, _ *testing.T, _ int64, token *string) { _, *token, _ = strings.Cut(*token, ".") },
		"revoked": func(d *desk, t *testing.T, id int64, _ *string) {
			d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return cases.RevokeLinks(t.Context(), tx, id) })
		},
		"replaced": func(d *desk, t *testing.T, id int64, _ *string) { d.link(t, id) },
		"expired":  func(d *desk, _ *testing.T, _ int64, _ *string) { d.stand(today.Add(cases.LinkDays + 1)) },
		"of a closed case": func(d *desk, t *testing.T, id int64, _ *string) {
			_ = d.close(t, id, cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: {ToDunning: true}}})
		},
		"of somebody else's": func(d *desk, t *testing.T, id int64, _ *string) {
			_ = d.save(t, id, func(e *cases.Edit) { e.Status, e.ResolverID = cases.InWork, 0 })
		},
	} {
		d := newDesk(t)
		id, token := d.given(t)
		if _, err := d.look(t, token); err != nil {
			t.Fatalf("%s, before: %v", name, err)
		}
		end(d, t, id, &token)
		before := len(d.journal(t))
		a, err := d.look(t, token)
		if !missing(err) || a.Title != "" || len(a.Items) > 0 {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		if err := d.answer(t, token, cases.Answer{Verdict: cases.Accept, Text: "x"}); !missing(err) {
			t.Errorf("%s, answered: %v", name, err)
		}
		if len(d.journal(t)) != before {
			t.Errorf("%s: the journal has a line more", name)
		}
	}
}

// Who answers as the case is closed is told so. Looked at, or ended in another way, the
// link says nothing.
func TestAnAnswerIsToldThatTheCaseIsClosed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, first := d.given(t)
	revoked := d.link(t, id)
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error { return cases.RevokeLinks(t.Context(), tx, id) })
	now := d.Now().Add(time.Minute)
	d.Now = func() time.Time { return now }
	token := d.link(t, id)
	now = now.Add(time.Minute)
	if err := d.close(t, id, cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: {ToDunning: true}}}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	for name, c := range map[string]struct {
		token string
		want  bool
	}{"closed": {token, true}, "replaced": {first, false}, "revoked": {revoked, false}, "altered": {token[:len(token)-1] + "_", false}} {
		if err := d.answer(t, c.token, cases.Answer{Verdict: cases.Accept, Text: "x"}); !missing(err) || errors.Is(err, cases.ErrClosed) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.look(t, token); !errors.Is(err, cases.ErrNoLink) {
		t.Errorf("looked at: %v", err)
	}
	now = now.AddDate(0, 0, cases.LinkDays).Add(-time.Minute * 2)
	if err := d.answer(t, token, cases.Answer{Verdict: cases.Accept, Text: "x"}); !errors.Is(err, cases.ErrNoLink) {
		t.Errorf("after its end: %v", err)
	}
}

func TestALinkWorksUntilItsHour(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, token := d.given(t)
	ends := d.Now().AddDate(0, 0, cases.LinkDays)
	d.Now = func() time.Time { return ends.Add(-time.Second) }
	if _, err := d.look(t, token); err != nil {
		t.Errorf("a second before: %v", err)
	}
	d.Now = func() time.Time { return ends }
	if _, err := d.look(t, token); !missing(err) {
		t.Errorf("at its end: %v", err)
	}
}

func TestALinkIsNotUsedTooOften(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, token := d.given(t)
	if _, err := d.owner.Exec(t.Context(), `INSERT INTO resolver_link_uses (tenant_id, link_id, kind, at) SELECT tenant_id, id, 'looked', clock_timestamp() - make_interval(mins => n)
		FROM resolver_links, generate_series(0, 58) n`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.look(t, token); err != nil {
		t.Errorf("the 60th time: %v", err)
	}
	if _, err := d.look(t, token); !forbidden(err) {
		t.Errorf("the 61st time: %v", err)
	}
	if err := d.answer(t, token, cases.Answer{Verdict: cases.Accept}); !forbidden(err) {
		t.Errorf("an answer then: %v", err)
	}
	same(t, "recorded", d.texts(t, `SELECT DISTINCT kind FROM audit_events WHERE kind LIKE 'resolver_link%'`), []string{"resolver_link.too_often"})
}

func TestALinkNeedsAResolverAndAnEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	do := func(days int) error {
		return d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error { _, err := cases.MakeLink(t.Context(), tx, id, days); return err })
	}
	if err := do(5); !invalid(err, "resolver") {
		t.Errorf("for nobody: %v", err)
	}
	if err := d.save(t, id, func(e *cases.Edit) { e.ResolverID = d.jo }); err != nil {
		t.Fatal(err)
	}
	for days, ok := range map[int]bool{0: false, 1: true, 60: true, 61: false} {
		if err := do(days); (err == nil) != ok {
			t.Errorf("for %d days: %v", days, err)
		}
	}
	if err := d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		if err := cases.RevokeLinks(t.Context(), tx, id); err != nil {
			return err
		}
		return cases.RevokeLinks(t.Context(), tx, id)
	}); !conflict(err, "nothing to revoke") {
		t.Errorf("revoked twice: %v", err)
	}
}
