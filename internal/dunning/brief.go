package dunning

import (
	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Brief is what a customer's header says of dunning, by one look-up: the open entry,
// and what holds reminders back. StandingOf says more, and takes longer.
type Brief struct {
	On           bool  // the company duns
	Entry        Entry // the open one; its ID is 0 where there is none
	Manual       bool
	NextOn       day.Day // in manual mode
	PausedUntil  day.Day // up to and including; zero: not paused
	PauseReason  string
	LastReminded day.Day // zero: never
}

// QueueBrief asks for it in a batch.
func QueueBrief(b *tenant.Batch, customer int64, into *Brief) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customer, "today": b.Tx.Today()}
	b.Queue("read how the customer is reminded", `
		SELECT t.dunning_on, k.reminder_mode = 'manual', k.next_reminder_on, CASE WHEN k.dunning_paused_until >= @today THEN k.dunning_paused_until END,
			coalesce(k.dunning_pause_reason, ''), k.last_reminded_on
		FROM customers k
		JOIN tenants t ON t.id = @tenant
		WHERE k.tenant_id = @tenant AND k.id = @customer`, args, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&into.On, &into.Manual, &into.NextOn, &into.PausedUntil, &into.PauseReason, &into.LastReminded}, func() error { return nil })
		return err
	})
	b.Queue("find the open entry", `
		SELECT `+entryColumns+`
		FROM `+entrySource+`
		WHERE e.tenant_id = @tenant AND e.customer_id = @customer AND e.state = 'open'`, args, func(rows pgx.Rows) error {
		var open *Entry
		err := tenant.First(&open)(rows)
		if open != nil {
			into.Entry = *open
		}
		return err
	})
}
