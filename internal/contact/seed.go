package contact

import (
	"context"
	"fmt"

	"dunwell/internal/tenant"
)

// Seed gives a tenant the lists that its contacts begin with: groups, types, origins
// and strengths. A tenant that has a group keeps its own.
func Seed(ctx context.Context, tx *tenant.Tx) error {
	if err := maySetUp(tx.Actor); err != nil {
		return err
	}
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM contact_groups g WHERE g.tenant_id = $1)`, tx.Actor.TenantID).Scan(&there); err != nil || there {
		return err
	}
	for list, names := range map[List][]string{Groups: firstGroups, Origins: firstOrigins, Strengths: firstStrengths} {
		_, err := tx.Exec(ctx, `
			INSERT INTO `+list.table+` (name, position)
			SELECT name, place
			FROM unnest($1::text[]) WITH ORDINALITY AS n (name, place)`, names)
		if err != nil {
			return fmt.Errorf("seed %s: %w", list.table, err)
		}
	}
	var groups, codes, titles, actions, nexts []string
	var talks []bool
	var delays []int
	for _, f := range firstTypes {
		groups, codes, titles, actions = append(groups, f.group), append(codes, f.code), append(titles, f.name), append(actions, f.action)
		talks, nexts, delays = append(talks, f.talk), append(nexts, f.next), append(delays, f.delay)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO contact_types (group_id, code, name, action, conversation, next_delay_days, position)
		SELECT g.id, f.code, f.name, f.action, f.talk, nullif(f.delay, -1), f.place
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::smallint[])
			WITH ORDINALITY AS f (grp, code, name, action, talk, delay, place)
		JOIN contact_groups g ON g.tenant_id = $1 AND g.name = f.grp`, tx.Actor.TenantID, groups, codes, titles, actions, talks, delays)
	if err != nil {
		return fmt.Errorf("seed types of contacts: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE contact_types t
		SET next_type_id = n.id
		FROM unnest($2::text[], $3::text[]) AS f (code, next)
		JOIN contact_types n ON n.tenant_id = $1 AND n.code = f.next
		WHERE t.tenant_id = $1 AND t.code = f.code AND n.id <> t.id`, tx.Actor.TenantID, codes, nexts)
	if err != nil {
		return fmt.Errorf("seed what follows contacts: %w", err)
	}
	return nil
}

var (
	firstGroups    = []string{"Collection", "Disputes", "Service", "Visits"}
	firstOrigins   = []string{"We called", "Customer called", "E-mail", "Letter", "Visit", "Dunning"}
	firstStrengths = []string{"Urgent", "High", "Normal", "Low"}
)

// first is a type that a new tenant begins with.
type first struct {
	group, code, name, action string
	talk                      bool
	next                      string // the code of the follow-up; empty: the same again
	delay                     int    // working days; -1: no date is proposed
}

var firstTypes = []first{
	{"Collection", "CALL", "Payment call", "Call again where no day of payment was agreed.", true, "CHECK", 3},
	{"Collection", "CHECK", "Payment check", "See whether the money came; call where it did not.", false, "CALL", 1},
	{"Collection", "TERMS", "Terms agreed", "Send what was agreed in writing, and check that it is kept.", true, "CHECK", 5},
	{"Disputes", "DISP", "Complaint taken up", "Find out who settles it, and answer by the day that was given.", true, "DISP-2", 5},
	{"Disputes", "DISP-2", "Complaint answered", "Ask whether the answer settles it, and when the rest is paid.", true, "CHECK", 5},
	{"Service", "DOCS", "Copies wanted", "Send the copies, and ask whether they arrived.", false, "CALL", 2},
	{"Service", "INFO", "Information only", "", false, "", -1},
	{"Visits", "VISIT", "Visit", "Write down what was seen and agreed.", true, "CHECK", 10},
}
