package inbox_test

import (
	"strings"
	"sync"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
)

func TestTake(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sent := d.message(t, customer.Mail, "sent", "Please pay.")
	for _, c := range []struct {
		name     string
		change   func(*inbox.In)
		kind     inbox.Kind
		state    inbox.State
		outcome  string
		noteKind string
		note     string
	}{
		{"reply", func(*inbox.In) {}, inbox.Reply, inbox.Open, "", "email", "Anna Holm wrote: “Re: INV-1”. I paid it yesterday."},
		{"nobody named", func(in *inbox.In) { in.Person = "" }, inbox.Reply, inbox.Open, "", "email", "anna@debtor.example wrote: "},
		{"sms", func(in *inbox.In) {
			in.Channel, in.From, in.Person, in.Subject, in.PointID = customer.SMS, "+4790012345", "", "", d.phone
		}, inbox.Reply, inbox.Open, "", "sms", "+47 90 01 23 45 wrote: I paid it yesterday."},
		{"a machine", func(in *inbox.In) { in.Kind = inbox.Automatic }, inbox.Reply, inbox.Handled, "A machine answered.", "message", "Anna Holm answered automatically: "},
		{"stop", func(in *inbox.In) { in.Kind = inbox.Stop }, inbox.Reply, inbox.Handled, "Opted out.", "email", "wrote: "},
		{"start", func(in *inbox.In) { in.Kind = inbox.Start }, inbox.Reply, inbox.Handled, "The opt-out was taken back.", "email", "wrote: "},
		{"done already", func(in *inbox.In) { in.Outcome = "The promise was noted." }, inbox.Reply, inbox.Handled, "The promise was noted.", "email", "wrote: "},
		{"bounce of nobody knows which", func(in *inbox.In) { in.Kind = inbox.Bounce }, inbox.Bounce, inbox.Open, "", "message", "Anna Holm returned a message: "},
		{"bounce", func(in *inbox.In) { in.Kind, in.MessageID = inbox.Bounce, sent }, inbox.Bounce, inbox.Open, "", "message", "returned"},
		{"bounce again", func(in *inbox.In) { in.Kind, in.MessageID = inbox.Bounce, sent }, inbox.Bounce, inbox.Handled, "It was said before that it came back.", "message", "returned"},
		{"stranger", func(in *inbox.In) { in.CustomerID, in.PointID = 0, 0 }, inbox.Stranger, inbox.Open, "", "message", "returned"},
		{"a stranger's machine", func(in *inbox.In) { in.CustomerID, in.PointID, in.Kind = 0, 0, inbox.Automatic }, inbox.Stranger, inbox.Open, "", "message", "returned"},
	} {
		in := d.reply(c.name)
		c.change(&in)
		e := d.take(t, in)
		kind, text := d.journal(t, d.mine)
		if e.Kind != c.kind || e.State != c.state || e.Outcome != c.outcome || e.Came != in.Kind || e.CustomerID != in.CustomerID || e.From != in.From {
			t.Errorf("%s: %+v", c.name, e)
		}
		if kind != c.noteKind || !strings.Contains(text, c.note) {
			t.Errorf("%s: note %s %q", c.name, kind, text)
		}
		if !e.SentAt.Equal(dbtest.Monday) {
			t.Errorf("%s: sent at %s", c.name, e.SentAt)
		}
	}
}

// What came in is kept as far as it can be, and without card numbers.
func TestTakeTidies(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := d.reply("a")
	in.Body = "\x00My card is 4111 1111 1111 1111.\r\n" + strings.Repeat("æ", 100_000) + "\xff"
	in.Subject = strings.Repeat("s", 600) + "\n\tx"
	in.At = dbtest.Monday.AddDate(0, 0, 3)
	e := d.take(t, in)
	if n := len([]rune(e.Body)); n != 100_000 || !strings.HasPrefix(e.Body, "My card is **** **** **** 1111.\nææ") || !strings.HasSuffix(e.Body, "very long message is kept.]") {
		t.Errorf("%d characters: %.60q", n, e.Body)
	}
	if len([]rune(e.Subject)) != 500 || !e.SentAt.Equal(dbtest.Monday) {
		t.Errorf("subject %q, at %s", e.Subject, e.SentAt)
	}
	if _, text := d.journal(t, d.mine); strings.Contains(text, "4111") || !strings.HasSuffix(text, "… The whole text stands in the inbox.") {
		t.Errorf("note %.80q", text)
	}
}

// A message is taken in once, however often and at once it is given.
func TestTakeOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := dbtest.Tenant(t, d.Database, "other")
	var wg sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	for range 6 {
		wg.Go(func() {
			err := d.Write(t.Context(), d.System(), func(tx *tenant.Tx) error {
				_, first, err := inbox.Take(t.Context(), tx, d.reply("once"))
				mu.Lock()
				defer mu.Unlock()
				if first {
					fresh++
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var notes int
	if err := d.owner.QueryRow(t.Context(), `SELECT count(*) FROM notes WHERE kind = 'email'`).Scan(&notes); err != nil || fresh != 1 || notes != 1 {
		t.Errorf("taken %d times, %d notes, %v", fresh, notes, err)
	}
	in := d.reply("once")
	in.CustomerID, in.PointID = 0, 0
	d.write(t, other.System(), func(tx *tenant.Tx) error {
		if _, first, err := inbox.Take(t.Context(), tx, in); err != nil || !first {
			t.Errorf("another company's message of the same id: %v, %v", first, err)
		}
		return nil
	})
	in = d.reply("twice")
	if err := d.try(t, other.System(), func(tx *tenant.Tx) error {
		_, _, err := inbox.Take(t.Context(), tx, in)
		return err
	}); err == nil {
		t.Error("a message was taken in for another company's customer")
	}
}

// An answer to the debtor's own message is allowed for seven days, outside the hours
// and whatever the channel's rules of frequency say.
func TestAnswerIsAllowed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO contact_rules (name, weekdays, from_time, to_time, source, as_of)
			VALUES ('Nights only', 127, '22:00', '23:00', 'The company', '2026-01-01')`)
		return err
	})
	verdict := func(days int) contactrule.Verdict {
		t.Helper()
		var r contactrule.Ruling
		err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) error {
			tx.Now = tx.Now.AddDate(0, 0, days)
			all, err := contactrule.Of(t.Context(), tx, d.mine)
			r = all.For(d.anna, customer.Mail)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.Verdict
	}
	if got := verdict(0); got != contactrule.NotYet {
		t.Fatalf("before anything came in it is %s", got)
	}
	in := d.reply("ooo")
	in.Kind = inbox.Automatic
	d.take(t, in)
	if got := verdict(0); got != contactrule.NotYet {
		t.Errorf("a machine's answer opened the hours: %s", got)
	}
	d.take(t, d.reply("question"))
	if got := verdict(6); got != contactrule.Allowed {
		t.Errorf("six days later the answer is %s", got)
	}
	if got := verdict(7); got != contactrule.NotYet {
		t.Errorf("seven days later the answer is %s", got)
	}
}

// What answers a message about a case belongs to the case, and a resolver's answer is
// handled as any other entry is.
func TestCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sent := d.message(t, customer.Mail, "sent", "About your dispute.")
	var id, answer int64
	err := d.owner.QueryRow(t.Context(), `
		INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, next_on, opened_on, opened_at)
		VALUES ($1, $2, 'Wrong price', 'in_work', $3, '2026-03-20', '2026-03-16', now())
		RETURNING id`, d.ID, d.mine, d.CollectorID).Scan(&id)
	if err == nil {
		_, err = d.owner.Exec(t.Context(), `INSERT INTO case_messages (tenant_id, message_id, case_id, customer_id) VALUES ($1, $2, $3, $4)`, d.ID, sent, id, d.mine)
	}
	if err == nil {
		err = d.owner.QueryRow(t.Context(), `
			INSERT INTO inbox_entries (tenant_id, kind, customer_id, case_id, assignee_id, why)
			VALUES ($1, 'answer', $2, $3, $4, 'The price was right.')
			RETURNING id`, d.ID, d.mine, id, d.CollectorID).Scan(&answer)
	}
	if err != nil {
		t.Fatal(err)
	}
	in := d.reply("a")
	in.MessageID = sent
	if e := d.take(t, in); e.CaseID != id || e.MessageID != sent {
		t.Errorf("the reply belongs to case %d", e.CaseID)
	}
	if e := d.take(t, d.reply("b")); e.CaseID != 0 {
		t.Errorf("a reply to nothing belongs to case %d", e.CaseID)
	}
	d.write(t, d.Collector, func(tx *tenant.Tx) error { return inbox.Handle(t.Context(), tx, answer, 1, "Told her.") })
	if _, text := d.journal(t, d.mine); text != "Handled in the inbox: the answer “The price was right.” about a case. Outcome: Told her." {
		t.Errorf("note %q", text)
	}
}
