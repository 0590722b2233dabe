// Package message has what is said in writing: the texts it is made of, the
// messages as they were sent, the outbox from which e-mail and SMS leave, and the
// SMS that come in. It asks whether somebody may be written to, and decides nothing
// of that itself.
package message

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// State is where a message is on its way.
type State string

// The states. Out of Unknown leads only what a person finds out, or what the
// provider says later: whoever carries it may have taken the message.
const (
	Held      State = "held" // no way out is set up
	Queued    State = "queued"
	Sending   State = "sending"
	Sent      State = "sent"      // the mail server or the provider took it, or the letter was made
	Delivered State = "delivered" // the provider says that it arrived
	Failed    State = "failed"
	Bounced   State = "bounced"
	Unknown   State = "unknown"
	Discarded State = "discarded"
)

// States lists the states, first those that somebody has to look at.
var States = []State{Unknown, Failed, Bounced, Held, Queued, Sending, Sent, Delivered, Discarded}

// Opened is an event, and no state: somebody opened a document by its link.
const Opened State = "opened"

// Message is a message as it goes out: it was rendered once, and nothing of it is
// changed afterwards but how far it got.
type Message struct {
	ID         int64
	CustomerID int64 // 0: to somebody of the company
	Customer   string
	PointID    int64 // the contact point it goes to; 0: the postal address
	MemberID   int64 // 0: to a customer
	Channel    customer.Channel
	State      State
	Address    string
	Person     string
	Language   string
	Subject    string
	Body       string
	Sender     string // as on the letterhead of that day
	ReplyTo    string
	Thread     string // the ids of the e-mails that it follows on; the last is the one that it answers
	Link       Link   // that the body has a place for
	TextID     int64  // the wording that it was made of; 0: own words
	Template   string // whose wording that is
	Reference  uuid.UUID
	Demands    bool   // asks for money
	Override   string // why a manager has it sent outside the hours
	DueAt      time.Time
	Attempts   int
	Error      string
	AuthorID   int64 // 0: the program itself
	Author     string
	CreatedAt  time.Time
	StateAt    time.Time
	SentAt     *time.Time
	Version    int
	// Of an SMS, else empty.
	Segments   int    // in how many parts it goes
	ProviderID string // what the provider calls it; empty: it has not taken it
	Price      string // what it cost, with the currency, where the provider said so
	Confirms   string // stop or start: it is the one answer to it
}

// Heading is what a list shows of the message: its subject, or how an SMS begins.
func (m Message) Heading() string {
	if m.Subject != "" {
		return m.Subject
	}
	return note.Cut(oneLine(m.Body), 60, "…")
}

// Event is a state that a message came into, and why.
type Event struct {
	State  State
	Detail string
	Member string // empty: the program itself
	At     time.Time
}

// Detail is a message with all that belongs to it.
type Detail struct {
	Message
	Events    []Event // the first one first
	Documents []document.Document
}

const columns = `m.id, coalesce(m.customer_id, 0) AS customer_id, coalesce(c.name, '') AS customer, coalesce(m.contact_point_id, 0) AS point_id,
		coalesce(m.member_id, 0) AS member_id, m.channel, m.state, m.address, m.person, m.language, m.subject, m.body, m.sender, m.reply_to, m.thread, m.link,
		coalesce(m.text_id, 0) AS text_id, coalesce(t.name, '') AS template, m.reference, m.demands, m.override, m.due_at, m.attempts, m.error,
		coalesce(m.author_id, 0) AS author_id, coalesce(u.name, 'Dunwell') AS author, m.created_at, m.state_at, m.sent_at, m.version,
		coalesce(m.segments, 0) AS segments, coalesce(m.provider_id, '') AS provider_id,
		coalesce(m.price_currency || ' ' || trim_scale(m.price)::text, '') AS price, m.confirms`

const source = `messages m
	LEFT JOIN customers c ON c.tenant_id = @tenant AND c.id = m.customer_id
	LEFT JOIN template_texts x ON x.tenant_id = @tenant AND x.id = m.text_id
	LEFT JOIN templates t ON t.tenant_id = @tenant AND t.id = x.template_id
	LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = m.author_id
	LEFT JOIN users u ON u.id = a.user_id`

// Find reads a message to the customer with its events and files.
func Find(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Detail, error) {
	return find(ctx, tx, ` AND m.customer_id = @customer`, pgx.NamedArgs{"id": id, "customer": customerID})
}

// FindInOutbox reads any message, for those who work the outbox.
func FindInOutbox(ctx context.Context, tx *tenant.Tx, id int64) (Detail, error) {
	if !CanWork(tx.Actor) {
		return Detail{}, onlyManagers
	}
	return find(ctx, tx, ``, pgx.NamedArgs{"id": id})
}

func find(ctx context.Context, tx *tenant.Tx, where string, args pgx.NamedArgs) (d Detail, err error) {
	args["tenant"] = tx.Actor.TenantID
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE m.tenant_id = @tenant AND m.id = @id`+where, args)
	d.Message, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Message])
	if errors.Is(err, pgx.ErrNoRows) {
		return d, errs.NotFound
	}
	if err != nil {
		return d, fmt.Errorf("find message: %w", err)
	}
	rows, _ = tx.Query(ctx, `
		SELECT e.state, e.detail, coalesce(u.name, '') AS member, e.at
		FROM message_events e
		LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = e.member_id
		LEFT JOIN users u ON u.id = a.user_id
		WHERE e.tenant_id = @tenant AND e.message_id = @id
		ORDER BY e.id`, args)
	if d.Events, err = pgx.CollectRows(rows, pgx.RowToStructByName[Event]); err != nil {
		return d, fmt.Errorf("read a message's events: %w", err)
	}
	d.Documents, err = document.SentWith(ctx, tx, d.ID)
	return d, err
}

// To is where the message goes, with the person's name where one is known.
func (m Message) To() string {
	if m.Person == "" {
		return m.Address
	}
	return m.Person + " <" + m.Address + ">"
}

// move is a change of state, of messages that this transaction holds.
type move struct {
	IDs    []int64
	To     State
	Detail string        // why, in a sentence
	Error  string        // what the message itself says of its trouble
	Tries  int           // added to the attempts
	After  time.Duration // not before
}

// apply changes the state, with its event. What ends the way of a reminder touches
// its customer; what goes wrong opens an entry of the inbox, what comes out of
// trouble ends it.
func (mv move) apply(ctx context.Context, tx *tenant.Tx) error {
	if mv.To != Queued && mv.To != Sending {
		if err := holdCustomers(ctx, tx, mv.IDs); err != nil {
			return err
		}
	}
	var trouble bool // there was some before
	err := tx.QueryRow(ctx, `
		WITH was AS (
			SELECT state
			FROM messages
			WHERE tenant_id = @tenant AND id = ANY(@ids)
		), moved AS (
			UPDATE messages
			SET state = @state, error = @error, state_at = clock_timestamp(), due_at = clock_timestamp() + @after::interval,
				sent_at = CASE WHEN @state = 'sent' OR @state = 'delivered' AND sent_at IS NULL THEN clock_timestamp() ELSE sent_at END, attempts = attempts + @tries,
				provider_id = CASE WHEN @state <> 'sending' THEN provider_id END, version = version + 1
			WHERE tenant_id = @tenant AND id = ANY(@ids)
			RETURNING id
		), said AS (
			INSERT INTO message_events (message_id, state, detail, member_id)
			SELECT id, @state, @detail, nullif(@member::bigint, 0)
			FROM moved)
		SELECT coalesce(bool_or(state IN ('failed', 'unknown', 'bounced')), false)
		FROM was`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": mv.IDs, "state": mv.To, "error": note.Cut(mv.Error, 1000, "…"), "detail": note.Cut(mv.Detail, 1000, "…"),
			"tries": mv.Tries, "after": mv.After, "member": tx.Actor.MemberID}).Scan(&trouble)
	if err != nil {
		return fmt.Errorf("bring messages to %s: %w", mv.To, err)
	}
	return mv.tell(ctx, tx, trouble)
}

// tell has the inbox say what went wrong, and no longer what is over.
func (mv move) tell(ctx context.Context, tx *tenant.Tx, trouble bool) error {
	if trouble {
		if err := inbox.Settle(ctx, tx, mv.IDs, overWords[mv.To]); err != nil {
			return err
		}
	}
	switch mv.To {
	case Failed:
		return inbox.Put(ctx, tx, inbox.Failed, mv.IDs, mv.Detail)
	case Unknown:
		return inbox.Put(ctx, tx, inbox.Unknown, mv.IDs, mv.Detail)
	}
	return nil
}

// overWords say in the inbox how a message came out of one trouble, into another
// perhaps.
var overWords = map[State]string{
	Queued: "It is sent again.", Sending: "It is sent again.", Held: "It is held now: no way out is set up.", Sent: "It was sent.", Delivered: "It arrived.",
	Discarded: "It is not sent.", Failed: "It was not sent.", Unknown: "It may or may not have been sent.", Bounced: "It came back.",
}

// holdCustomers holds the customers of those messages that are reminders, and
// touches them. Nothing of theirs, such as a note, may be written before.
func holdCustomers(ctx context.Context, tx *tenant.Tx, messages []int64) error {
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT a.customer_id
		FROM agenda_actions a
		WHERE a.tenant_id = $1 AND a.message_id = ANY($2)`, tx.Actor.TenantID, messages)
	customers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look which messages are reminders: %w", err)
	}
	if len(customers) == 0 {
		return nil
	}
	tx.Touch(customers...)
	return ledger.Hold(ctx, tx, customers)
}
