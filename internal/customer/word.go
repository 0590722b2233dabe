package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// OptByWord records that a number opted out of SMS by the person's own word, or
// takes that back, for every customer who has the number and each who gets it later. It
// tells whether anything changed by it for those who have it. Nobody has to lift an
// opt-out whom the person tells to. The caller holds the customers.
func OptByWord(ctx context.Context, tx *tenant.Tx, number string, out bool, source, words string) (bool, error) {
	said := Permission{Channel: SMS, State: Lifted, GivenOn: tx.Today(), Source: source, Evidence: words}
	if out {
		said.State, said.ReviewOn = OptOut, tx.Today().AddMonths(12)
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "number": number, "out": out, "state": said.State, "given": said.GivenOn, "source": said.Source,
		"review": said.ReviewOn, "evidence": said.Evidence}
	if err := keepWord(ctx, tx, args); err != nil {
		return false, err
	}
	rows, _ := tx.Query(ctx, `
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence)
		SELECT p.customer_id, p.id, 'sms', @state, @given, @source, @review, @evidence
		FROM contact_points p
		WHERE p.tenant_id = @tenant AND p.kind = 'phone' AND p.value = @number AND NOT p.former AND @out = coalesce((
			SELECT s.state <> 'opt_out'
			FROM permissions s
			WHERE s.tenant_id = @tenant AND s.customer_id = p.customer_id AND s.contact_point_id = p.id AND s.channel = 'sms'
			ORDER BY s.id DESC
			LIMIT 1), true)
		ORDER BY p.customer_id, p.id
		RETURNING `+ofWord, args)
	return journalWord(ctx, tx, number, rows)
}

// keepWord keeps the word with the number itself. What is no number that a customer can
// have, such as a sender's name, says nothing that can count later.
func keepWord(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO number_words (number, state, given_on, source, review_on, evidence)
		SELECT @number::text, @state, @given, @source, @review, @evidence
		WHERE @number::text ~ '^\+[1-9][0-9]{5,14}$'`, args)
	if err != nil {
		return fmt.Errorf("keep what a number asked for: %w", err)
	}
	return nil
}

// withWhom says of an address o that opted out with whom it did.
const withWhom = `coalesce('They opted out with customer ' || o.number, 'They opted out with another customer')`

// unheeded joins to a contact point p with a number what the number said last, and to
// one with an address the opt-out that another customer has of it, where that is an
// opt-out that does not count for the point, and nothing was said of the number or
// address to the customer since. Of a point that is fresh nothing was said yet of what
// it has now.
const unheeded = `
		FROM contact_points p
		JOIN (
			(SELECT 'phone' AS kind, 'sms' AS channel, w.state, w.given_on, w.source, w.review_on, w.evidence, false AS follows, w.at
			FROM number_words w
			WHERE w.tenant_id = @tenant AND w.number = @value
			ORDER BY w.id DESC
			LIMIT 1)
			UNION ALL
			SELECT 'email', 'email', 'opt_out', o.given_on, ` + withWhom + `, o.review_on, '', true, o.at
			FROM opted_out_of_email(ARRAY[@value::text]) o) w ON w.kind = p.kind AND w.state = 'opt_out'
		WHERE p.tenant_id = @tenant AND p.id = @point AND p.value = @value AND coalesce((
				SELECT s.state
				FROM permissions s
				WHERE s.tenant_id = @tenant AND s.customer_id = p.customer_id AND s.contact_point_id = p.id AND s.channel = w.channel
				ORDER BY s.id DESC
				LIMIT 1), '') <> 'opt_out'
			AND NOT EXISTS (
				SELECT FROM contact_points o
				JOIN permissions s ON s.tenant_id = @tenant AND s.customer_id = o.customer_id AND s.contact_point_id = o.id
				WHERE o.tenant_id = @tenant AND o.customer_id = p.customer_id AND o.kind = p.kind AND o.value = @value AND NOT (@fresh AND o.id = p.id)
					AND s.channel = w.channel AND s.state IN ('opt_out', 'lifted') AND s.at >= w.at)`

// heed has count for a contact point what its number said last, or with whom else its
// address opted out.
func heed(ctx context.Context, tx *tenant.Tx, point int64, value string, fresh bool) error {
	rows, _ := tx.Query(ctx, `
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence, follows)
		SELECT p.customer_id, p.id, w.channel, w.state, w.given_on, w.source, w.review_on, w.evidence, w.follows`+unheeded+`
		RETURNING `+ofWord,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "point": point, "value": value, "fresh": fresh})
	_, err := journalWord(ctx, tx, value, rows)
	return err
}

// Unheeded tells that a STOP of the number does not count for a contact point: it came
// in while the number was being added. Whoever sends to it asks this, and has it count
// by Heed.
func Unheeded(ctx context.Context, tx *tenant.Tx, point int64, number string) (missed bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT`+unheeded+`)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "point": point, "value": number, "fresh": false}).Scan(&missed)
	if err != nil {
		return false, fmt.Errorf("look what a number asked for: %w", err)
	}
	return missed, nil
}

// Heed has what a number said last count for a contact point. The caller holds the
// customer.
func Heed(ctx context.Context, tx *tenant.Tx, point int64, number string) error {
	return heed(ctx, tx, point, number, false)
}

// ofWord is what journalWord wants to know of each permission that a word gave.
const ofWord = `customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence`

// journalWord writes a line for each customer of whom a word of the number or address
// changed something, and tells whether there was any.
func journalWord(ctx context.Context, tx *tenant.Tx, value string, rows pgx.Rows) (bool, error) {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[struct {
		CustomerID     int64
		ContactPointID int64
		Permission
	}])
	if err != nil {
		return false, fmt.Errorf("record an opt-out of a number or address: %w", err)
	}
	var lines []note.New
	for _, l := range list {
		if n := len(lines); n > 0 && lines[n-1].CustomerID == l.CustomerID {
			continue // it has several people behind it
		}
		tx.Touch(l.CustomerID)
		of := ContactPoint{Kind: Phone, Value: value}
		if l.Channel == Mail {
			of.Kind = Email
		}
		lines = append(lines, note.New{CustomerID: l.CustomerID, Kind: "permission", Subject: "contact_point", SubjectID: l.ContactPointID,
			Text: l.describe(of)})
	}
	if len(lines) == 0 {
		return false, nil
	}
	return true, note.AddMany(ctx, tx, lines)
}
