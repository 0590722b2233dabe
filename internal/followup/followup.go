// Package followup has the dated reminders on a customer: what must not be
// forgotten, by whom, and when. It does not say what a member has to do all in
// all, which is the diary's, and keeps no record of contacts, which is the
// journal's.
package followup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// State is where a follow-up stands.
type State string

// The states of a follow-up: active until it ends, in one of two ways.
const (
	Active  State = "active"
	Done    State = "done"
	Deleted State = "deleted"
)

// States lists the states in the order in which people look at them.
var States = []State{Active, Done, Deleted}

// MaxText is how many characters a follow-up holds.
const MaxText = 2000

// Followup is a dated reminder on a customer. Its day and hour are the tenant's
// wall clock, wherever the member and the server are.
type Followup struct {
	ID         int64
	CustomerID int64
	AssigneeID int64
	Assignee   string
	Working    bool // the assignee is an active member; else it has no owner
	DueOn      day.Day
	DueAt      string // HH:MM; empty: any time of the day
	Text       string
	StandardID *int64
	InNotes    bool // a copy of the text stands in the journal
	Author     string
	CreatedAt  time.Time
	State      State
	EndedAt    *time.Time
	EndedBy    string
	Outcome    string
	Version    int
}

const columns = `f.id, f.customer_id, f.assignee_id, au.name AS assignee, am.active AS working, f.due_on,
		coalesce(to_char(f.due_at, 'HH24:MI'), '') AS due_at, f.text, f.standard_id, f.in_notes,
		coalesce(wu.name, 'Dunwell') AS author, f.created_at, coalesce(f.ended, 'active') AS state, f.ended_at,
		CASE WHEN f.ended IS NULL THEN '' ELSE coalesce(eu.name, 'Dunwell') END AS ended_by, f.outcome, f.version`

const source = `follow_ups f` + people

// people are the joins of a follow-up f with those whose names stand beside it.
const people = `
	JOIN members am ON am.tenant_id = @tenant AND am.id = f.assignee_id
	JOIN users au ON au.id = am.user_id
	LEFT JOIN members wm ON wm.tenant_id = @tenant AND wm.id = f.author_id
	LEFT JOIN users wu ON wu.id = wm.user_id
	LEFT JOIN members em ON em.tenant_id = @tenant AND em.id = f.ended_by
	LEFT JOIN users eu ON eu.id = em.user_id`

// When is the due day and hour in words: "Mon 23 Nov 2026, 10:00".
func (f Followup) When() string { return when(f.DueOn, f.DueAt) }

func when(on day.Day, at string) string {
	if at == "" {
		return on.Long()
	}
	return on.Long() + ", " + at
}

// DaysLate is how many days an active follow-up is past its day; 0 on the day
// itself.
func (f Followup) DaysLate(today day.Day) int {
	if f.State != Active {
		return 0
	}
	return max(today.Sub(f.DueOn), 0)
}

// Passed tells that the hour of an active follow-up has come; clock is HH:MM on
// today, by the tenant's wall clock.
func (f Followup) Passed(today day.Day, clock string) bool {
	return f.State == Active && (f.DueOn.Before(today) || f.DueOn == today && f.DueAt != "" && f.DueAt <= clock)
}

// Clock is the tenant's wall clock at the transaction's moment, HH:MM.
func Clock(tx *tenant.Tx) string { return tx.Now.In(tx.Actor.Tenant.Zone).Format("15:04") }

// Find reads one follow-up of the customer, in whatever state.
func Find(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Followup, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE f.tenant_id = @tenant AND f.customer_id = @customer AND f.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "id": id})
	f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Followup])
	if errors.Is(err, pgx.ErrNoRows) {
		return f, errs.NotFound
	}
	if err != nil {
		return f, fmt.Errorf("find follow-up: %w", err)
	}
	return f, nil
}

// Plan is what a follow-up is to be.
type Plan struct {
	AssigneeID int64
	DueOn      day.Day
	Timed      bool   // DueAt is asked for
	DueAt      string // HH:MM; not looked at unless Timed
	Text       string
	StandardID int64 // the standard text that was picked; 0: none. A change keeps the first one's
	InNotes    bool  // copy the text into the journal. A change leaves the copy alone
}

// check looks at what was typed. What stands already, was, may stay: a text is
// changed after its day without being given a new one.
func (p *Plan) check(tx *tenant.Tx, was Followup) error {
	p.Text = strings.TrimSpace(strings.ReplaceAll(p.Text, "\r\n", "\n"))
	var inv errs.Invalid
	inv.Check(p.Text != "", "text", "Say what is to be done, or pick a standard follow-up.")
	length := utf8.RuneCountInString(p.Text)
	inv.Check(length <= MaxText, "text", fmt.Sprintf("This has %d characters and a follow-up holds %d. Shorten it; a long story belongs into a note.", length, MaxText))
	inv.Check(!note.HasCard(p.Text), "text", note.NoCard)
	inv.Check(!p.DueOn.IsZero(), "due_on", "Give the day on which it is due.")
	if !p.Timed {
		p.DueAt = ""
	} else if at, err := time.Parse("15:04", p.DueAt); err != nil {
		inv.Check(false, "due_at", "Give the hour, such as 14:30, or choose a date without an hour.")
	} else {
		p.DueAt = at.Format("15:04")
	}
	if p.DueOn != was.DueOn || p.DueAt != was.DueAt {
		today := tx.Today()
		inv.Check(!p.DueOn.Before(today), "due_on", "This day is past. Choose today or a day to come.")
		inv.Check(p.DueOn.Before(today.Add(3653)), "due_on", "This is more than ten years ahead. Look at the year again.")
		inv.Check(p.DueOn != today || p.DueAt == "" || p.DueAt >= Clock(tx), "due_at", "This hour is past today. Choose a later one, or another day.")
	}
	return inv.Err()
}

// Schedule plans a follow-up for the customer.
func Schedule(ctx context.Context, tx *tenant.Tx, customerID int64, p Plan) (id int64, err error) {
	if _, err := customer.Lock(ctx, tx, customerID); err != nil {
		return 0, err
	}
	if err := p.check(tx, Followup{}); err != nil {
		return 0, err
	}
	who, err := assignee(ctx, tx, customerID, p.AssigneeID)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text, standard_id, in_notes, author_id, created_at)
		VALUES (@customer, @assignee, @on, nullif(@at, '')::time, @text, nullif(@standard::bigint, 0), @in_notes, nullif(@author::bigint, 0), @now)
		RETURNING id`,
		pgx.NamedArgs{"customer": customerID, "assignee": p.AssigneeID, "on": p.DueOn, "at": p.DueAt, "text": p.Text,
			"standard": p.StandardID, "in_notes": p.InNotes, "author": tx.Actor.MemberID, "now": tx.Now}).Scan(&id)
	if violates(err, "follow_ups_tenant_id_standard_id_fkey") {
		return 0, errs.Invalid{"standard": "There is no such standard follow-up. Choose one of the list."}
	}
	if err != nil {
		return 0, fmt.Errorf("schedule follow-up: %w", err)
	}
	line := fmt.Sprintf("Follow-up planned for %s, %s.", when(p.DueOn, p.DueAt), who)
	if p.InNotes {
		line = fmt.Sprintf("Follow-up for %s, %s: %s", when(p.DueOn, p.DueAt), who, p.Text)
	}
	return id, journal(ctx, tx, customerID, id, line)
}

// assignee is the name of the member who is to do it: an active one who may see
// the customer.
func assignee(ctx context.Context, tx *tenant.Tx, customerID, id int64) (name string, err error) {
	var sees bool
	err = tx.QueryRow(ctx, `
		SELECT u.name, `+member.Sees("t", "m", "c.branch_id")+`
		FROM members m
		JOIN users u ON u.id = m.user_id
		JOIN tenants t ON t.id = m.tenant_id
		JOIN customers c ON c.tenant_id = @tenant AND c.id = @customer
		WHERE m.tenant_id = @tenant AND m.id = @member AND m.active`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "member": id}).Scan(&name, &sees)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", errs.Invalid{"assignee": "This person does not work here, or no longer does. Choose one of the list."}
	case err != nil:
		return "", fmt.Errorf("find the assignee: %w", err)
	case !sees:
		return "", errs.Invalid{"assignee": name + " sees the customers of another branch only. Choose somebody who sees this one."}
	}
	return name, nil
}

// journal writes a line about the follow-up. Its text stands in it only where
// its author wanted that: a note stays for ever.
func journal(ctx context.Context, tx *tenant.Tx, customerID, id int64, text string) error {
	_, err := note.Add(ctx, tx, note.New{CustomerID: customerID, Kind: "follow_up", Text: text, Subject: "follow_up", SubjectID: id})
	return err
}
