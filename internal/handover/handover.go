// Package handover gives what one member has to others, whole: customers and
// everything that is open with them. It changes who does a thing and nothing else of
// it, in the tables of all other domains at once, which is why it stands after them.
// What stands in one day's list is given away by diary instead.
package handover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Gone stands for a member where the work of everybody who has left is meant.
const Gone int64 = 0

// Rule says how receivers are found.
type Rule string

// The rules. Where ByBranch and ByOwner find nobody, the chosen people share.
const (
	ToPeople Rule = "people" // the chosen ones share evenly
	ByBranch Rule = "branch" // the people of the customer's branch share evenly
	ByOwner  Rule = "owner"  // who owns the customer has the rest of the work too
)

// Rules lists the rules in the order in which they are offered.
var Rules = []Rule{ToPeople, ByBranch, ByOwner}

// Plan is a hand-over to be made. All that is open with one customer goes to one
// receiver: nobody has to ask who has the rest.
type Plan struct {
	From int64 // a member, or Gone
	Rule Rule
	To   []int64 // members
	Note string  // to those who have it afterwards; may be empty
}

// MaxNote is how many characters the note to the receivers holds.
const MaxNote = 2000

// CanHandOver tells who gives one member's work to others.
func CanHandOver(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// ErrHanding refuses who may not hand over.
const ErrHanding = errs.Forbidden("Only managers and administrators hand over somebody’s work. Ask one of yours.")

// Person is a member as giver or receiver.
type Person struct {
	ID       int64
	Name     string
	Role     tenant.Role
	BranchID *int64
	Branch   string
	Active   bool
}

// People lists all members of the company by name, those who left last.
func People(ctx context.Context, tx *tenant.Tx) ([]Person, error) {
	if !CanHandOver(tx.Actor) {
		return nil, ErrHanding
	}
	rows, _ := tx.Query(ctx, `
		SELECT m.id, u.name, m.role, m.branch_id, coalesce(b.name, '') AS branch, m.active
		FROM members m
		JOIN users u ON u.id = m.user_id
		LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = m.branch_id
		WHERE m.tenant_id = @tenant
		ORDER BY m.active DESC, lower(u.name), m.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Person])
	if err != nil {
		return nil, fmt.Errorf("list who hands over and takes over: %w", err)
	}
	return list, nil
}

// parties are the two sides of a plan, looked up.
type parties struct {
	people  []Person
	from    []int64  // whose work it is
	to      []Person // the chosen receivers, in the order of People
	limited bool     // collectors see the customers of their branch only
}

// parties looks up who is named and refuses a plan that cannot be made.
func (p *Plan) parties(ctx context.Context, tx *tenant.Tx) (w parties, err error) {
	if w.people, err = People(ctx, tx); err != nil {
		return w, err
	}
	if err = tx.QueryRow(ctx, `SELECT branch_limited FROM tenants WHERE id = $1`, tx.Actor.TenantID).Scan(&w.limited); err != nil {
		return w, fmt.Errorf("read what collectors see: %w", err)
	}
	if w.from = from(w.people, p.From); len(w.from) == 0 && p.From != Gone {
		return w, errs.NotFound
	}
	p.Note = strings.TrimSpace(strings.ReplaceAll(p.Note, "\r\n", "\n"))
	var inv errs.Invalid
	length := utf8.RuneCountInString(p.Note)
	inv.Check(length <= MaxNote, "note", fmt.Sprintf("This has %d characters and the note holds %d. Shorten it.", length, MaxNote))
	inv.Check(!note.HasCard(p.Note), "note", note.NoCard)
	inv.Check(slices.Contains(Rules, p.Rule), "rule", "Choose how it is to be shared out.")
	inv.Check(p.Rule != ToPeople || len(p.To) > 0, "to", "Choose who is to have it: tick one person or several.")
	inv.Check(!slices.Contains(p.To, p.From) || p.From == Gone, "to", "It is this person’s already. Choose somebody else.")
	for _, q := range w.people {
		if q.Active && slices.Contains(p.To, q.ID) {
			w.to = append(w.to, q)
		}
	}
	inv.Check(len(w.to) == len(slices.Compact(slices.Sorted(slices.Values(p.To)))), "to", "One of these no longer works here. Choose again from the list.")
	return w, inv.Err()
}

// from are the members whose work is meant.
func from(people []Person, id int64) (ids []int64) {
	for _, p := range people {
		if p.ID == id || id == Gone && !p.Active {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// name is what the member is called.
func (w parties) name(id int64) string {
	i := slices.IndexFunc(w.people, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return "nobody"
	}
	return w.people[i].Name
}
