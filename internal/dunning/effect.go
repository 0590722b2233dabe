package dunning

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Effect is what a change of set-up would do to the run of a day.
type Effect struct {
	AsOf          day.Day
	Before, After int         // how many customers are to be reminded
	Sums          []SumChange // what is to be collected of them, a currency each
	Shifts        []Shift     // of those for whom something changes, by name
	Moves         []Move      // of customers from one policy to another, the most first
	Going         Going       // what leaves by itself of what is in the agenda already
}

// SumChange is what is to be collected in a currency before and after.
type SumChange struct{ Before, After money.Amount }

// More is by how much it grows, below zero where it shrinks.
func (s SumChange) More() money.Amount {
	return money.New(s.After.Minor-s.Before.Minor, s.After.Currency)
}

// Shift is a customer for whom a change of set-up does something.
type Shift struct {
	CustomerID int64
	Number     string
	Name       string
	Was, Is    Place
}

// Place is how a customer is to be reminded, if at all.
type Place struct {
	In    bool // it is to be reminded
	Level int
	Name  string // of the level
	Sums  []money.Amount

	id int64 // of the level
}

// Move is a number of customers who get another policy.
type Move struct {
	From, To  string // the policies' names; empty: none
	Customers int
}

// EffectOf finds out what a change of set-up would do to the run of a day, and
// takes the change back. Where the change is refused, so is this.
func (d *Desk) EffectOf(ctx context.Context, tx *tenant.Tx, asOf day.Day, change func(*tenant.Tx) error) (Effect, error) {
	before, err := d.pictureOf(ctx, tx, asOf)
	if err != nil {
		return Effect{}, err
	}
	after, err := d.tried(ctx, tx, asOf, change)
	if err != nil {
		return Effect{}, err
	}
	return before.effect(after, asOf), nil
}

// tried is the picture with the change, which is taken back.
func (d *Desk) tried(ctx context.Context, tx *tenant.Tx, asOf day.Day, change func(*tenant.Tx) error) (picture, error) {
	point, err := tx.Begin(ctx)
	if err != nil {
		return picture{}, fmt.Errorf("try a change of set-up: %w", err)
	}
	inside := *tx
	inside.Tx = point
	var p picture
	if err = change(&inside); err == nil {
		p, err = d.pictureOf(ctx, &inside, asOf)
	}
	if rerr := point.Rollback(ctx); rerr != nil {
		return picture{}, fmt.Errorf("take back a tried change of set-up: %w", rerr)
	}
	return p, err
}

// picture is who is to be reminded, who has which policy, and what leaves by itself.
type picture struct {
	outgoing
	entries  map[int64]ResultEntry
	policies map[int64]int64 // by customer
	names    map[int64]string
}

func (d *Desk) pictureOf(ctx context.Context, tx *tenant.Tx, asOf day.Day) (picture, error) {
	r, err := Outlook(ctx, tx, asOf)
	if err != nil {
		return picture{}, err
	}
	out, err := d.outgoing(ctx, tx)
	if err != nil {
		return picture{}, err
	}
	p := picture{outgoing: out, entries: map[int64]ResultEntry{}, policies: map[int64]int64{}, names: map[int64]string{}}
	for _, e := range r.Entries {
		p.entries[e.CustomerID] = e
	}
	rows, _ := tx.Query(ctx, `
		SELECT v.customer_id, v.policy_id
		FROM customer_policies v
		WHERE v.tenant_id = @tenant`, pgx.NamedArgs{"tenant": tx.Actor.TenantID})
	var customer int64
	var policy *int64
	_, err = pgx.ForEachRow(rows, []any{&customer, &policy}, func() error {
		if policy != nil {
			p.policies[customer] = *policy
		}
		return nil
	})
	if err != nil {
		return picture{}, fmt.Errorf("read who has which policy: %w", err)
	}
	return p, p.name(ctx, tx)
}

func (p picture) name(ctx context.Context, tx *tenant.Tx) error {
	rows, _ := tx.Query(ctx, `SELECT p.id, p.name FROM policies p WHERE p.tenant_id = $1`, tx.Actor.TenantID)
	var id int64
	var name string
	_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		p.names[id] = name
		return nil
	})
	if err != nil {
		return fmt.Errorf("name policies: %w", err)
	}
	return nil
}

// effect is the difference between two pictures.
func (p picture) effect(after picture, asOf day.Day) Effect {
	e := Effect{AsOf: asOf, Before: len(p.entries), After: len(after.entries), Sums: sumChanges(p, after), Moves: moves(p, after), Going: p.going(after.outgoing)}
	for id, was := range p.entries {
		is, in := after.entries[id]
		if s := (Shift{id, was.Customer, was.Name, place(was, true), place(is, in)}); !s.Was.equal(s.Is) {
			e.Shifts = append(e.Shifts, s)
		}
	}
	for id, is := range after.entries {
		if _, there := p.entries[id]; !there {
			e.Shifts = append(e.Shifts, Shift{id, is.Customer, is.Name, Place{}, place(is, true)})
		}
	}
	slices.SortFunc(e.Shifts, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.CustomerID, b.CustomerID))
	})
	return e
}

func place(e ResultEntry, in bool) Place {
	sums := slices.Clone(e.ToCollect)
	slices.SortFunc(sums, func(a, b money.Amount) int { return cmp.Compare(a.Currency, b.Currency) })
	return Place{in, e.Level, e.LevelName, sums, e.LevelID}
}

// equal tells that nothing changes for the customer: a level may be counted anew
// because another one goes, or be another policy's of the same number and name.
func (p Place) equal(o Place) bool {
	same := p.id == o.id || p.Level == o.Level && p.Name == o.Name
	return p.In == o.In && same && slices.Equal(p.Sums, o.Sums)
}

func sumChanges(before, after picture) (list []SumChange) {
	was, is := before.sums(), after.sums()
	all := maps.Clone(was)
	maps.Copy(all, is)
	for _, c := range slices.Sorted(maps.Keys(all)) {
		list = append(list, SumChange{money.New(was[c], c), money.New(is[c], c)})
	}
	return list
}

func (p picture) sums() map[money.Currency]int64 {
	sums := map[money.Currency]int64{}
	for _, e := range p.entries {
		for _, a := range e.ToCollect {
			sums[a.Currency] += a.Minor
		}
	}
	return sums
}

func moves(before, after picture) (list []Move) {
	counts := map[Move]int{}
	for id, is := range after.policies {
		if was := before.policies[id]; was != is {
			counts[Move{From: before.names[was], To: after.names[is]}]++
		}
	}
	for id, was := range before.policies {
		if _, there := after.policies[id]; !there {
			counts[Move{From: before.names[was]}]++
		}
	}
	for m, n := range counts {
		m.Customers = n
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Move) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list
}

// None tells that the change does nothing to the run: see Going for what it does at
// once.
func (e Effect) None() bool { return len(e.Shifts) == 0 && len(e.Moves) == 0 }
