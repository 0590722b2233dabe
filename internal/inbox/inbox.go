// Package inbox has what comes in from customers and from people whom nobody knows
// yet, and the messages that did not get out: each is an entry that stays open until
// somebody has handled it. It reads no mailbox and answers nobody.
package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Kind is what came in, and what an entry is about.
type Kind string

// The kinds. What comes in is a reply, a bounce, an automatic answer, a stop or a
// start; an entry about it is a reply, a bounce or of a stranger. The others are
// entries about which nothing came in.
const (
	Reply     Kind = "reply"
	Bounce    Kind = "bounce"    // a message came back
	Automatic Kind = "automatic" // from a machine: out of office, a ticket number
	Stop      Kind = "stop"      // wants nothing more on this channel
	Start     Kind = "start"     // takes that back
	Stranger  Kind = "stranger"  // nobody knows whose it is
	Failed    Kind = "failed"    // a message was not sent
	Unknown   Kind = "unknown"   // it may or may not have been sent
	Answer    Kind = "answer"    // a resolver's
)

// Kinds lists the kinds of entries, first those that a person wrote.
var Kinds = []Kind{Reply, Stranger, Answer, Bounce, Failed, Unknown}

// Name is the kind as people read it.
func (k Kind) Name() string {
	switch k {
	case Stranger:
		return "Unknown sender"
	case Bounce:
		return "Came back"
	case Failed:
		return "Not sent"
	case Unknown:
		return "Perhaps sent"
	case Automatic:
		return "Automatic answer"
	case Stop:
		return "Opt-out"
	case Start:
		return "Opt-in"
	case Answer:
		return "Resolver’s answer"
	}
	return "Reply"
}

// State tells whether somebody has to look at an entry.
type State string

// The states.
const (
	Open    State = "open"
	Handled State = "handled"
)

// Entry is something to be looked at.
type Entry struct {
	ID         int64
	Kind       Kind
	CustomerID int64 // 0: nobody knows yet, or a message to somebody of the company
	Customer   string
	Number     string // the customer's
	PointID    int64  // the contact point that it came from, or was to go to; 0: none of the customer's
	ReceivedID int64  // 0: nothing came in
	Matched    bool   // nobody knew whose it is when it came in: see Match
	MessageID  int64  // the message that was answered, came back or did not get out; 0: none
	CaseID     int64
	Why        string // what happened to the message
	At         time.Time
	AssigneeID int64 // 0: nobody was named
	// OwnerID is who works it: the assignee, else the customer's owner; 0 where
	// neither is there.
	OwnerID   int64
	Owner     string
	State     State
	Outcome   string
	HandledAt *time.Time
	HandledBy string // empty: the program itself
	Version   int

	Channel customer.Channel
	// What came in; of a message that did not get out its own subject and text.
	Came    Kind // empty: nothing
	From    string
	Person  string
	To      string
	Subject string
	Body    string
	SentAt  time.Time // as the sender's side says
	Files   int       // that came with it
}

// Shown is who wrote, as people read it.
func (e Entry) Shown() string {
	from := e.From
	if e.Channel == customer.SMS {
		from = customer.ContactPoint{Kind: customer.Phone, Value: from}.Shown()
	}
	switch {
	case e.Person == "":
		return from
	case from == "":
		return e.Person
	}
	return e.Person + " <" + from + ">"
}

const columns = `e.id, e.kind, coalesce(e.customer_id, 0) AS customer_id, coalesce(c.name, '') AS customer, coalesce(c.number, '') AS number,
		coalesce(e.contact_point_id, 0) AS point_id, coalesce(e.received_id, 0) AS received_id,
		e.customer_id IS NOT NULL AND r.id IS NOT NULL AND r.customer_id IS NULL AS matched, coalesce(e.message_id, 0) AS message_id,
		coalesce(e.case_id, 0) AS case_id, e.why, e.at, coalesce(e.assignee_id, 0) AS assignee_id, coalesce(a.id, o.id, 0) AS owner_id,
		coalesce(au.name, ou.name, '') AS owner, e.state, e.outcome, e.handled_at, coalesce(hu.name, '') AS handled_by, e.version,
		coalesce(r.channel, m.channel, '') AS channel, coalesce(r.kind, '') AS came, coalesce(r.from_address, '') AS from,
		coalesce(r.person, m.person, '') AS person, coalesce(r.to_address, m.address, '') AS to, coalesce(r.subject, m.subject, '') AS subject,
		coalesce(r.body, m.body, '') AS body, coalesce(r.at, m.created_at, e.at) AS sent_at, (
			SELECT count(*)
			FROM documents d
			WHERE d.tenant_id = @tenant AND d.subject = 'received' AND d.subject_id = e.received_id AND d.removed_at IS NULL) AS files`

// source joins what an entry shows. Who has left the company owns nothing.
const source = `inbox_entries e
	LEFT JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
	LEFT JOIN received r ON r.tenant_id = @tenant AND r.id = e.received_id
	LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = e.message_id AND e.received_id IS NULL
	LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = e.assignee_id AND a.active
	LEFT JOIN users au ON au.id = a.user_id
	LEFT JOIN members o ON o.tenant_id = @tenant AND o.id = c.owner_id AND o.active
	LEFT JOIN users ou ON ou.id = o.user_id
	LEFT JOIN members h ON h.tenant_id = @tenant AND h.id = e.handled_by
	LEFT JOIN users hu ON hu.id = h.user_id`

// nobodys are entries that nobody owns and a collector may take: of customers whom
// the collector sees, and of strangers where all branches are seen.
const nobodys = `coalesce(a.id, o.id) IS NULL AND (e.customer_id IS NOT NULL OR e.kind = 'stranger' AND current_setting('app.branches') = 'all')`

// own are the actor's entries, and today those of whom the actor covers.
const own = `(coalesce(a.id, o.id) = @me OR coalesce(a.id, o.id) = ANY(ARRAY(
		SELECT x.member_id
		FROM absences x
		WHERE x.tenant_id = @tenant AND x.cover_id = @me AND @today::date BETWEEN x.from_on AND x.until_on)))`

// visible are the entries that the actor sees: a collector the own ones and
// nobody's, a manager all.
const visible = `(@all OR ` + own + ` OR ` + nobodys + `)`

func who(tx *tenant.Tx) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID, "all": SeesAll(tx.Actor), "today": tx.Today()}
}

// SeesAll tells who sees and works everybody's entries.
func SeesAll(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Find reads an entry that the actor sees.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Entry, error) {
	return find(ctx, tx, id, visible, "")
}

func find(ctx context.Context, tx *tenant.Tx, id int64, which, lock string) (Entry, error) {
	args := who(tx)
	args["id"] = id
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE e.tenant_id = @tenant AND e.id = @id AND `+which+lock, args)
	e, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Entry])
	if errors.Is(err, pgx.ErrNoRows) {
		return e, errs.NotFound
	}
	if err != nil {
		return e, fmt.Errorf("find an entry of the inbox: %w", err)
	}
	return e, nil
}
