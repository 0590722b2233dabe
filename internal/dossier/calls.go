package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dunwell/internal/contactrule"
)

// call is a call, or one more thing that is known about it.
type call struct {
	ID           int64
	At           time.Time
	Direction    string
	Number       string
	Person       string
	Accounts     string
	By           string
	AskedFor     bool
	Kind         string // of what is known
	Disposition  string
	Conversation bool
	RecordedBy   string
	RecordedAt   *time.Time
	Data         string
}

const callsSQL = `
	SELECT a.id, a.at, a.direction, a.number, coalesce(p.person, '') AS person,
		coalesce((
			SELECT string_agg(o.number, ', ' ORDER BY o.number)
			FROM call_attempt_accounts x
			JOIN accounts o ON o.tenant_id = @tenant AND o.id = x.account_id
			WHERE x.tenant_id = @tenant AND x.call_attempt_id = a.id), 'all') AS accounts,
		coalesce(u.name, 'Dunwell') AS by, a.asked_for, coalesce(e.kind, '') AS kind, coalesce(e.data ->> 'name', '') AS disposition,
		coalesce(e.conversation, false) AS conversation, coalesce(eu.name, '') AS recorded_by, e.at AS recorded_at, coalesce(e.data::text, '') AS data
	FROM call_attempts a
	LEFT JOIN contact_points p ON p.tenant_id = @tenant AND p.id = a.contact_point_id
	LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = a.member_id
	LEFT JOIN users u ON u.id = m.user_id
	LEFT JOIN call_events e ON e.tenant_id = @tenant AND e.customer_id = @customer AND e.call_attempt_id = a.id
	LEFT JOIN members em ON em.tenant_id = @tenant AND em.id = e.member_id
	LEFT JOIN users eu ON eu.id = em.user_id
	WHERE a.tenant_id = @tenant AND a.customer_id = @customer
	ORDER BY a.at, a.id, e.id`

func (m *making) calls(ctx context.Context) error {
	head := []string{"Call", "At", "Direction", "Number", "Person", "About the accounts", "By", "The debtor had asked for it",
		"Known of it", "Outcome", "The debt was spoken about", "Recorded by", "Recorded at", "Details"}
	return table(ctx, m, "calls.csv", head, callsSQL, func(c call) []string {
		return []string{fmt.Sprint(c.ID), m.moment(c.At), c.Direction, c.Number, c.Person, c.Accounts, c.By, yes(c.AskedFor),
			c.Kind, c.Disposition, yes(c.Conversation), c.RecordedBy, m.since(c.RecordedAt), c.Data}
	})
}

// refusal is a contact that a rule barred: refused, or made all the same.
type refusal struct {
	At      time.Time
	What    string
	Person  string
	Channel string
	Point   string
	Whose   string
	Reason  string
	Rule    int64
	Version int
	Wording json.RawMessage // of the rule at that moment; nil: it was not changed since it was made
	Note    string
}

// refusalsSQL finds the wording that a rule had then: what its last change before made
// of it, or what the next change after found.
const refusalsSQL = `
	SELECT r.at, r.what, r.person, coalesce(r.data ->> 'channel', '') AS channel, coalesce(p.value, '') AS point, coalesce(p.person, '') AS whose,
		coalesce(r.data ->> 'reason', '') AS reason, coalesce((r.data ->> 'rule')::bigint, 0) AS rule, coalesce((r.data ->> 'version')::integer, 0) AS version,
		coalesce((
			SELECT b.data -> 'after'
			FROM audit_events b
			WHERE b.tenant_id = @tenant AND b.subject = 'contact_rule' AND b.subject_id = (r.data ->> 'rule')::bigint AND b.at <= r.at AND b.data -> 'after' IS NOT NULL
			ORDER BY b.id DESC
			LIMIT 1), (
			SELECT b.data -> 'before'
			FROM audit_events b
			WHERE b.tenant_id = @tenant AND b.subject = 'contact_rule' AND b.subject_id = (r.data ->> 'rule')::bigint AND b.at > r.at AND b.data -> 'before' IS NOT NULL
			ORDER BY b.id
			LIMIT 1)) AS wording, r.note
	FROM (
		SELECT e.at, 'refused' AS what, coalesce(u.name, 'Dunwell') AS person, e.data, '' AS note
		FROM audit_events e
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = e.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE e.tenant_id = @tenant AND e.subject = 'customer' AND e.subject_id = @customer AND e.kind = 'contact.refused'
		UNION ALL
		SELECT n.at, 'made all the same', n.author, n.data, n.seq::text
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.kind = 'override') r
	LEFT JOIN contact_points p ON p.tenant_id = @tenant AND p.id = (r.data ->> 'contact_point')::bigint
	ORDER BY r.at`

// refusals writes what the rules barred, each with the rule as it was worded then.
func (m *making) refusals(ctx context.Context) error {
	rules, err := contactrule.List(ctx, m.tx)
	if err != nil {
		return err
	}
	now := map[int64]wording{}
	for _, r := range rules {
		now[r.ID] = wording{Name: r.Name, Rule: r.String(), Source: r.Source, AsOf: r.AsOf.String()}
	}
	head := []string{"At", "What", "By", "Channel", "Number or address", "Person", "Reason", "Rule", "Version", "Name of the rule", "The rule then", "Source", "Source as of", "Note"}
	return table(ctx, m, "refusals.csv", head, refusalsSQL, func(r refusal) []string {
		w := now[r.Rule]
		if r.Wording != nil {
			w = wording{}
			_ = json.Unmarshal(r.Wording, &w) // the program's own: it stays empty where it is not
		}
		return []string{m.moment(r.At), r.What, r.Person, r.Channel, r.Point, r.Whose, r.Reason, number(r.Rule), number(int64(r.Version)),
			w.Name, w.Rule, w.Source, w.AsOf, r.Note}
	})
}

// wording is a contact rule as the audit record keeps it.
type wording struct {
	Name   string `json:"name"`
	Rule   string `json:"rule"`
	Source string `json:"source"`
	AsOf   string `json:"as_of"`
}
