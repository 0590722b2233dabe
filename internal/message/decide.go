package message

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// CanRetry tells that somebody may have the message sent again as it is. Whether
// it may go out is asked anew when it does.
func (m Message) CanRetry() bool {
	return slices.Contains([]State{Held, Failed, Bounced}, m.State)
}

// CanDiscard tells that somebody may take the message out of the outbox unsent.
func (m Message) CanDiscard() bool { return m.CanRetry() || m.State == Queued }

// Retry has messages sent that are held or have failed, and tells how many it
// were. Those that are in another state by now are left alone, and so are reminders
// that were taken back: the customer comes into the agenda anew, and this one would
// not count.
func (o *Outbox) Retry(ctx context.Context, tx *tenant.Tx, ids []int64) (int, error) {
	list, err := lockMessages(ctx, tx, ids, Message.CanRetry)
	if err != nil {
		return 0, err
	}
	fit := make([]int64, len(list))
	for i, m := range list {
		fit[i] = m.ID
	}
	back, err := takenBack(ctx, tx, fit)
	if err != nil {
		return 0, err
	}
	list = slices.DeleteFunc(list, func(m Message) bool { return slices.Contains(back, m.ID) })
	if len(list) == 0 && len(back) > 0 {
		return 0, errs.Conflict("A reminder that did not arrive was taken back, and would not count if it were sent again. While something is left to collect, the customer is in the agenda anew: write to them from there.")
	}
	if err := o.canSend(ctx, tx, list); err != nil {
		return 0, err
	}
	return len(list), o.again(ctx, tx, list, "")
}

// takenBack gives those of the messages that were reminders and are none any more.
func takenBack(ctx context.Context, tx *tenant.Tx, ids []int64) ([]int64, error) {
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT a.message_id
		FROM agenda_actions a
		JOIN reminders r ON r.tenant_id = $1 AND r.entry_id = a.entry_id AND r.action_id = a.id AND r.reverses IS NULL
		JOIN reminders b ON b.tenant_id = $1 AND b.reverses = r.id
		WHERE a.tenant_id = $1 AND a.message_id = ANY($2)`, tx.Actor.TenantID, ids)
	back, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look which reminders were taken back: %w", err)
	}
	return back, nil
}

// canSend refuses to send on what would only be held again.
func (o *Outbox) canSend(ctx context.Context, tx *tenant.Tx, list []Message) error {
	for _, channel := range []customer.Channel{customer.Mail, customer.SMS} {
		if !slices.ContainsFunc(list, func(m Message) bool { return m.Channel == channel }) {
			continue
		}
		if channel == customer.Mail && !o.Ready() {
			return errs.Conflict("No mail server is set up on this installation, so that nothing can be sent. Whoever runs it sets DUNWELL_SMTP.")
		}
		if channel == customer.Mail {
			continue
		}
		if _, why, err := o.ReadySMS(ctx, tx); err != nil {
			return err
		} else if why != "" {
			return errs.Conflict(why)
		}
	}
	return nil
}

// again queues messages of any state.
func (o *Outbox) again(ctx context.Context, tx *tenant.Tx, list []Message, why string) error {
	if len(list) == 0 {
		return nil
	}
	refs := make([]uuid.UUID, len(list))
	for i, m := range list {
		refs[i] = m.Reference
	}
	if err := o.requeue(ctx, tx, refs); err != nil {
		return err
	}
	return moveAll(ctx, tx, list, Queued, why, "is sent again")
}

// Discard takes messages out of the outbox unsent, and tells how many it were.
func Discard(ctx context.Context, tx *tenant.Tx, ids []int64, why string) (int, error) {
	if !CanWork(tx.Actor) {
		return 0, onlyManagers
	}
	list, err := lockMessages(ctx, tx, ids, Message.CanDiscard)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	if err := reason(&why); err != nil {
		return 0, err
	}
	return len(list), moveAll(ctx, tx, list, Discarded, why, "is not sent")
}

// Decide ends the doubt about an Unknown message, as a person found out: it
// arrived, or it is to be sent again. The version is the one that was seen.
func (o *Outbox) Decide(ctx context.Context, tx *tenant.Tx, id int64, version int, arrived bool, why string) error {
	list, err := lockMessages(ctx, tx, []int64{id}, func(Message) bool { return true })
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.NotFound
	}
	if list[0].State != Unknown || list[0].Version != version {
		d, err := FindInOutbox(ctx, tx, id)
		if err != nil {
			return err
		}
		return d.Late()
	}
	if err := reason(&why); err != nil {
		return err
	}
	if arrived {
		return moveAll(ctx, tx, list, Sent, why, "arrived")
	}
	if err := o.canSend(ctx, tx, list); err != nil {
		return err
	}
	return o.again(ctx, tx, list, why)
}

// Late says to whoever decides too late what somebody else decided, and how it stands.
func (d Detail) Late() errs.Conflict {
	said := "This message changed meanwhile."
	if n := len(d.Events); n > 1 && d.Events[n-1].Member != "" { // the first one is of who wrote it
		said = d.Events[n-1].Member + " decided about this message meanwhile."
		if why := d.Events[n-1].Detail; why != "" {
			said = d.Events[n-1].Member + " decided about this message meanwhile: “" + why + "”."
		}
	}
	return errs.Conflict(fmt.Sprintf("%s It is %s now.", said, d.State))
}

func reason(why *string) error {
	*why = oneLine(*why)
	n := utf8.RuneCountInString(*why)
	var inv errs.Invalid
	inv.Check(n > 0 && n <= 500, "reason", "Say why, in 500 characters at most.")
	inv.Check(!note.HasCard(*why), "reason", note.NoCard)
	return inv.Err()
}

// lockMessages holds e-mails and SMS of the outbox and gives those that fit.
func lockMessages(ctx context.Context, tx *tenant.Tx, ids []int64, fits func(Message) bool) ([]Message, error) {
	if !CanWork(tx.Actor) {
		return nil, onlyManagers
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE m.tenant_id = @tenant AND m.id = ANY(@ids) AND m.channel IN ('email', 'sms')
		ORDER BY m.id
		FOR NO KEY UPDATE OF m`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Message])
	if err != nil {
		return nil, fmt.Errorf("hold messages: %w", err)
	}
	return slices.DeleteFunc(list, func(m Message) bool { return !fits(m) }), nil
}

// moveAll brings messages that are held into a state, with a line in the journal
// of each customer.
func moveAll(ctx context.Context, tx *tenant.Tx, list []Message, to State, why, what string) error {
	ids := make([]int64, len(list))
	var lines []note.New
	for i, m := range list {
		ids[i] = m.ID
		if m.CustomerID != 0 {
			lines = append(lines, m.line(what, why))
		}
	}
	if err := (move{IDs: ids, To: to, Detail: why}).apply(ctx, tx); err != nil {
		return err
	}
	slices.SortStableFunc(lines, func(a, b note.New) int { return cmp.Compare(a.CustomerID, b.CustomerID) })
	return note.AddMany(ctx, tx, lines)
}
