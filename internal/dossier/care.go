package dossier

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"dunwell/internal/day"
)

// permission is what a person allowed or forbade.
type permission struct {
	At       time.Time
	Kind     string
	Value    string
	Person   string
	Role     string
	Channel  string
	State    string
	GivenOn  day.Day
	Source   string
	ReviewOn day.Day
	Evidence string
	By       string
}

func (m *making) permissions(ctx context.Context) error {
	head := []string{"Recorded at", "Number or address", "Person", "Role", "Channel", "State", "Said on", "Source", "To be reviewed on", "Evidence", "Recorded by"}
	return table(ctx, m, "permissions.csv", head, `
		SELECT s.at, p.kind, p.value, p.person, p.role, s.channel, s.state, s.given_on, s.source, s.review_on, s.evidence, coalesce(u.name, 'Dunwell') AS by
		FROM permissions s
		JOIN contact_points p ON p.tenant_id = @tenant AND p.id = s.contact_point_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = s.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE s.tenant_id = @tenant AND s.customer_id = @customer
		ORDER BY s.id`, func(p permission) []string {
		return []string{m.moment(p.At), p.Value, p.Person, words(p.Role), p.Channel, words(p.State), p.GivenOn.String(), p.Source, p.ReviewOn.String(), p.Evidence, p.By}
	})
}

// stop is a reason not to contact the debtor.
type stop struct {
	Kind         string
	Reason       string
	Since        day.Day
	ReviewOn     day.Day
	PlacedAt     time.Time
	PlacedBy     string
	LiftedAt     *time.Time
	LiftedBy     string
	LiftReason   string
	LiftEvidence string
}

func (m *making) stops(ctx context.Context) error {
	head := []string{"Stop", "Reason", "Since", "To be reviewed on", "Placed at", "Placed by", "Lifted at", "Lifted by", "Why", "Evidence"}
	return table(ctx, m, "stops.csv", head, `
		SELECT s.kind, s.reason, s.since, s.review_on, s.placed_at, coalesce(pu.name, 'Dunwell') AS placed_by,
			s.lifted_at, coalesce(lu.name, '') AS lifted_by, s.lift_reason, s.lift_evidence
		FROM stops s
		LEFT JOIN members p ON p.tenant_id = @tenant AND p.id = s.placed_by
		LEFT JOIN users pu ON pu.id = p.user_id
		LEFT JOIN members l ON l.tenant_id = @tenant AND l.id = s.lifted_by
		LEFT JOIN users lu ON lu.id = l.user_id
		WHERE s.tenant_id = @tenant AND s.customer_id = @customer
		ORDER BY s.id`, func(s stop) []string {
		return []string{words(s.Kind), s.Reason, s.Since.String(), s.ReviewOn.String(), m.moment(s.PlacedAt), s.PlacedBy, m.since(s.LiftedAt), s.LiftedBy, s.LiftReason, s.LiftEvidence}
	})
}

// request is a contact that the debtor asked for.
type request struct {
	At      time.Time
	Value   string
	Person  string
	Channel string
	Since   time.Time
	Until   time.Time
	Source  string
	By      string
}

func (m *making) requests(ctx context.Context) error {
	head := []string{"Recorded at", "Number or address", "Person", "Channel", "From", "Until", "Source", "Recorded by"}
	return table(ctx, m, "requests.csv", head, `
		SELECT r.at, p.value, p.person, r.channel, coalesce(r.not_before, r.at) AS since, r.until, r.source, coalesce(u.name, 'Dunwell') AS by
		FROM contact_requests r
		JOIN contact_points p ON p.tenant_id = @tenant AND p.id = r.contact_point_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = r.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE r.tenant_id = @tenant AND r.customer_id = @customer
		ORDER BY r.id`, func(r request) []string {
		return []string{m.moment(r.At), r.Value, r.Person, r.Channel, m.moment(r.Since), m.moment(r.Until), r.Source, r.By}
	})
}

// look is somebody who saw something of the customer.
type look struct {
	At     time.Time
	Person string
	Kind   string
	About  string // the document's name
	Data   json.RawMessage
}

// looks says of each kind what was done; a kind that is not here is said as it is.
var looks = map[string]string{
	"customer.opened":        "opened the profile",
	"customer.exported":      "took the journal or a dossier along",
	"customer.statement":     "made a statement",
	"customer.dossier_taken": "had a dossier made",
	"document.opened":        "opened a document",
}

func (m *making) access(ctx context.Context) error {
	head := []string{"At", "Person", "What", "Document", "Details"}
	return table(ctx, m, "access.csv", head, `
		SELECT e.at, coalesce(u.name, 'Dunwell') AS person, e.kind, coalesce(d.name, '') AS about, e.data
		FROM (
			SELECT 'customer' AS subject, @customer::bigint AS id
			UNION ALL
			SELECT 'document', d.id FROM documents d WHERE d.tenant_id = @tenant AND d.customer_id = @customer) s
		JOIN audit_events e ON e.tenant_id = @tenant AND e.subject = s.subject AND e.subject_id = s.id AND e.kind <> 'contact.refused'
		LEFT JOIN documents d ON d.tenant_id = @tenant AND s.subject = 'document' AND d.id = s.id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = e.member_id
		LEFT JOIN users u ON u.id = m.user_id
		ORDER BY e.id`, func(l look) []string {
		what, known := looks[l.Kind]
		if !known {
			what = words(l.Kind)
		}
		return []string{m.moment(l.At), l.Person, what, l.About, string(l.Data)}
	})
}

// words is a name of the program's as people read it.
func words(name string) string {
	return strings.NewReplacer("_", " ", ".", " ").Replace(name)
}
