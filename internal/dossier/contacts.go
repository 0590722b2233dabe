package dossier

import (
	"context"
	"fmt"
	"time"

	"dunwell/internal/day"
)

// contact is one of a chain of them.
type contact struct {
	ID          int64
	FirstID     int64
	NextID      int64
	Department  string
	Code        string
	TypeName    string
	Action      string
	Description string
	Executive   string
	Branch      string
	Origin      string
	Strength    string
	Vehicle     string
	Assignee    string
	DueOn       day.Day
	DueAt       string
	NextType    string
	Attempts    int
	Author      string
	CreatedAt   time.Time
	Ended       string
	EndedAt     *time.Time
	EndedBy     string
	Closing     string
}

const contactsSQL = people + `
	SELECT c.id, coalesce(c.first_id, 0) AS first_id, coalesce(c.next_id, 0) AS next_id, coalesce(d.name, '') AS department, c.code, c.type_name, c.action, c.description,
		x.name AS executive, coalesce(b.name, '') AS branch, coalesce(o.name, '') AS origin, coalesce(s.name, '') AS strength,
		coalesce(nullif(v.registration, ''), v.vin, '') AS vehicle, a.name AS assignee, c.due_on, coalesce(to_char(c.due_at, 'HH24:MI'), '') AS due_at, coalesce(n.name, '') AS next_type,
		c.attempts, coalesce(w.name, 'Dunwell') AS author, c.created_at, coalesce(c.ended, '') AS ended, c.ended_at,
		CASE WHEN c.ended IS NULL THEN '' ELSE coalesce(e.name, 'Dunwell') END AS ended_by, c.closing
	FROM contacts c
	JOIN people x ON x.id = c.executive_id
	JOIN people a ON a.id = c.assignee_id
	LEFT JOIN people w ON w.id = c.author_id
	LEFT JOIN people e ON e.id = c.ended_by
	LEFT JOIN departments d ON d.tenant_id = @tenant AND d.id = c.department_id
	LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = c.branch_id
	LEFT JOIN contact_origins o ON o.tenant_id = @tenant AND o.id = c.origin_id
	LEFT JOIN contact_strengths s ON s.tenant_id = @tenant AND s.id = c.strength_id
	LEFT JOIN contact_types n ON n.tenant_id = @tenant AND n.id = c.next_type_id
	LEFT JOIN vehicles v ON v.tenant_id = @tenant AND v.id = c.vehicle_id
	WHERE c.tenant_id = @tenant AND c.customer_id = @customer
	ORDER BY c.id`

func (m *making) contacts(ctx context.Context) error {
	head := []string{"Contact", "First of its chain", "Followed by", "Department", "Code", "Type", "Action", "Description", "Made by", "Branch", "Origin", "Strength", "Vehicle",
		"Followed up by", "Due on", "At", "Next is to be", "Failed attempts", "Written by", "Written at", "Ended", "Ended at", "Ended by", "What came of it"}
	return table(ctx, m, "contacts.csv", head, contactsSQL, func(c contact) []string {
		return []string{fmt.Sprint(c.ID), number(c.FirstID), number(c.NextID), c.Department, c.Code, c.TypeName, c.Action, c.Description, c.Executive, c.Branch, c.Origin, c.Strength, c.Vehicle,
			c.Assignee, c.DueOn.String(), c.DueAt, c.NextType, fmt.Sprint(c.Attempts), c.Author, m.moment(c.CreatedAt), c.Ended, m.since(c.EndedAt), c.EndedBy, c.Closing}
	})
}
