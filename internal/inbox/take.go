package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// In is a message that came in, with what is known of whose it is.
type In struct {
	Channel    customer.Channel // SMS or Mail
	ProviderID string           // unique in the channel: it is taken in once under it
	Kind       Kind             // Reply, Bounce, Automatic, Stop or Start
	From       string
	Person     string
	To         string
	Subject    string
	Body       string
	CustomerID int64 // 0: nobody knows
	PointID    int64 // the customer's contact point that it came from; 0: none
	MessageID  int64 // that it answers, or that came back; 0: none
	Resolver   bool  // the message went to the colleague who settles a case
	At         time.Time
	Data       map[string]any
	// Outcome, where it is not empty, is what was done about it already: the entry
	// is handled from the start.
	Outcome string
}

// maxBody is how many characters of a text are kept.
const maxBody = 100_000

// cutWords end a text of which more came in.
const cutWords = "\n\n[The rest was left out: only the first part of a very long message is kept.]"

// Take keeps a message that came in, with an entry in the inbox, a note in the
// customer's journal and, for seven days, the right to answer. It tells false where
// the message was taken in before, and changes nothing then. It asks for no
// permission: what comes in is taken in.
func Take(ctx context.Context, tx *tenant.Tx, in In) (Entry, bool, error) {
	in.tidy(tx)
	if in.CustomerID != 0 {
		if err := ledger.Hold(ctx, tx, []int64{in.CustomerID}); err != nil {
			return Entry{}, false, err
		}
	}
	received, err := in.keep(ctx, tx)
	if err != nil || received == 0 {
		return Entry{}, false, err
	}
	id, err := in.enter(ctx, tx, received)
	if err != nil {
		return Entry{}, false, err
	}
	if in.CustomerID != 0 {
		tx.Touch(in.CustomerID)
		if err := in.journal(ctx, tx, received); err != nil {
			return Entry{}, false, err
		}
	}
	if in.Kind == Reply && in.PointID != 0 {
		if err := customer.Wrote(ctx, tx, in.CustomerID, in.PointID); err != nil {
			return Entry{}, false, err
		}
		if err := contactrule.Answerable(ctx, tx, in.PointID, in.Channel); err != nil {
			return Entry{}, false, err
		}
	}
	e, err := Find(ctx, tx, id)
	return e, true, err
}

// tidy brings what came in into a form that can be kept.
func (in *In) tidy(tx *tenant.Tx) {
	in.From, in.Person, in.To = line(in.From, 320), line(in.Person, 200), line(in.To, 320)
	in.Subject = note.MaskCards(line(in.Subject, 500))
	in.Body = note.MaskCards(note.Cut(strings.TrimSpace(strings.ReplaceAll(clean(in.Body), "\r\n", "\n")), maxBody, cutWords))
	in.Outcome = line(in.Outcome, 500)
	if in.At.IsZero() || in.At.After(tx.Now) {
		in.At = tx.Now
	}
	if in.Outcome != "" || in.CustomerID == 0 {
		return
	}
	switch in.Kind {
	case Automatic:
		in.Outcome = "A machine answered."
	case Stop:
		in.Outcome = "Opted out."
	case Start:
		in.Outcome = "The opt-out was taken back."
	}
}

// keep writes what came in; 0 where it is there already.
func (in In) keep(ctx context.Context, tx *tenant.Tx) (id int64, err error) {
	if in.Data == nil {
		in.Data = map[string]any{}
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO received (channel, provider_id, kind, from_address, person, to_address, subject, body, customer_id, contact_point_id, message_id, data, at)
		VALUES (@channel, @provider, @kind, @from, @person, @to, @subject, @body, nullif(@customer::bigint, 0), nullif(@point::bigint, 0),
			nullif(@message::bigint, 0), @data, @at)
		ON CONFLICT (tenant_id, channel, provider_id) DO NOTHING
		RETURNING id`,
		pgx.NamedArgs{"channel": in.Channel, "provider": in.ProviderID, "kind": in.Kind, "from": in.From, "person": in.Person, "to": in.To,
			"subject": in.Subject, "body": in.Body, "customer": in.CustomerID, "point": in.PointID, "message": in.MessageID,
			"data": in.Data, "at": in.At}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("keep what came in: %w", err)
	}
	return id, nil
}

// entryKind is the kind of the entry about it.
func (in In) entryKind() Kind {
	switch {
	case in.Kind == Bounce:
		return Bounce
	case in.CustomerID == 0:
		return Stranger
	case in.Resolver:
		return Answer
	}
	return Reply
}

// enter writes the entry. What answers a case's message belongs to the case; a message
// that came back twice is one trouble.
func (in In) enter(ctx context.Context, tx *tenant.Tx, received int64) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		WITH said AS (
			SELECT CASE WHEN @outcome <> '' THEN @outcome WHEN @kind = 'bounce' AND EXISTS (
				SELECT FROM inbox_entries b
				WHERE b.tenant_id = @tenant AND b.message_id = @message AND b.kind = 'bounce' AND b.state = 'open')
				THEN 'It was said before that it came back.' ELSE '' END AS outcome)
		INSERT INTO inbox_entries (kind, customer_id, contact_point_id, received_id, message_id, case_id, state, outcome, handled_at, at, assignee_id)
		SELECT @kind, nullif(@customer::bigint, 0), nullif(@point::bigint, 0), @received, nullif(@message::bigint, 0),
			(SELECT c.case_id FROM case_messages c WHERE c.tenant_id = @tenant AND c.message_id = @message),
			CASE s.outcome WHEN '' THEN 'open' ELSE 'handled' END, s.outcome, CASE s.outcome WHEN '' THEN NULL ELSE @now::timestamptz END, @now, (
				SELECT k.owner_id
				FROM messages m
				JOIN cases k ON k.tenant_id = @tenant AND k.id = m.case_id
				WHERE m.tenant_id = @tenant AND m.id = @message)
		FROM said s
		RETURNING id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "kind": string(in.entryKind()), "customer": in.CustomerID, "point": in.PointID,
			"received": received, "message": in.MessageID, "outcome": in.Outcome, "now": tx.Now}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("enter what came in: %w", err)
	}
	return id, nil
}

// journal writes the customer's note. Of a message that came back the message's own
// note says so.
func (in In) journal(ctx context.Context, tx *tenant.Tx, received int64) error {
	kind, text := string(in.Channel), "wrote"
	switch {
	case in.Kind == Bounce && in.MessageID != 0:
		return nil
	case in.Kind == Bounce:
		kind, text = "message", "returned a message"
	case in.Kind == Automatic:
		kind, text = "message", "answered automatically"
	}
	if sent := day.Of(in.At.In(tx.Actor.Tenant.Zone)); sent != tx.Today() {
		text += " on " + sent.Long()
	}
	text += ": "
	if in.Subject != "" {
		text += "“" + in.Subject + "”. "
	}
	_, err := note.Add(ctx, tx, note.New{CustomerID: in.CustomerID, Kind: kind, Subject: "received", SubjectID: received,
		Text: cmp.Or(in.Person, Entry{Channel: in.Channel, From: in.From}.Shown(), "Somebody") + " " + text + note.Cut(in.Body, note.MaxTyped-900, "… The whole text stands in the inbox."),
		Data: map[string]any{"direction": "in", "from": in.From}})
	return err
}

// clean takes out what the database does not keep.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// line is a text in one line of so many characters at most.
func line(s string, most int) string {
	return note.Cut(strings.Join(strings.Fields(clean(s)), " "), most, "…")
}
