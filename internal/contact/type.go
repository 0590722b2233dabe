package contact

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Type is what a contact can be, by its code.
type Type struct {
	ID int64
	Terms
	Group        string
	GroupRetired bool
	Retired      bool
	Version      int
	Used         int // contacts of it; only AllTypes counts them
}

// Terms are what is typed of a type.
type Terms struct {
	GroupID      int64
	Code         string // capital letters, digits and hyphens
	Name         string
	Action       string // what is to be done after such a contact; empty: nothing more
	Conversation bool   // the debt was spoken about with who owes it: it is then an action of the customer's entry
	NextTypeID   int64  // proposed for the follow-up; 0: the same again
	NextDelay    int    // working days until the follow-up that is proposed; -1: no date
}

// Label is code and name: "CALL1 First call".
func (t Type) Label() string { return t.Code + " " + t.Name }

// Offered tells that people may choose it.
func (t Type) Offered() bool { return !t.Retired && !t.GroupRetired }

// AllTypes lists the types by their groups, with how often each is used.
func AllTypes(ctx context.Context, tx *tenant.Tx) ([]Type, error) {
	if err := mayRead(tx.Actor); err != nil {
		return nil, err
	}
	return types(ctx, tx, `(SELECT count(*) FROM contacts c WHERE c.tenant_id = @tenant AND c.type_id = t.id)`)
}

// FindType reads one type, in use or not.
func FindType(ctx context.Context, tx *tenant.Tx, id int64) (Type, error) {
	if err := mayRead(tx.Actor); err != nil {
		return Type{}, err
	}
	all, err := types(ctx, tx, "0")
	if err != nil {
		return Type{}, err
	}
	return pickType(all, id)
}

func pickType(all []Type, id int64) (Type, error) {
	at := slices.IndexFunc(all, func(t Type) bool { return t.ID == id })
	if at < 0 {
		return Type{}, fmt.Errorf("type of contact %d: %w", id, errs.NotFound)
	}
	return all[at], nil
}

func types(ctx context.Context, tx *tenant.Tx, used string) (list []Type, err error) {
	b := tx.Batch()
	queueTypes(b, used, &list)
	err = b.Send(ctx)
	return list, err
}

func queueTypes(b *tenant.Batch, used string, into *[]Type) {
	b.Queue("list types of contacts", `
		SELECT t.id, t.group_id, t.code, t.name, t.action, t.conversation, coalesce(t.next_type_id, 0), coalesce(t.next_delay_days, -1),
			g.name, g.retired_at IS NOT NULL, t.retired_at IS NOT NULL, t.version, `+used+`
		FROM contact_types t
		JOIN contact_groups g ON g.tenant_id = @tenant AND g.id = t.group_id
		WHERE t.tenant_id = @tenant
		ORDER BY g.retired_at IS NOT NULL, g.position, lower(g.name), g.id, t.retired_at IS NOT NULL, t.position, t.code, t.id`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Type, err error) {
				err = row.Scan(&t.ID, &t.GroupID, &t.Code, &t.Name, &t.Action, &t.Conversation, &t.NextTypeID, &t.NextDelay,
					&t.Group, &t.GroupRetired, &t.Retired, &t.Version, &t.Used)
				return t, err
			})
			return err
		})
}
