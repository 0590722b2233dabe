package dossier

import (
	"context"
	"strings"
	"time"

	"dunwell/internal/day"
)

// people begins a question that names several members: each is looked up in it by id.
const people = `
	WITH people AS (
		SELECT m.id, u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = @tenant)`

// head is what is kept about the customer as such.
type head struct {
	Number     string
	Name       string
	Kind       string
	Street     string
	PostalCode string
	City       string
	Region     string
	Country    string
	Language   string
	TimeZone   string
	Owner      string
	Branch     string
	Tags       []string
	Policy     string
	Mode       string
	NextOn     day.Day
	ChosenBy   string
	ChosenAt   *time.Time
	RemindedOn day.Day
	PausedTo   day.Day
	PauseWhy   string
	PausedBy   string
	WatchedTo  day.Day
	WatchWhy   string
	CreatedAt  time.Time
	ArchivedAt *time.Time
	Into       string
	MergedAt   *time.Time
}

func (m *making) head(ctx context.Context) error {
	names := []string{"Number", "Name", "Kind", "Street", "Postal code", "City", "Region", "Country", "Language", "Time zone", "Owner", "Branch", "Tags",
		"Dunning policy", "Reminders", "Next reminder on", "Chosen by", "Chosen at", "Last reminded on", "Dunning paused until", "Dunning paused because", "Paused by",
		"Watched until", "Watched because", "Recorded at", "Archived at", "Merged into", "Merged at"}
	return table(ctx, m, "customer.csv", names, people+`
		SELECT c.number, c.name, c.kind, c.street, c.postal_code, c.city, c.region, c.country, c.language, c.time_zone,
			coalesce(o.name, '') AS owner, coalesce(b.name, '') AS branch, c.tags, coalesce(p.name, '') AS policy, c.reminder_mode AS mode, c.next_reminder_on AS next_on,
			coalesce(r.name, '') AS chosen_by, c.reminder_at AS chosen_at, c.last_reminded_on AS reminded_on,
			c.dunning_paused_until AS paused_to, coalesce(c.dunning_pause_reason, '') AS pause_why, coalesce(w.name, '') AS paused_by,
			c.watch_until AS watched_to, coalesce(c.watch_reason, '') AS watch_why, c.created_at, c.archived_at, coalesce(k.number, '') AS into, c.merged_at
		FROM customers c
		LEFT JOIN people o ON o.id = c.owner_id
		LEFT JOIN people r ON r.id = c.reminder_by
		LEFT JOIN people w ON w.id = c.dunning_paused_by
		LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = c.branch_id
		LEFT JOIN policies p ON p.tenant_id = @tenant AND p.id = c.policy_id
		LEFT JOIN customers k ON k.tenant_id = @tenant AND k.id = c.merged_into
		WHERE c.tenant_id = @tenant AND c.id = @customer`, func(c head) []string {
		return []string{c.Number, c.Name, c.Kind, c.Street, c.PostalCode, c.City, c.Region, c.Country, c.Language, c.TimeZone, c.Owner, c.Branch, strings.Join(c.Tags, ", "),
			c.Policy, c.Mode, c.NextOn.String(), c.ChosenBy, m.since(c.ChosenAt), c.RemindedOn.String(), c.PausedTo.String(), c.PauseWhy, c.PausedBy,
			c.WatchedTo.String(), c.WatchWhy, m.moment(c.CreatedAt), m.since(c.ArchivedAt), c.Into, m.since(c.MergedAt)}
	})
}
