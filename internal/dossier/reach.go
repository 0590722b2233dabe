package dossier

import (
	"context"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

// point is a number or an address, also one that is out of use.
type point struct {
	Kind      string
	Value     string
	Person    string
	Title     string
	Role      string
	Account   string
	Preferred bool
	CreatedAt time.Time
	ReviewOn  day.Day
	BadAt     *time.Time
	BadWhy    string
	RetiredAt *time.Time
	Former    bool
}

func (m *making) points(ctx context.Context) error {
	head := []string{"Kind", "Number or address", "Person", "Title", "Role", "About the account", "Preferred", "Recorded at", "To be reviewed on", "Did not work since", "What happened",
		"Out of use since", "Changed into another"}
	return table(ctx, m, "contact_points.csv", head, `
		SELECT p.kind, p.value, p.person, p.title, p.role, coalesce(a.number, 'all') AS account, p.preferred, p.created_at, p.review_on, p.bad_at, p.bad_why, p.retired_at, p.former
		FROM contact_points p
		LEFT JOIN accounts a ON a.tenant_id = @tenant AND a.id = p.account_id
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer
		ORDER BY p.id`, func(p point) []string {
		return []string{p.Kind, p.Value, p.Person, p.Title, words(p.Role), p.Account, yes(p.Preferred), m.moment(p.CreatedAt), p.ReviewOn.String(), m.since(p.BadAt), p.BadWhy,
			m.since(p.RetiredAt), yes(p.Former)}
	})
}

// timing is when the customer is reached best, or must not be tried.
type timing struct {
	customer.ContactTime
	By        string
	CreatedAt time.Time
}

func (m *making) times(ctx context.Context) error {
	return table(ctx, m, "contact_times.csv", []string{"Kind", "Number or address", "When", "Remark", "Recorded by", "Recorded at"}, people+`
		SELECT t.id, t.contact_point_id AS point_id, coalesce(p.value, 'all') AS point, t.kind, t.weekdays, to_char(t.from_time, 'HH24:MI') AS from, to_char(t.to_time, 'HH24:MI') AS to, t.remark,
			coalesce(w.name, 'Dunwell') AS by, t.created_at
		FROM contact_times t
		LEFT JOIN contact_points p ON p.tenant_id = @tenant AND p.id = t.contact_point_id
		LEFT JOIN people w ON w.id = t.member_id
		WHERE t.tenant_id = @tenant AND t.customer_id = @customer
		ORDER BY t.id`, func(t timing) []string {
		return []string{t.Kind, t.Point, t.String(), t.Remark, t.By, m.moment(t.CreatedAt)}
	})
}

// vehicle is what a loan is for.
type vehicle struct {
	Registration string
	Make         string
	Model        string
	Year         string
	VIN          string
	Account      string
	CreatedAt    time.Time
	RetiredAt    *time.Time
}

func (m *making) vehicles(ctx context.Context) error {
	return table(ctx, m, "vehicles.csv", []string{"Registration", "Make", "Model", "Year", "VIN", "Account", "Recorded at", "Out of use since"}, `
		SELECT v.registration, v.make, v.model, coalesce(v.year::text, '') AS year, v.vin, coalesce(a.number, '') AS account, v.created_at, v.retired_at
		FROM vehicles v
		LEFT JOIN accounts a ON a.tenant_id = @tenant AND a.id = v.account_id
		WHERE v.tenant_id = @tenant AND v.customer_id = @customer
		ORDER BY v.id`, func(v vehicle) []string {
		return []string{v.Registration, v.Make, v.Model, v.Year, v.VIN, v.Account, m.moment(v.CreatedAt), m.since(v.RetiredAt)}
	})
}
