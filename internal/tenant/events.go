package tenant

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
)

// Recorded is a line of the audit record as read back.
type Recorded struct {
	ID        int64
	At        time.Time
	MemberID  *int64
	Person    string // empty: the program itself
	Kind      string
	Subject   string
	SubjectID *int64
	// About is the name of the member, the customer or the part of the set-up that
	// the event is about, as of now; empty for other subjects.
	About string
	Data  json.RawMessage
}

// EventFilter chooses lines of the audit record; what is zero does not filter.
type EventFilter struct {
	Group    string // the part of the kind before the first dot
	MemberID int64
	From, To day.Day // in the tenant's time zone, both included
	Before   int64   // only ids below it: the last one of the page before
}

// EventPage is how many lines Events returns at most.
const EventPage = 50

// CanReadEvents tells who may read the audit record.
func CanReadEvents(a Actor) bool { return a.Is(Manager) }

// Events is a page of the audit record, the newest first.
func Events(ctx context.Context, tx *Tx, f EventFilter) ([]Recorded, error) {
	if !CanReadEvents(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators read the audit record.")
	}
	var from, until *time.Time
	if !f.From.IsZero() {
		t := f.From.Time(tx.Actor.Tenant.Zone)
		from = &t
	}
	if !f.To.IsZero() {
		t := f.To.Add(1).Time(tx.Actor.Tenant.Zone)
		until = &t
	}
	rows, _ := tx.Query(ctx, `
		SELECT e.id, e.at, e.member_id, coalesce(u.name, '') AS person, e.kind, e.subject, e.subject_id,
			coalesce(su.name, c.name, sf.name, cr.name, tp.name, po.name, lv.name, di.name, ct.name, cg.name, co.name, cs.name, '') AS about, e.data
		FROM audit_events e
		LEFT JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.member_id
		LEFT JOIN users u ON u.id = m.user_id
		LEFT JOIN members sm ON e.subject = 'member' AND sm.tenant_id = e.tenant_id AND sm.id = e.subject_id
		LEFT JOIN users su ON su.id = sm.user_id
		LEFT JOIN customers c ON e.subject = 'customer' AND c.tenant_id = e.tenant_id AND c.id = e.subject_id
		LEFT JOIN standard_follow_ups sf ON e.subject = 'standard_follow_up' AND sf.tenant_id = e.tenant_id AND sf.id = e.subject_id
		LEFT JOIN contact_rules cr ON e.subject = 'contact_rule' AND cr.tenant_id = e.tenant_id AND cr.id = e.subject_id
		LEFT JOIN templates tp ON e.subject = 'template' AND tp.tenant_id = e.tenant_id AND tp.id = e.subject_id
		LEFT JOIN policies po ON e.subject = 'policy' AND po.tenant_id = e.tenant_id AND po.id = e.subject_id
		LEFT JOIN levels lv ON e.subject = 'level' AND lv.tenant_id = e.tenant_id AND lv.id = e.subject_id
		LEFT JOIN dispositions di ON e.subject = 'disposition' AND di.tenant_id = e.tenant_id AND di.id = e.subject_id
		LEFT JOIN contact_types ct ON e.subject = 'contact_type' AND ct.tenant_id = e.tenant_id AND ct.id = e.subject_id
		LEFT JOIN contact_groups cg ON e.subject = 'contact_group' AND cg.tenant_id = e.tenant_id AND cg.id = e.subject_id
		LEFT JOIN contact_origins co ON e.subject = 'contact_origin' AND co.tenant_id = e.tenant_id AND co.id = e.subject_id
		LEFT JOIN contact_strengths cs ON e.subject = 'contact_strength' AND cs.tenant_id = e.tenant_id AND cs.id = e.subject_id
		WHERE e.tenant_id = @tenant
			AND (@group = '' OR split_part(e.kind, '.', 1) = @group)
			AND (@member::bigint = 0 OR e.member_id = @member)
			AND (@from::timestamptz IS NULL OR e.at >= @from)
			AND (@until::timestamptz IS NULL OR e.at < @until)
			AND (@before::bigint = 0 OR e.id < @before)
		ORDER BY e.id DESC
		LIMIT @page`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "group": f.Group, "member": f.MemberID,
			"from": from, "until": until, "before": f.Before, "page": EventPage})
	return pgx.CollectRows(rows, pgx.RowToStructByName[Recorded])
}
