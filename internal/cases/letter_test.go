package cases_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/cases"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// post gives the outbox a mail server in this process.
func (d *desk) post(t *testing.T) *smtptest.Server {
	t.Helper()
	sink := smtptest.New(t)
	server, err := message.NewServer(sink.URL(), "mail@dunwell.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	d.box.Server, d.box.URL, d.box.AnswerLink = server, "https://dunwell.example", cases.AnswerLink
	d.box.Enqueue = func(_ context.Context, _ pgx.Tx, args ...river.JobArgs) ([]int64, error) {
		return make([]int64, len(args)), nil
	}
	return sink
}

// writes sends the resolver of a case a letter.
func (d *desk) writes(t *testing.T, id int64, l cases.Letter) (messageID int64, err error) {
	t.Helper()
	l.Box = d.box
	err = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		messageID, err = l.Send(t.Context(), tx, id)
		return err
	})
	return messageID, err
}

// deliver sends the message now, as its job does.
func (d *desk) deliver(t *testing.T, id int64) {
	t.Helper()
	var ref uuid.UUID
	d.one(t, &ref, `SELECT reference FROM messages WHERE id = $1`, id)
	if _, err := d.box.Deliver(t.Context(), message.SendArgs{Tenant: d.acme.ID, Reference: ref}); err != nil {
		t.Fatal(err)
	}
}

// with is a case with Jo, who settles it.
func (d *desk) with(t *testing.T) int64 {
	t.Helper()
	id := d.opened(t, d.tick(t, d.a)...)
	if err := d.save(t, id, func(e *cases.Edit) { e.ResolverID, e.Status = d.jo, cases.WithResolver }); err != nil {
		t.Fatal(err)
	}
	return id
}

var letter = cases.Letter{Subject: "Please settle", Body: "Look: " + message.AnswerPlace}

// S4.6, S4.22: the resolver gets an e-mail with a link that is kept nowhere, opens the
// case with it, and answers.
func TestALetterBringsTheResolverTheLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sink := d.post(t)
	id := d.with(t)
	sent, err := d.writes(t, id, letter)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.lastLine(t); got != "E-mail to Jo Sales <jo@acme.example>, with a link to answer by: Please settle." {
		t.Errorf("the journal says %q", got)
	}
	d.deliver(t, sent)
	got := sink.Taken()
	if len(got) != 1 {
		t.Fatalf("%d messages went out", len(got))
	}
	_, body := got[0].Text(t)
	_, rest, found := strings.Cut(body, "https://dunwell.example/resolve/")
	token := strings.Fields(rest)[0]
	if !found || strings.Contains(body, message.AnswerPlace) {
		t.Fatalf("it says %s", body)
	}
	if a, err := d.look(t, token); err != nil || a.Link.Resolver != "Jo Sales" {
		t.Errorf("the link opens %+v, %v", a, err)
	}
	for _, kept := range d.texts(t, `SELECT body FROM messages UNION ALL SELECT text FROM notes`) {
		if strings.Contains(kept, token) {
			t.Error("the token is kept")
		}
	}
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		mails, err := cases.Mails(t.Context(), tx, id)
		if len(mails) != 1 || mails[0].State != message.Sent || !mails[0].ToResolver || mails[0].Address != "jo@acme.example" {
			t.Errorf("the messages of the case are %+v", mails)
		}
		return err
	})
}

// What went to a colleague is no contact with the customer, and no stop of theirs bars it.
func TestALetterIsNoContactWithTheCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sink := d.post(t)
	id := d.with(t)
	if err := d.save(t, id, func(e *cases.Edit) { e.Complaint, e.DeadlineOn = true, friday }); err != nil {
		t.Fatal(err)
	}
	sent, err := d.writes(t, id, letter)
	if err != nil {
		t.Fatal(err)
	}
	d.deliver(t, sent)
	if n := len(sink.Taken()); n != 1 {
		t.Errorf("%d messages went out", n)
	}
	var ofCustomer int
	d.one(t, &ofCustomer, `SELECT count(*) FROM messages WHERE customer_id IS NOT NULL`)
	if ofCustomer != 0 {
		t.Errorf("%d messages are the customer's", ofCustomer)
	}
}

func TestALetterIsHeldWithoutAMailServer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.with(t)
	if _, err := d.writes(t, id, letter); err != nil {
		t.Fatal(err)
	}
	same(t, "the messages", d.texts(t, `SELECT state || ' ' || resolver_id FROM messages`), []string{"held " + itoa(d.jo)})
	if links := d.texts(t, `SELECT id::text FROM resolver_links`); len(links) != 0 {
		t.Errorf("a link was made of a letter that did not go out")
	}
}

// What changed between writing and sending counts: nobody gets a link to a case that
// is not theirs any more.
func TestALetterIsNotSentOnceTheCaseIsNotTheirs(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, *desk, int64) error{
		"The case was closed before it went out.": func(t *testing.T, d *desk, id int64) error {
			return d.close(t, id, cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{d.a: {ToDunning: true}}})
		},
		"The case was given to somebody else before it went out.": func(t *testing.T, d *desk, id int64) error {
			return d.save(t, id, func(e *cases.Edit) { e.ResolverID, e.Status = 0, cases.InWork })
		},
		"The colleague’s address was changed before it went out. Write to the new one.": func(t *testing.T, d *desk, _ int64) error {
			_, err := d.Owner(t).Exec(t.Context(), `UPDATE resolvers SET email = 'jo.sales@acme.example' WHERE id = $1`, d.jo)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			sink := d.post(t)
			id := d.with(t)
			sent, err := d.writes(t, id, letter)
			if err != nil {
				t.Fatal(err)
			}
			if err := change(t, d, id); err != nil {
				t.Fatal(err)
			}
			d.deliver(t, sent)
			same(t, "the messages", d.texts(t, `SELECT state || ': ' || error FROM messages`), []string{"discarded: " + name})
			if len(sink.Taken()) != 0 {
				t.Error("it went out")
			}
		})
	}
}

func TestALetterNeedsSomebodyAndItsLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.opened(t, d.tick(t, d.a)...)
	if _, err := d.writes(t, id, letter); !invalid(err, "resolver") {
		t.Errorf("to nobody: %v", err)
	}
	if err := d.save(t, id, func(e *cases.Edit) { e.ResolverID = d.jo }); err != nil {
		t.Fatal(err)
	}
	for body, field := range map[string]string{"": "body", "no place": "body"} {
		if _, err := d.writes(t, id, cases.Letter{Subject: "x", Body: body}); !invalid(err, field) {
			t.Errorf("%q: %v", body, err)
		}
	}
	if _, err := d.writes(t, id, cases.Letter{Body: letter.Body}); !invalid(err, "subject") {
		t.Errorf("without a subject: %v", err)
	}
}

// The wizard writes to the resolver of the case that it opens, or that items join; the
// case takes the resolver and the day that were chosen with them.
func TestAChangeWritesToTheResolver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := letter
	l.Box = d.box
	if _, err := d.apply(t, cases.Change{Items: d.tick(t, d.a), Comment: "x", Letter: &l}); !invalid(err, "mail") {
		t.Errorf("without a case: %v", err)
	}
	opening := cases.Change{Items: d.tick(t, d.a), Action: cases.NewCase, On: friday, Case: cases.Opening{Title: "Price", OwnerID: d.acme.CollectorID}, Letter: &l}
	if _, err := d.apply(t, opening); !invalid(err, "mail") {
		t.Errorf("without a resolver: %v", err)
	}
	opening.Letter = nil
	first, err := d.apply(t, opening)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := d.apply(t, cases.Change{Items: d.tick(t, d.b), Action: cases.AddTo, CaseID: first.CaseID, ResolverID: d.jo, On: friday.Add(7), Comment: "Both.", Letter: &l})
	if err != nil || joined.LetterID == 0 {
		t.Fatalf("%+v, %v", joined, err)
	}
	if k := d.find(t, first.CaseID); k.ResolverID != d.jo || k.Status != cases.WithResolver || k.NextOn != friday.Add(7) {
		t.Errorf("the case is %+v", k)
	}
	lines := d.journal(t)
	if got := lines[len(lines)-2]; got != "To be settled by Jo Sales. To be looked at on Fri 27 Mar 2026. Added to the case, and out of dunning: B with EUR 250.02. Both." {
		t.Errorf("the journal says %q", got)
	}
}

func TestTheProposedLetterNamesTheItems(t *testing.T) {
	t.Parallel()
	l := cases.Brief{Title: "Price", Customer: "Halden", Resolver: "Jo", Comment: "Too dear.",
		Items: []cases.Item{{Number: "A", Open: 600_01, Asked: 50_02, Currency: "EUR", Family: ledger.Disputed}, {Number: "Y", Open: 7_004, Currency: "JPY"}}}.Letter()
	for _, want := range []string{"Hello Jo,", "Halden disputes", "- A, EUR 600.01 open, EUR 50.02 of it in question", "- Y, JPY 7,004 open\n", "Too dear.", message.AnswerPlace} {
		if !strings.Contains(l.Body, want) {
			t.Errorf("it lacks %q: %s", want, l.Body)
		}
	}
	if l.Subject != "Please settle: Price" {
		t.Errorf("its subject is %q", l.Subject)
	}
}
