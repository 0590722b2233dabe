package diary

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/contact"
	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// Find reads a task by its Key, also one that has ended.
func Find(ctx context.Context, tx *tenant.Tx, key string) (t Task, err error) {
	kind, id, ok := ParseKey(key)
	if !ok {
		return t, errs.NotFound
	}
	args := refs{kind: {id}}.arguments(tx)
	args["ended"] = true
	list, err := tell(ctx, tx, args)
	if err != nil {
		return t, err
	}
	if len(list) == 0 {
		return t, errs.NotFound
	}
	return list[0], nil
}

// tell reads some tasks, in their order.
func tell(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) (list []Task, err error) {
	b := tx.Batch()
	b.Queue("read entries of a diary", tellSQL, args, func(rows pgx.Rows) error {
		return eachTask(rows, func(t Task) { list = append(list, t) })
	})
	err = b.Send(ctx)
	return list, err
}

// Over refuses work on a task that has ended, as the package does whose work it is: it
// says by whom and when. Of a task that has not it is nil.
func Over(ctx context.Context, tx *tenant.Tx, t Task) error {
	if !t.Ended {
		return nil
	}
	switch t.Kind {
	case FollowUp:
		f, err := followup.Find(ctx, tx, t.CustomerID, t.ID)
		if err != nil {
			return err
		}
		return followup.Over(tx, f)
	case Contact:
		c, err := contact.Find(ctx, tx, t.CustomerID, t.ID)
		if err != nil {
			return err
		}
		return contact.Over(tx, c)
	case Promise:
		p, err := promise.Find(ctx, tx, t.CustomerID, t.ID)
		if err != nil {
			return err
		}
		return p.Over(t.key)
	case Case:
		c, err := cases.Find(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		return c.Over()
	}
	return dunning.Postpone(ctx, tx, t.ID, dunning.Postponement{Version: t.Version}) // holds it first
}

// Unchanged holds a task and refuses work on one that is not any more as it was shown: it
// has another version, or has ended. It says who changed what.
func Unchanged(ctx context.Context, tx *tenant.Tx, t Task, shown int) error {
	if err := hold(ctx, tx, refs{t.Kind: {t.key}}); err != nil {
		return err
	}
	now, err := Find(ctx, tx, t.Key())
	if err == nil && now.Ended {
		err = Over(ctx, tx, now)
	}
	if err != nil || now.Version == shown {
		return err
	}
	said, err := lastSaid(ctx, tx, []Task{now})
	if err != nil {
		return err
	}
	return errs.Conflict(said[0] + " Nothing was done. Look at what it says now; if that is still right, press again.")
}

// lastSaid is who changed each of the tasks last, and how, as the journal says it.
func lastSaid(ctx context.Context, tx *tenant.Tx, list []Task) (said []string, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	var kinds []string
	var ids, customers []int64
	for _, t := range list {
		kinds, ids, customers = append(kinds, string(t.Kind)), append(ids, t.ID), append(customers, t.CustomerID)
	}
	rows, _ := tx.Query(ctx, `
		SELECT coalesce((
			SELECT n.author || ' changed this meanwhile: ' || n.text
			FROM notes n
			WHERE n.tenant_id = @tenant AND n.customer_id = w.customer
				AND (n.subject = w.kind AND n.subject_id = w.id OR n.kind = w.kind AND n.data->'follow_ups' @> to_jsonb(w.id))
			ORDER BY n.seq DESC
			LIMIT 1), 'Somebody changed this meanwhile.')
		FROM unnest(@kinds::text[], @ids::bigint[], @customers::bigint[]) WITH ORDINALITY w (kind, id, customer, place)
		ORDER BY w.place`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "kinds": kinds, "ids": ids, "customers": customers})
	if said, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return nil, fmt.Errorf("find who changed tasks: %w", err)
	}
	return said, nil
}

// Timed tells that a task of the kind may have an hour.
func (k Kind) Timed() bool { return k == FollowUp || k == Contact }

// Moves tells that a task of the kind can be put on another day. The day of a promise
// is the customer's word.
func (k Kind) Moves() bool { return k != Promise }

// Move is another day for a task. Version is the one that was shown.
type Move struct {
	Version int
	On      day.Day
	At      string // HH:MM; empty: any time
	Reason  string // for Agenda only, which asks for one
}

// Reschedule puts a task on another day, as the package does whose work it is.
func Reschedule(ctx context.Context, tx *tenant.Tx, t Task, m Move) error {
	if m.On.IsZero() && t.Kind != Contact {
		return errs.Invalid{"due_on": "Give the day to which it is to be moved."}
	}
	switch t.Kind {
	case FollowUp:
		return followup.Reschedule(ctx, tx, t.CustomerID, t.ID, m.Version, m.On, m.At)
	case Contact:
		return contact.Reschedule(ctx, tx, t.CustomerID, t.ID, m.Version, m.On, m.At)
	case Agenda:
		return renamed(dunning.Postpone(ctx, tx, t.ID, dunning.Postponement{Version: m.Version, Until: m.On, Reason: m.Reason}), "until")
	case Case:
		return renamed(moveCase(ctx, tx, t.ID, m), "on")
	}
	return errs.Conflict("The day of a promise is what the customer said. A new promise replaces it: make one from the promise’s own page.")
}

func moveCase(ctx context.Context, tx *tenant.Tx, id int64, m Move) error {
	c, err := cases.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if !c.Open() {
		return c.Over()
	}
	if c.Version != m.Version {
		return errs.Conflict("Somebody else changed this case meanwhile. Nothing was moved. Look at it again, then move it.")
	}
	if c.Complaint && m.On.After(c.DeadlineOn) {
		return errs.Invalid{"on": "The complaint is to be answered by " + c.DeadlineOn.Long() + ". Choose an earlier day, or change that in the case."}
	}
	e := c.Edit()
	e.NextOn = m.On
	_, err = cases.Save(ctx, tx, id, e)
	return err
}

// renamed brings the message of a field that is called otherwise elsewhere to the day.
func renamed(err error, field string) error {
	var inv errs.Invalid
	if errors.As(err, &inv) && inv[field] != "" {
		inv["due_on"] = inv[field]
		delete(inv, field)
	}
	return err
}
