// Package contact has the typed record of what was spoken with customers: each
// contact of a type, with what is to follow it, in a chain that runs on until
// somebody closes it; and the lists that contacts choose from. It does not say what
// a member has to do all in all, which is the diary's, and it places no calls.
package contact

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// State is where a contact stands.
type State string

// The states of a contact: open until the next one follows it or somebody closes it.
const (
	Open     State = "open"
	Followed State = "followed"
	Closed   State = "closed"
)

// MaxText is how many characters a description holds, and what is said at the close.
const MaxText = 2000

// Contact is one link of a chain. Code, TypeName and Action are what its type said
// when it was made; its day and hour are the tenant's wall clock.
type Contact struct {
	ID           int64
	CustomerID   int64
	DepartmentID *int64
	Department   string
	TypeID       int64
	GroupID      int64
	Group        string
	Code         string
	TypeName     string
	Action       string // what its type asks for; empty: nothing more
	Description  string
	ExecutiveID  int64 // who made it
	Executive    string
	BranchID     *int64 // the executive's then
	Branch       string
	OriginID     *int64
	Origin       string
	StrengthID   *int64
	Strength     string
	VehicleID    *int64
	Vehicle      string
	AssigneeID   int64 // who follows it up
	Assignee     string
	Working      bool    // the assignee is an active member
	DueOn        day.Day // zero: no date yet
	DueAt        string  // HH:MM; empty: any time of the day
	NextTypeID   *int64  // of the follow-up; nil: nobody has said
	NextCode     string
	NextName     string
	NextID       *int64 // the one that followed it
	FirstID      int64  // the first one of its chain, perhaps itself
	Attempts     int    // failed ones in a row
	Author       string
	CreatedAt    time.Time
	State        State
	EndedAt      *time.Time
	EndedBy      string
	Closing      string // what came of it, where it was closed
	Version      int
}

const columns = `c.id, c.customer_id, c.department_id, coalesce(d.name, '') AS department, c.type_id, t.group_id, g.name AS group,
		c.code, c.type_name, c.action, c.description, c.executive_id, eu.name AS executive, c.branch_id, coalesce(b.name, '') AS branch,
		c.origin_id, coalesce(o.name, '') AS origin, c.strength_id, coalesce(s.name, '') AS strength,
		c.vehicle_id, coalesce(concat_ws(', ', nullif(concat_ws(' ', nullif(v.make, ''), nullif(v.model, '')), ''), coalesce(nullif(v.registration, ''), v.vin)), '') AS vehicle,
		c.assignee_id, au.name AS assignee, am.active AS working, c.due_on, coalesce(to_char(c.due_at, 'HH24:MI'), '') AS due_at,
		c.next_type_id, coalesce(n.code, '') AS next_code, coalesce(n.name, '') AS next_name, c.next_id, coalesce(c.first_id, c.id) AS first_id, c.attempts,
		coalesce(wu.name, 'Dunwell') AS author, c.created_at, coalesce(c.ended, 'open') AS state, c.ended_at,
		CASE WHEN c.ended IS NULL THEN '' ELSE coalesce(xu.name, 'Dunwell') END AS ended_by, c.closing, c.version`

// names are the joins of a contact c with what is called by a name.
const names = `
	JOIN contact_types t ON t.tenant_id = @tenant AND t.id = c.type_id
	JOIN contact_groups g ON g.tenant_id = @tenant AND g.id = t.group_id
	JOIN members em ON em.tenant_id = @tenant AND em.id = c.executive_id
	JOIN users eu ON eu.id = em.user_id
	JOIN members am ON am.tenant_id = @tenant AND am.id = c.assignee_id
	JOIN users au ON au.id = am.user_id
	LEFT JOIN departments d ON d.tenant_id = @tenant AND d.id = c.department_id
	LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = c.branch_id
	LEFT JOIN contact_origins o ON o.tenant_id = @tenant AND o.id = c.origin_id
	LEFT JOIN contact_strengths s ON s.tenant_id = @tenant AND s.id = c.strength_id
	LEFT JOIN vehicles v ON v.tenant_id = @tenant AND v.id = c.vehicle_id
	LEFT JOIN contact_types n ON n.tenant_id = @tenant AND n.id = c.next_type_id
	LEFT JOIN members wm ON wm.tenant_id = @tenant AND wm.id = c.author_id
	LEFT JOIN users wu ON wu.id = wm.user_id
	LEFT JOIN members xm ON xm.tenant_id = @tenant AND xm.id = c.ended_by
	LEFT JOIN users xu ON xu.id = xm.user_id`

// Find reads one contact of the customer, in whatever state.
func Find(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Contact, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM contacts c`+names+`
		WHERE c.tenant_id = @tenant AND c.customer_id = @customer AND c.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "id": id})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Contact])
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errs.NotFound
	}
	if err != nil {
		return c, fmt.Errorf("find contact: %w", err)
	}
	return c, nil
}

// When is the day and hour of the follow-up in words: "Mon 23 Nov 2026, 10:00".
func (c Contact) When() string { return when(c.DueOn, c.DueAt) }

func when(on day.Day, at string) string {
	switch {
	case on.IsZero():
		return "no date"
	case at == "":
		return on.Long()
	}
	return on.Long() + ", " + at
}

// Type is code and name of what the contact was: "CALL1 First call".
func (c Contact) Type() string { return c.Code + " " + c.TypeName }

// NextType is code and name of what the follow-up is to be, empty where nobody has
// said.
func (c Contact) NextType() string {
	if c.NextTypeID == nil {
		return ""
	}
	return c.NextCode + " " + c.NextName
}

// DaysLate is how many days an open contact is past its day; 0 on the day itself.
func (c Contact) DaysLate(today day.Day) int {
	if c.State != Open || c.DueOn.IsZero() {
		return 0
	}
	return max(today.Sub(c.DueOn), 0)
}

// hold holds what is owed and the customer, in the order of all who hold both: a
// contact may be an action of the customer's entry in the agenda.
func hold(ctx context.Context, tx *tenant.Tx, customerID int64) error {
	if err := ledger.Hold(ctx, tx, []int64{customerID}); err != nil {
		return err
	}
	_, err := customer.Lock(ctx, tx, customerID)
	return err
}

// standing holds the customer and reads a contact that is open and of the version
// that was shown.
func standing(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int) (Contact, error) {
	if err := hold(ctx, tx, customerID); err != nil {
		return Contact{}, err
	}
	c, err := Find(ctx, tx, customerID, id)
	switch {
	case err != nil:
		return c, err
	case c.State != Open:
		return c, Over(tx, c)
	case c.Version != version:
		return c, errs.Conflict("Somebody else changed this contact meanwhile. Look at what it says now, then save again.")
	}
	return c, nil
}

// Over says who ended a contact, and when.
func Over(tx *tenant.Tx, c Contact) error {
	return errs.Conflict(fmt.Sprintf("This contact was %s by %s on %s. Nothing was changed; look at the summary again.",
		map[State]string{Followed: "followed up", Closed: "closed"}[c.State], c.EndedBy, c.EndedAt.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan, 15:04")))
}

// journal writes a line about the contact. Said tells of what was spoken, changed of
// what was only arranged.
func journal(ctx context.Context, tx *tenant.Tx, customerID, id int64, kind, text string) error {
	_, err := note.Add(ctx, tx, note.New{CustomerID: customerID, Kind: kind, Text: text, Subject: "contact", SubjectID: id})
	return err
}

// The kinds of notes about a contact.
const (
	said    = "contact"
	changed = "contact_change"
)
