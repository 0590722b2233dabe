package message

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
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

// Known are those of the ids that are messages of the outbox, each once.
func Known(ctx context.Context, tx *tenant.Tx, ids []int64) ([]int64, error) {
	rows, _ := tx.Query(ctx, `
		SELECT m.id
		FROM messages m
		WHERE m.tenant_id = @tenant AND m.id = ANY(@ids) AND m.channel IN ('email', 'sms')
		ORDER BY m.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids})
	known, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("find messages: %w", err)
	}
	return known, nil
}

// Retry has messages sent that are held or have failed, and tells how many it
// were. Those that are in another state by now are left alone, and so are reminders
// that are over, each of which left gives the reason of; where that is all, it refuses.
func (o *Outbox) Retry(ctx context.Context, tx *tenant.Tx, ids []int64) (n int, left []string, err error) {
	list, err := lockMessages(ctx, tx, ids, Message.CanRetry)
	if err != nil {
		return 0, nil, err
	}
	list, left, err = notOver(ctx, tx, list)
	if err != nil {
		return 0, nil, err
	}
	if len(list) == 0 && len(left) > 0 {
		return 0, nil, errs.Conflict(strings.Join(slices.Compact(slices.Sorted(slices.Values(left))), " "))
	}
	if err := o.canSend(ctx, tx, list); err != nil {
		return 0, nil, err
	}
	return len(list), left, o.again(ctx, tx, list, "")
}

// Why a reminder that is over is not sent again.
const (
	takenBack   = "A reminder that did not arrive was taken back, and would not count if it were sent again. While something is left to collect, the customer is in the agenda anew: write to them from there."
	entryClosed = "A reminder is not sent again once its agenda entry is closed: the customer was reminded in another way, or is not to be. Discard it; what is to be said all the same, write anew from the customer."
)

// notOver gives those of the messages that may be sent again, and of each other one why
// it may not: a reminder that was taken back would not count, and one whose entry was
// closed would be discarded when it is to go out.
func notOver(ctx context.Context, tx *tenant.Tx, list []Message) (fit []Message, why []string, err error) {
	ids := make([]int64, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	rows, _ := tx.Query(ctx, `
		SELECT m.id, EXISTS (
				SELECT FROM agenda_actions a
				JOIN reminders r ON r.tenant_id = @tenant AND r.entry_id = a.entry_id AND r.action_id = a.id AND r.reverses IS NULL
				JOIN reminders b ON b.tenant_id = @tenant AND b.reverses = r.id
				WHERE a.tenant_id = @tenant AND a.message_id = m.id), coalesce(`+closedSQL+` < clock_timestamp(), false)
		FROM `+source+`
		WHERE m.tenant_id = @tenant AND m.id = ANY(@ids)`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids})
	over := map[int64]string{}
	var id int64
	var back, closed bool
	_, err = pgx.ForEachRow(rows, []any{&id, &back, &closed}, func() error {
		switch {
		case back:
			over[id] = takenBack
		case closed:
			over[id] = entryClosed
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("look which reminders are over: %w", err)
	}
	for _, m := range list {
		if over[m.ID] == "" {
			fit = append(fit, m)
		} else {
			why = append(why, over[m.ID])
		}
	}
	return fit, why, nil
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

// Decide ends the doubt about an Unknown message, as a person found out: it arrived and
// is Sent, or it did not and is Queued again, where it may be, or Discarded. The version
// is the one that was seen.
func (o *Outbox) Decide(ctx context.Context, tx *tenant.Tx, id int64, version int, to State, why string) error {
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
	switch to {
	case Sent:
		return moveAll(ctx, tx, list, Sent, why, "arrived")
	case Discarded:
		return moveAll(ctx, tx, list, Discarded, why, "did not arrive, and is not sent again")
	}
	_, over, err := notOver(ctx, tx, list)
	if err != nil {
		return err
	}
	if len(over) > 0 {
		return errs.Conflict(over[0])
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
	var inv errs.Invalid
	tenant.OneLine(&inv, why, "reason")
	n := utf8.RuneCountInString(*why)
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
