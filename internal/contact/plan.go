package contact

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Plan is what a contact is to say.
type Plan struct {
	DepartmentID int64 // 0: none
	TypeID       int64
	Description  string
	ExecutiveID  int64 // who made it; the branch is this member's
	OriginID     int64 // 0: none
	StrengthID   int64 // 0: none
	VehicleID    int64 // 0: none; else one of the customer's
	Next         Next
}

// Next is what is to follow a contact, in whose diary and when.
type Next struct {
	AssigneeID int64
	On         day.Day // zero: no date yet
	At         string  // HH:MM; empty: any time of the day
	TypeID     int64   // 0: nobody has said
}

// plan is what a contact says now.
func (c Contact) plan() Plan {
	id := func(p *int64) int64 {
		if p == nil {
			return 0
		}
		return *p
	}
	return Plan{DepartmentID: id(c.DepartmentID), TypeID: c.TypeID, Description: c.Description, ExecutiveID: c.ExecutiveID, OriginID: id(c.OriginID),
		StrengthID: id(c.StrengthID), VehicleID: id(c.VehicleID), Next: Next{AssigneeID: c.AssigneeID, On: c.DueOn, At: c.DueAt, TypeID: id(c.NextTypeID)}}
}

// words brings a text into form and refuses what cannot be kept.
func words(inv *errs.Invalid, text *string, field, missing string) {
	*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
	length := utf8.RuneCountInString(*text)
	inv.Check(length > 0 || missing == "", field, missing)
	inv.Check(length <= MaxText, field, fmt.Sprintf("This has %d characters and there is room for %d. Shorten it; a long story belongs into a note.", length, MaxText))
	inv.Check(!note.HasCard(*text), field, note.NoCard)
}

// checkWhen looks at day and hour. What stood there before may stay.
func (n *Next) checkWhen(inv *errs.Invalid, tx *tenant.Tx, was Next) {
	if n.At != "" {
		at, err := time.Parse("15:04", n.At)
		inv.Check(err == nil, "due_at", "Give the hour as 14:30, or leave it empty for any time of the day.")
		inv.Check(!n.On.IsZero(), "due_at", "Give the day too, or take the hour out.")
		n.At = at.Format("15:04")
	}
	if n.On.IsZero() || n.On == was.On && n.At == was.At {
		return
	}
	today := tx.Today()
	inv.Check(!n.On.Before(today), "due_on", "This day is past. Choose today or a day to come.")
	inv.Check(n.On.Before(today.Add(3653)), "due_on", "This is more than ten years ahead. Look at the year again.")
	inv.Check(n.On != today || n.At == "" || n.At >= tx.Now.In(tx.Actor.Tenant.Zone).Format("15:04"), "due_at", "This hour is past today. Choose a later one, or another day.")
}

// chosen is what a plan chose from the lists; nil: that is not there to be chosen.
type chosen struct {
	Code, TypeName, Action       *string
	Conversation                 bool
	Executive                    *string
	BranchID                     *int64 // the executive's
	Department, Origin, Strength *string
	Vehicle                      *string
	Assignee                     *string
	Sees                         bool    // the assignee sees the customer
	NextType                     *string // code and name
}

var chosenSQL = `
	SELECT t.code, t.name AS type_name, t.action, coalesce(t.conversation, false) AS conversation, eu.name AS executive, e.branch_id,
		d.name AS department, o.name AS origin, s.name AS strength, coalesce(nullif(v.registration, ''), v.vin) AS vehicle,
		au.name AS assignee, coalesce(` + member.Sees("l", "a", "c.branch_id") + `, false) AS sees,
		n.code || ' ' || n.name AS next_type
	FROM customers c
	JOIN tenants l ON l.id = c.tenant_id
	LEFT JOIN contact_types t ON t.tenant_id = @tenant AND t.id = @type AND (t.retired_at IS NULL OR t.id = @was_type)
	LEFT JOIN members e ON e.tenant_id = @tenant AND e.id = @executive AND (e.active OR e.id = @was_executive)
	LEFT JOIN users eu ON eu.id = e.user_id
	LEFT JOIN departments d ON d.tenant_id = @tenant AND d.id = @department AND (d.retired_at IS NULL OR d.id = @was_department)
	LEFT JOIN contact_origins o ON o.tenant_id = @tenant AND o.id = @origin AND (o.retired_at IS NULL OR o.id = @was_origin)
	LEFT JOIN contact_strengths s ON s.tenant_id = @tenant AND s.id = @strength AND (s.retired_at IS NULL OR s.id = @was_strength)
	LEFT JOIN vehicles v ON v.tenant_id = @tenant AND v.customer_id = c.id AND v.id = @vehicle AND (v.retired_at IS NULL OR v.id = @was_vehicle)
	LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = @assignee AND (a.active OR a.id = @was_assignee)
	LEFT JOIN users au ON au.id = a.user_id
	LEFT JOIN contact_types n ON n.tenant_id = @tenant AND n.id = @next_type AND (n.retired_at IS NULL OR n.id = @was_next_type)
	WHERE c.tenant_id = @tenant AND c.id = @customer`

// check brings what was typed into form, looks up what was chosen and refuses what
// cannot be kept. What stood there before, was, may stay although it is out of use.
func (p *Plan) check(ctx context.Context, tx *tenant.Tx, customerID int64, was Plan) (chosen, error) {
	var inv errs.Invalid
	words(&inv, &p.Description, "description", "Say what it was about.")
	p.Next.checkWhen(&inv, tx, was.Next)
	rows, _ := tx.Query(ctx, chosenSQL, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID,
		"type": p.TypeID, "was_type": was.TypeID, "executive": p.ExecutiveID, "was_executive": was.ExecutiveID,
		"department": p.DepartmentID, "was_department": was.DepartmentID, "origin": p.OriginID, "was_origin": was.OriginID,
		"strength": p.StrengthID, "was_strength": was.StrengthID, "vehicle": p.VehicleID, "was_vehicle": was.VehicleID,
		"assignee": p.Next.AssigneeID, "was_assignee": was.Next.AssigneeID, "next_type": p.Next.TypeID, "was_next_type": was.Next.TypeID})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[chosen])
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errs.NotFound
	}
	if err != nil {
		return c, fmt.Errorf("look up what a contact chooses: %w", err)
	}
	const again = " Choose one of the list."
	inv.Check(p.TypeID == 0 || c.Code != nil, "type", "There is no such code in use."+again)
	inv.Check(p.TypeID != 0, "type", "Choose the code, which says what kind of contact it was.")
	inv.Check(c.Executive != nil, "executive", "This person does not work here, or no longer does."+again)
	inv.Check(p.DepartmentID == 0 || c.Department != nil, "department", "There is no such department in use."+again)
	inv.Check(p.OriginID == 0 || c.Origin != nil, "origin", "There is no such origin in use."+again)
	inv.Check(p.StrengthID == 0 || c.Strength != nil, "strength", "There is no such strength in use."+again)
	inv.Check(p.VehicleID == 0 || c.Vehicle != nil, "vehicle", "This customer has no such vehicle."+again)
	inv.Check(p.Next.TypeID == 0 || c.NextType != nil, "next_type", "There is no such code in use."+again)
	inv.Check(c.Assignee != nil, "assignee", "This person does not work here, or no longer does."+again)
	if c.Assignee != nil && p.Next.AssigneeID != was.Next.AssigneeID {
		inv.Check(c.Sees, "assignee", *c.Assignee+" sees the customers of another branch only. Choose somebody who sees this one.")
	}
	return c, inv.Err()
}
