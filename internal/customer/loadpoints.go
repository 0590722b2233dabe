package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// ReadPoints brings the telephone numbers and e-mail addresses of load_customers into
// form and puts them into load_points: those that the customer has not and never had,
// and those that cannot be read, with the fault. What was taken out of use here stays
// out of use. One that the customer has without a person is given the row's, and a person
// whom there is nothing to keep with is left out with a fault. A customer of whom nothing
// else changes is changed by what is new.
func ReadPoints(ctx context.Context, tx *tenant.Tx) error {
	const part = 10_000
	if _, err := tx.Exec(ctx, `CREATE INDEX ON load_customers (line)`); err != nil {
		return fmt.Errorf("read contact points: %w", err)
	}
	for last, n := int64(0), part; n == part; {
		rows, _ := tx.Query(ctx, `
			SELECT l.line, l.country, coalesce(l.person, '') AS person, l.phones, l.mobiles, l.emails
			FROM load_customers l
			WHERE l.line > $1 AND l.outcome <> 'refused' AND l.phones || l.mobiles || l.emails <> '{}'
			ORDER BY l.line
			LIMIT $2`, last, part)
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[reached])
		if err != nil {
			return fmt.Errorf("read contact points: %w", err)
		}
		if n = len(list); n == 0 {
			break
		}
		last = list[n-1].Line
		var found [][]any
		for _, r := range list {
			found = append(found, r.points()...)
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"load_points"}, []string{"line", "fault", "kind", "value", "person", "said"}, pgx.CopyFromRows(found))
		if err != nil {
			return fmt.Errorf("read contact points: %w", err)
		}
	}
	for _, sql := range []string{givePersons, leavePersons, `
		DELETE FROM load_points p
		USING load_customers l
		JOIN contact_points had ON had.tenant_id = $1 AND had.customer_id = l.customer_id
		WHERE l.line = p.line AND had.kind = p.kind AND had.value = p.value AND p.point_id IS NULL`, `
		UPDATE load_customers l
		SET outcome = 'changed'
		FROM load_points p
		WHERE p.line = l.line AND p.fault IS NULL AND l.outcome = 'unchanged' AND $1::bigint IS NOT NULL`, `
		UPDATE load_points p
		SET said = p.said || ', ' || w.said, silenced = true
		FROM (` + silenced + `) w
		WHERE p.kind = w.kind AND p.value = w.value AND p.point_id IS NULL`,
	} {
		if _, err := tx.Exec(ctx, sql, tx.Actor.TenantID); err != nil {
			return fmt.Errorf("compare contact points: %w", err)
		}
	}
	return nil
}

// reached is how a row of a file says where its customer is reached.
type reached struct {
	Line                    int64
	Country, Person         string
	Phones, Mobiles, Emails []string
}

// points are the rows of load_points, each number and address once.
func (r reached) points() (rows [][]any) {
	once := map[string]bool{}
	for _, cell := range []struct {
		field string
		kind  PointKind
		texts []string
	}{{"phone", Phone, r.Phones}, {"mobile", Phone, r.Mobiles}, {"email", Email, r.Emails}} {
		texts := cell.texts
		if cell.kind == Phone {
			texts = r.apart(texts)
		}
		for _, text := range texts {
			p := Point{Kind: cell.kind, Value: text, Person: r.Person, Role: Debtor}
			var inv errs.Invalid
			switch err := p.check(r.Country); {
			case errors.As(err, &inv):
				rows = append(rows, []any{r.Line, []string{cell.field, text, inv["value"] + " The rest of the row is taken."}, cell.kind, nil, nil, nil})
			case !once[p.Value]:
				once[p.Value] = true
				rows = append(rows, []any{r.Line, nil, p.Kind, p.Value, p.Person, p.describe()})
			}
		}
	}
	return rows
}

// apart are the numbers of the cell, with those parted between which a slash stands.
func (r reached) apart(texts []string) (out []string) {
	for _, text := range texts {
		out = append(out, numbers(text, r.Country)...)
	}
	return out
}

// givePersons names the points of before that are to be given the person of their row:
// the debtor's own, in use and without one.
const givePersons = `
	UPDATE load_points p
	SET point_id = had.id
	FROM load_customers l
	JOIN contact_points had ON had.tenant_id = $1 AND had.customer_id = l.customer_id
	WHERE l.line = p.line AND had.kind = p.kind AND had.value = p.value AND p.person <> '' AND had.person = ''
		AND had.role = 'debtor' AND had.retired_at IS NULL AND NOT EXISTS (
			SELECT FROM contact_points other
			WHERE other.tenant_id = $1 AND other.customer_id = l.customer_id AND other.kind = p.kind AND other.value = p.value
				AND lower(other.person) = lower(p.person))`

// leavePersons says of whom the customer does not know yet and nothing is new to keep
// them with. A row without phones is of one who was merged into another.
const leavePersons = `
	INSERT INTO load_points (line, kind, fault)
	SELECT l.line, 'phone', ARRAY['contact', l.person, coalesce(
		'Here its number or address is with ' || string_agg(DISTINCT nullif(had.person, ''), ', ') || ', and stays so. Change that at the customer, if the file is right.',
		CASE WHEN count(had.id) > 0 THEN 'Its number or address is out of use here, or not the debtor’s own, and stays so.' END,
		'There is no number or address to keep the contact person with.') || ' The rest of the row is taken.']
	FROM load_customers l
	LEFT JOIN load_points p ON p.line = l.line AND p.fault IS NULL
	LEFT JOIN contact_points had ON had.tenant_id = $1 AND had.customer_id = l.customer_id AND had.kind = p.kind AND had.value = p.value
	WHERE l.outcome <> 'refused' AND l.person <> '' AND l.phones IS NOT NULL AND NOT EXISTS (
		SELECT FROM contact_points known
		WHERE known.tenant_id = $1 AND known.customer_id = l.customer_id AND lower(known.person) = lower(l.person))
	GROUP BY l.line, l.person
	HAVING count(*) FILTER (WHERE p.point_id IS NOT NULL OR p.value IS NOT NULL AND had.id IS NULL) = 0`

// writePersons gives the points of before their person, where they still have none.
const writePersons = `
	UPDATE contact_points c
	SET person = p.person, version = c.version + 1
	FROM load_points p
	WHERE c.tenant_id = $1 AND c.id = p.point_id AND c.person = '' AND c.retired_at IS NULL`

// insertPoints writes those of load_points that can be read and are new. None of them was of its
// customer before, so nothing that the customer said of one is to be carried over: only
// what the number itself said, or the address said of another customer, by heedLoaded.
const insertPoints = `
	INSERT INTO contact_points (customer_id, kind, value, person, role)
	SELECT l.customer_id, p.kind, p.value, p.person, 'debtor'
	FROM load_points p
	JOIN load_customers l ON l.line = p.line
	WHERE p.fault IS NULL AND p.point_id IS NULL AND l.outcome IN ('new', 'changed')
	ORDER BY l.line`

// silenced are the numbers that opted out of SMS by what they said last, and those
// addresses of load_points that opted out of e-mail with another customer, of the
// tenant $1.
const silenced = `
	SELECT 'phone' AS kind, w.number AS value, 'sms' AS channel, w.given_on, w.source, w.review_on, w.evidence, 'opted out of SMS by its own word' AS said
	FROM (
		SELECT DISTINCT ON (w.number) w.number, w.state, w.given_on, w.source, w.review_on, w.evidence
		FROM number_words w
		WHERE w.tenant_id = $1
		ORDER BY w.number, w.id DESC) w
	WHERE w.state = 'opt_out'
	UNION ALL
	SELECT 'email', o.value, 'email', o.given_on, ` + withWhom + `, o.review_on, '', coalesce('opted out of e-mail with customer ' || o.number, 'opted out of e-mail with another customer')
	FROM opted_out_of_email(ARRAY(SELECT l.value FROM load_points l WHERE l.kind = 'email' AND l.fault IS NULL)) o`

// heedLoaded has that count for the points that insertPoints wrote.
const heedLoaded = `
	INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence, follows)
	SELECT p.customer_id, p.id, w.channel, 'opt_out', w.given_on, w.source, w.review_on, w.evidence, w.kind = 'email'
	FROM (` + silenced + `) w
	JOIN load_points l ON l.kind = w.kind AND l.value = w.value AND l.fault IS NULL AND l.point_id IS NULL
	JOIN load_customers c ON c.line = l.line AND c.outcome IN ('new', 'changed')
	JOIN contact_points p ON p.tenant_id = $1 AND p.customer_id = c.customer_id AND p.kind = l.kind AND p.value = l.value
	ORDER BY c.line`

// pointsOf are the new points of the row n of load_customers in words, personsOf those
// that are given a person; NULL where there are none.
const (
	pointsOf  = `(SELECT string_agg(p.said, '; ' ORDER BY p.kind DESC, p.value) FROM load_points p WHERE p.line = n.line AND p.fault IS NULL AND p.point_id IS NULL)`
	personsOf = `(SELECT string_agg(p.said, '; ' ORDER BY p.kind DESC, p.value) FROM load_points p WHERE p.line = n.line AND p.point_id IS NOT NULL)`
)
