package contact

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// List is one of the lists that contacts choose a name from. What stands in it is
// retired, never deleted: old contacts keep it.
type List struct{ table, noun, used string }

// The lists. The place of a strength is its rank: the first is the most important.
var (
	Groups    = List{"contact_groups", "group", `SELECT count(*) FROM contacts c JOIN contact_types t ON t.tenant_id = @tenant AND t.id = c.type_id WHERE c.tenant_id = @tenant AND t.group_id = e.id`}
	Origins   = List{"contact_origins", "origin", `SELECT count(*) FROM contacts c WHERE c.tenant_id = @tenant AND c.origin_id = e.id`}
	Strengths = List{"contact_strengths", "strength", `SELECT count(*) FROM contacts c WHERE c.tenant_id = @tenant AND c.strength_id = e.id`}
)

// String is the noun for one entry: group, origin, strength.
func (l List) String() string { return l.noun }

// Entry is one name of a list.
type Entry struct {
	ID      int64
	Name    string
	Retired bool
	Version int
	Used    int // contacts with it; only All counts them
}

// CanSetUp tells who changes the lists that contacts choose from.
func CanSetUp(a tenant.Actor) bool { return a.System() || a.Is(tenant.Admin) }

func maySetUp(a tenant.Actor) error {
	if CanSetUp(a) {
		return nil
	}
	return errs.Forbidden("Only administrators change what contacts choose from. Ask one of yours.")
}

func mayRead(a tenant.Actor) error {
	if CanSetUp(a) || a.Is(tenant.Manager) {
		return nil
	}
	return errs.Forbidden("Only managers and administrators see how contacts are set up.")
}

// All lists the entries in their order, the retired ones last, with how often each is
// used.
func (l List) All(ctx context.Context, tx *tenant.Tx) ([]Entry, error) {
	if err := mayRead(tx.Actor); err != nil {
		return nil, err
	}
	return l.read(ctx, tx, `(`+l.used+`)`)
}

func (l List) read(ctx context.Context, tx *tenant.Tx, used string) (list []Entry, err error) {
	b := tx.Batch()
	l.queue(b, used, "", &list)
	err = b.Send(ctx)
	return list, err
}

// queue asks for entries; which begins with AND, or chooses all.
func (l List) queue(b *tenant.Batch, used, which string, into *[]Entry) {
	b.Queue("list "+l.noun+"s", `
		SELECT e.id, e.name, e.retired_at IS NOT NULL AS retired, e.version, `+used+` AS used
		FROM `+l.table+` e
		WHERE e.tenant_id = @tenant`+which+`
		ORDER BY retired, e.position, lower(e.name), e.id`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, tenant.Into(into))
}

// Find reads one entry, in use or not.
func (l List) Find(ctx context.Context, tx *tenant.Tx, id int64) (Entry, error) {
	if err := mayRead(tx.Actor); err != nil {
		return Entry{}, err
	}
	all, err := l.read(ctx, tx, "0")
	if err != nil {
		return Entry{}, err
	}
	return l.pick(all, id)
}

func (l List) pick(all []Entry, id int64) (Entry, error) {
	at := slices.IndexFunc(all, func(e Entry) bool { return e.ID == id })
	if at < 0 {
		return Entry{}, fmt.Errorf("%s %d: %w", l.noun, id, errs.NotFound)
	}
	return all[at], nil
}
