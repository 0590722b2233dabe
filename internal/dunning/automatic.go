package dunning

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// CanWaive tells who lets automatic levels send although payments are not loaded.
func CanWaive(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// WaivePayments lets automatic levels send today, whatever payments are loaded. It is
// refused where nothing waits for them.
func WaivePayments(ctx context.Context, tx *tenant.Tx) error {
	if !CanWaive(tx.Actor) {
		return errs.Forbidden("Only managers and administrators let reminders go out before the payments are loaded. Ask yours.")
	}
	if missing(tx.Actor.Tenant) == (Missing{}) {
		return errs.Conflict("Payments are loaded by now: automatic reminders no longer wait for them.")
	}
	tag, err := tx.Exec(ctx, `
		UPDATE tenants
		SET payments_waived_on = $2
		WHERE id = $1 AND payments_waived_on IS DISTINCT FROM $2`, tx.Actor.TenantID, tx.Today())
	if err != nil {
		return fmt.Errorf("waive payments: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return tx.Audit(ctx, tenant.Event{Kind: "dunning.payments_waived", Data: map[string]any{"on": tx.Today()}})
}

// AutomaticWaits says what keeps all that automatic levels send from leaving today, or
// else some of it; empty: nothing does. Payments count as loaded where they are up to
// the last day on which anybody works. A way out that is not set up keeps what goes that
// way: all of it where nothing goes another way.
func (d *Desk) AutomaticWaits(ctx context.Context, tx *tenant.Tx) (all, some string, err error) {
	all, ways, err := automaticWaits(ctx, tx)
	if err != nil || all != "" {
		return all, "", err
	}
	shut, err := d.shut(ctx, tx, ways)
	if len(shut) < len(ways) {
		return "", said(shut), err
	}
	return said(shut), "", err
}

// automaticWaits says what keeps all that automatic levels send, whatever way it goes,
// and which ways that are.
func automaticWaits(ctx context.Context, tx *tenant.Tx) (why string, ways []ActionKind, err error) {
	var on, ran bool
	var waived day.Day
	err = tx.QueryRow(ctx, `
		SELECT t.dunning_on, t.payments_waived_on, EXISTS (SELECT FROM dunning_runs r WHERE r.tenant_id = t.id AND r.as_of = @today), `+automaticWays+`
		FROM tenants t
		WHERE t.id = @tenant`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today()}).Scan(&on, &waived, &ran, &ways)
	if err != nil {
		return "", nil, fmt.Errorf("look whether automatic levels may send: %w", err)
	}
	m := missing(tx.Actor.Tenant)
	switch {
	case !on:
		return "Dunning is switched off.", ways, nil
	case !ran:
		return "Today’s run has not been made yet.", ways, nil
	case waived == tx.Today() || m == (Missing{}):
		return "", ways, nil
	}
	return fmt.Sprintf("Automatic reminders wait: %s. %s, or have a manager let them go out for today.", m.Have, m.Load), ways, nil
}

// Missing is what the payments lack that automatic levels wait for. Zero: nothing.
type Missing struct {
	Have   string // how far they are loaded: "payments are loaded to Thu 12 Mar only"
	Load   string // what is to be done: "Load them up to Fri 13 Mar"
	Waived bool   // a manager lets reminders go out today all the same
}

func missing(of tenant.Tenant) Missing {
	if of.PaymentsLoadedTo == nil {
		return Missing{Have: "no payments were ever loaded", Load: "Load them"}
	}
	loaded, _ := tenant.LoadedDay(*of.PaymentsLoadedTo, of.Zone)
	if !loaded.Before(of.LastWorkingDay) {
		return Missing{}
	}
	return Missing{Have: "payments are loaded to " + loaded.Format("Mon 2 Jan") + " only", Load: "Load them up to " + of.LastWorkingDay.Format("Mon 2 Jan")}
}

// AutomaticArgs asks to send what automatic levels have, in all companies.
type AutomaticArgs struct{}

// Kind names the job.
func (AutomaticArgs) Kind() string { return "send_automatic_levels" }

// SendAutomatic begins a batch in each company in which automatic levels have
// something to send that may be sent now. However often it runs, an entry is sent
// once. One company's failure is its own.
func (d *Desk) SendAutomatic(ctx context.Context) error {
	zones, err := d.Box.DB.Zones(ctx)
	if err != nil {
		return fmt.Errorf("send automatic levels: %w", err)
	}
	var failed []error
	for id := range zones {
		err := d.Box.DB.Write(ctx, tenant.System(id), func(tx *tenant.Tx) error { return d.automatic(ctx, tx) })
		if err != nil && !errors.As(err, new(*Taken)) {
			failed = append(failed, fmt.Errorf("send automatic levels of tenant %d: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// automaticBulk is what is done with what automatic levels send. Whoever asks for its
// plan is told what the program would do.
var automaticBulk = Bulk{Kind: BulkApprove, program: true}

func (d *Desk) automatic(ctx context.Context, tx *tenant.Tx) error {
	waits, _, err := automaticWaits(ctx, tx)
	if err != nil || waits != "" {
		return err
	}
	l, err := d.leaving(ctx, tx, automaticBulk)
	if err != nil || len(l.now) == 0 {
		return err
	}
	_, _, err = d.begin(ctx, tx, l.now, automaticBulk)
	return err
}

// ready are the entries that an automatic level in use may send, and that were not tried
// today. With begun those are among them whose turn comes yet in a batch of the program.
func ready(ctx context.Context, tx *tenant.Tx, begun bool) ([]int64, error) {
	return atAutomatic(ctx, tx, `
			AND NOT EXISTS (
				SELECT FROM batches b
				JOIN batch_entries w ON w.tenant_id = @tenant AND w.batch_id = b.id AND w.entry_id = e.id
				WHERE b.tenant_id = @tenant AND b.member_id IS NULL AND b.on_day = @today AND NOT (@begun AND w.state = 'waiting'))
			AND NOT EXISTS (
				SELECT FROM batch_entries w
				JOIN batches b ON b.tenant_id = @tenant AND b.id = w.batch_id AND b.member_id IS NOT NULL
				WHERE w.tenant_id = @tenant AND w.entry_id = e.id AND w.state = 'waiting')`, begun)
}

// atAutomatic are the entries e at an automatic level in use, by itself and to be worked now,
// for which that holds too: with nothing about them that is held, on its way or unknown. Those
// that are a person's, for a letter that was printed or a reminder that did not arrive, the
// plan leaves out. Who was written to within the gap between two reminders, from whatever
// screen, waits.
func atAutomatic(ctx context.Context, tx *tenant.Tx, that string, begun bool) ([]int64, error) {
	rows, _ := tx.Query(ctx, `
		SELECT e.id
		FROM agenda_entries e
		JOIN levels l ON l.tenant_id = @tenant AND l.id = e.level_id AND l.mode = 'automatic' AND l.retired_at IS NULL
		JOIN policies p ON p.tenant_id = @tenant AND p.id = e.policy_id AND p.retired_at IS NULL
		JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id AND c.reminder_mode = 'auto'
		WHERE e.tenant_id = @tenant AND e.state = 'open' AND e.why IN ('level', 'repeat')
			AND (e.later_on IS NULL OR e.later_on <= @today) AND e.done_asked_at IS NULL`+that+`
			AND NOT EXISTS (
				SELECT FROM agenda_actions a
				JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
				WHERE a.tenant_id = @tenant AND a.entry_id = e.id AND m.state NOT IN ('sent', 'delivered', 'failed', 'bounced', 'discarded'))
			AND NOT EXISTS (
				SELECT FROM messages m
				WHERE m.tenant_id = @tenant AND m.customer_id = e.customer_id AND m.demands AND m.created_at < e.created_at
					AND m.state IN ('queued', 'sending', 'sent', 'delivered', 'unknown')
					AND (m.created_at AT TIME ZONE @zone)::date BETWEEN @today::date - p.min_gap_days + 1 AND @today)
		ORDER BY e.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "zone": tx.Actor.Tenant.Zone.String(), "begun": begun})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("find what stands at automatic levels: %w", err)
	}
	return slices.Clip(ids), nil
}

// mayStill refuses what the program began to send where it would no longer begin: it is
// asked at each entry's turn, for a batch may stand for hours.
func mayStill(ctx context.Context, tx *tenant.Tx, e Entry) error {
	if e.Why == WhyReply {
		return errs.Conflict("The customer wrote meanwhile, and nobody has answered yet.")
	}
	why, _, err := automaticWaits(ctx, tx)
	if err == nil && why == "" {
		err = tx.QueryRow(ctx, `
			SELECT CASE
				WHEN c.reminder_mode <> 'auto' THEN 'Reminders of this customer are manual by now. Work it by hand.'
				WHEN p.retired_at IS NOT NULL THEN 'Its policy was retired meanwhile.'
				WHEN l.retired_at IS NOT NULL THEN 'Its level was retired meanwhile.'
				WHEN l.mode IS DISTINCT FROM 'automatic' THEN 'Its level no longer goes out by itself. Work it by hand.'
				ELSE '' END
			FROM agenda_entries e
			LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = e.level_id
			LEFT JOIN policies p ON p.tenant_id = @tenant AND p.id = e.policy_id
			JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
			WHERE e.tenant_id = @tenant AND e.id = @entry`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "entry": e.ID}).Scan(&why)
		if err != nil {
			err = fmt.Errorf("look whether an entry may still be sent by itself: %w", err)
		}
	}
	if err != nil || why == "" {
		return err
	}
	return errs.Conflict(why)
}
