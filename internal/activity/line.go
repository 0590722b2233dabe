package activity

import (
	"context"
	"fmt"

	"dunwell/internal/tenant"

	"github.com/jackc/pgx/v5"
)

// Line is what the company has set up of telephone and SMS, and where the actor is
// rung.
type Line struct {
	Phone string // of the actor, E.164; empty: nobody said
	SMS   bool   // SMS can be sent
	Calls bool   // the telephone system can place calls
}

// CanDial tells that the telephone system can place a call for the actor.
func (l Line) CanDial() bool { return l.Calls && l.Phone != "" }

const lineSQL = `
	SELECT m.phone, coalesce(p.sms_from <> '', false) AS sms, coalesce(p.call_from <> '', false) AS calls
	FROM members m
	LEFT JOIN providers p ON p.tenant_id = @tenant
	WHERE m.tenant_id = @tenant AND m.id = @me`

// QueueLine asks for it in a batch.
func QueueLine(b *tenant.Batch, into *Line) {
	b.Queue("read the telephone line", lineSQL, lineArgs(b.Tx), func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Line])
		return err
	})
}

// LineOf reads it.
func LineOf(ctx context.Context, tx *tenant.Tx) (l Line, err error) {
	rows, _ := tx.Query(ctx, lineSQL, lineArgs(tx))
	if l, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Line]); err != nil {
		return l, fmt.Errorf("read the telephone line: %w", err)
	}
	return l, nil
}

func lineArgs(tx *tenant.Tx) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID}
}
