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

// unheeded joins to a contact point p with a number what the number said last, where
// that is an opt-out that does not count for the point, and nothing was said of the
// number to the customer since. Of a point that is fresh nothing was said yet of the
// number that it has now.
const unheeded = `
		FROM contact_points p
		JOIN (
			SELECT w.state, w.given_on, w.source, w.review_on, w.evidence, w.at
			FROM number_words w
			WHERE w.tenant_id = @tenant AND w.number = @number
			ORDER BY w.id DESC
			LIMIT 1) w ON w.state = 'opt_out'
		WHERE p.tenant_id = @tenant AND p.id = @point AND p.kind = 'phone' AND p.value = @number AND coalesce((
				SELECT s.state
				FROM permissions s
				WHERE s.tenant_id = @tenant AND s.customer_id = p.customer_id AND s.contact_point_id = p.id AND s.channel = 'sms'
				ORDER BY s.id DESC
				LIMIT 1), '') <> 'opt_out'
			AND NOT EXISTS (
				SELECT FROM contact_points o
				JOIN permissions s ON s.tenant_id = @tenant AND s.customer_id = o.customer_id AND s.contact_point_id = o.id
				WHERE o.tenant_id = @tenant AND o.customer_id = p.customer_id AND o.kind = 'phone' AND o.value = @number AND NOT (@fresh AND o.id = p.id)
					AND s.channel = 'sms' AND s.state IN ('opt_out', 'lifted') AND s.at >= w.at)`

// heed has what a number said last count for a contact point.
func heed(ctx context.Context, tx *tenant.Tx, point int64, number string, fresh bool) error {
	rows, _ := tx.Query(ctx, `
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence)
		SELECT p.customer_id, p.id, 'sms', w.state, w.given_on, w.source, w.review_on, w.evidence`+unheeded+`
		RETURNING `+ofWord,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "point": point, "number": number, "fresh": fresh})
	_, err := journalWord(ctx, tx, number, rows)
	return err
}

// Unheeded tells that a STOP of the number does not count for a contact point: it came
// in while the number was being added. Whoever sends to it asks this, and has it count
// by Heed.
func Unheeded(ctx context.Context, tx *tenant.Tx, point int64, number string) (missed bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT`+unheeded+`)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "point": point, "number": number, "fresh": false}).Scan(&missed)
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
const ofWord = `customer_id, contact_point_id, state, given_on, source, review_on, evidence`

// journalWord writes a line for each customer of whom a word of the number changed
// something, and tells whether there was any.
func journalWord(ctx context.Context, tx *tenant.Tx, number string, rows pgx.Rows) (bool, error) {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[struct {
		CustomerID     int64
		ContactPointID int64
		Permission
	}])
	if err != nil {
		return false, fmt.Errorf("record what a number asked for: %w", err)
	}
	var lines []note.New
	for _, l := range list {
		if n := len(lines); n > 0 && lines[n-1].CustomerID == l.CustomerID {
			continue // it has several people behind it
		}
		tx.Touch(l.CustomerID)
		l.Channel = SMS
		lines = append(lines, note.New{CustomerID: l.CustomerID, Kind: "permission", Subject: "contact_point", SubjectID: l.ContactPointID,
			Text: l.describe(ContactPoint{Kind: Phone, Value: number})})
	}
	if len(lines) == 0 {
		return false, nil
	}
	return true, note.AddMany(ctx, tx, lines)
}
