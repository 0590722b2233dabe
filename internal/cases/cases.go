// Package cases has the cases: what takes items out of dunning because they cannot
// simply be chased, is worked with those who can settle it, keeps its history, and
// brings the items back. What of an item may be chased then is said by the schema,
// and not here; nor does it write to anybody by itself.
package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Status is with whom a case is.
type Status string

// The statuses. A case is open until somebody closes it.
const (
	InWork       Status = "in_work" // with its owner
	WithResolver Status = "with_resolver"
	WithCustomer Status = "with_customer"
	Closed       Status = "closed"
)

// Statuses lists those of an open case.
var Statuses = []Status{InWork, WithResolver, WithCustomer}

// Name is the status as people read it: "with resolver".
func (s Status) Name() string { return strings.ReplaceAll(string(s), "_", " ") }

// Case takes items out of dunning and works them until somebody closes it. One that
// has a deadline is a complaint.
type Case struct {
	ID            int64
	CustomerID    int64
	Customer      string
	Number        string // the customer's
	Title         string
	Status        Status
	OwnerID       int64
	Owner         string
	Working       bool  // the owner is an active member
	ResolverID    int64 // 0: none
	Resolver      string
	ResolverEmail string
	NextOn        day.Day // when somebody looks again
	Complaint     bool
	DeadlineOn    day.Day // of a complaint
	StopID        int64   // of a complaint: what bars all contact; 0: none
	EscalatedFor  day.Day // the day that had passed when a manager was told
	OpenedOn      day.Day
	OpenedBy      string
	ClosedOn      day.Day
	ClosedBy      string
	Version       int
}

// Open tells that nobody has closed it.
func (c Case) Open() bool { return c.Status != Closed }

// Late tells by how many days the earliest of its dates has passed; 0: none has.
func (c Case) Late(today day.Day) int {
	if !c.Open() {
		return 0
	}
	return max(today.Sub(c.Due()), 0)
}

// Due is the earlier of its next date and its deadline.
func (c Case) Due() day.Day {
	if c.Complaint && c.DeadlineOn.Before(c.NextOn) {
		return c.DeadlineOn
	}
	return c.NextOn
}

const columns = `k.id, k.customer_id, c.name AS customer, c.number, k.title, k.status, k.owner_id, ou.name AS owner, om.active AS working,
		coalesce(k.resolver_id, 0) AS resolver_id, coalesce(r.name, '') AS resolver, coalesce(r.email, '') AS resolver_email,
		k.next_on, k.complaint, k.deadline_on, coalesce(k.stop_id, 0) AS stop_id, k.escalated_for, k.opened_on,
		coalesce(bu.name, 'Dunwell') AS opened_by, k.closed_on,
		CASE WHEN k.closed_at IS NULL THEN '' ELSE coalesce(eu.name, 'Dunwell') END AS closed_by, k.version`

const source = `cases k
	JOIN customers c ON c.tenant_id = @tenant AND c.id = k.customer_id
	JOIN members om ON om.tenant_id = @tenant AND om.id = k.owner_id
	JOIN users ou ON ou.id = om.user_id
	LEFT JOIN resolvers r ON r.tenant_id = @tenant AND r.id = k.resolver_id
	LEFT JOIN members bm ON bm.tenant_id = @tenant AND bm.id = k.opened_by
	LEFT JOIN users bu ON bu.id = bm.user_id
	LEFT JOIN members em ON em.tenant_id = @tenant AND em.id = k.closed_by
	LEFT JOIN users eu ON eu.id = em.user_id`

// Find reads a case, open or closed, of a customer whom the actor may see.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Case, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE k.tenant_id = @tenant AND k.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Case])
	if errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("case %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return c, fmt.Errorf("find case: %w", err)
	}
	return c, nil
}

// hold makes those who work a customer's cases, move the money and change the items
// take turns, in the order in which these do. It refuses an archived customer.
func hold(ctx context.Context, tx *tenant.Tx, customerID int64) error {
	if err := ledger.Hold(ctx, tx, []int64{customerID}); err != nil {
		return err
	}
	_, err := customer.Lock(ctx, tx, customerID)
	return err
}

// standing reads an open case that is to be changed, once nobody else can change it.
func standing(ctx context.Context, tx *tenant.Tx, id int64) (Case, error) {
	c, err := Find(ctx, tx, id)
	if err != nil {
		return c, err
	}
	if err := hold(ctx, tx, c.CustomerID); err != nil {
		return c, err
	}
	if c, err = Find(ctx, tx, id); err != nil {
		return c, err
	}
	if !c.Open() {
		return c, c.Over()
	}
	return c, nil
}

// Over says who closed a case, and when.
func (c Case) Over() error {
	return errs.Conflict(fmt.Sprintf("This case was closed on %s by %s. It can be read, and nothing of it changed any more. Nothing of yours was saved. If the matter goes on, open a new case.",
		c.ClosedOn.Long(), c.ClosedBy))
}

// as is standing for one that still has the version that was shown. Who comes second
// is told what the first one did.
func as(ctx context.Context, tx *tenant.Tx, id int64, version int) (Case, error) {
	c, err := standing(ctx, tx, id)
	if err != nil || c.Version == version {
		return c, err
	}
	last, err := latest(ctx, tx, id)
	if err != nil {
		return c, err
	}
	return c, errs.Conflict(fmt.Sprintf("%s changed this case meanwhile: %s Nothing of yours was saved. Look at what it says now and decide anew.", last.Author, ended(last.Text)))
}

func ended(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// data is what the journal keeps of a line besides its text.
type data struct {
	Event  string `json:"event"`
	Status Status `json:"status,omitempty"` // that the case has since
	Shown  bool   `json:"shown,omitempty"`  // the resolver reads it too
	By     string `json:"by,omitempty"`     // a resolver
	// Of an e-mail to the resolver, with what proves that it stayed as it was sent.
	Message int64  `json:"message,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
}

// line is a line of the customer's journal about a case.
func line(customerID, id int64, text string, d data) note.New {
	return note.New{CustomerID: customerID, Kind: "case", Text: text, Subject: "case", SubjectID: id, Data: d}
}

func journal(ctx context.Context, tx *tenant.Tx, c Case, text string, d data) error {
	_, err := note.Add(ctx, tx, line(c.CustomerID, c.ID, text, d))
	return err
}

// Line is a line of a case's history.
type Line struct {
	ID     int64 // of the note
	At     time.Time
	Author string
	Text   string
	Event  string // what it is: opened, changed, comment, left, answer, ...
	Status Status // that the case has since; empty: the one before
	Shown  bool   // the resolver reads it too
}

const linesSQL = `
		SELECT n.id, n.at, coalesce(n.data->>'by', n.author) AS author, n.text, coalesce(n.data->>'event', '') AS event,
			coalesce(n.data->>'status', '') AS status, coalesce((n.data->>'shown')::boolean, false) AS shown
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.subject = 'case' AND n.subject_id = @case`

// letters are what was written from a case, what became of it, and what came back.
const letters = `
		SELECT n.id, n.at, n.author, n.text, n.kind AS event, '' AS status, false AS shown
		FROM cases k
		JOIN customers c ON c.tenant_id = @tenant AND (c.id = k.customer_id OR c.merged_into = k.customer_id)
		JOIN notes n ON n.tenant_id = @tenant AND n.customer_id = c.id AND n.kind IN ('email', 'letter', 'sms', 'message')
		WHERE k.tenant_id = @tenant AND k.id = @case AND (
			n.subject = 'message' AND n.subject_id IN (SELECT m.message_id FROM case_messages m WHERE m.tenant_id = @tenant AND m.case_id = @case)
			OR n.subject = 'received' AND n.subject_id IN (SELECT e.received_id FROM inbox_entries e WHERE e.tenant_id = @tenant AND e.case_id = @case))`

// History reads what happened in a case, the newest first: as much of it as anybody
// reads. What was written from it, and what was answered, is in it too.
func History(ctx context.Context, tx *tenant.Tx, id int64) ([]Line, error) {
	rows, _ := tx.Query(ctx, linesSQL+`
		UNION ALL`+letters+`
		ORDER BY id DESC
		LIMIT 1000`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return nil, fmt.Errorf("read a case's history: %w", err)
	}
	return list, nil
}

// latest is the newest line that somebody's change wrote.
func latest(ctx context.Context, tx *tenant.Tx, id int64) (Line, error) {
	rows, _ := tx.Query(ctx, linesSQL+`
		ORDER BY n.id DESC
		LIMIT 1`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id})
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return l, fmt.Errorf("read the newest line of a case: %w", err)
	}
	return l, nil
}
