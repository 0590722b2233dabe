package dunning

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// AutomaticEvery is how often the job looks for what automatic levels have to send.
const AutomaticEvery = 10 * time.Minute

// Going is what a change of set-up does to what stands open in the agenda: who is
// written to by an automatic level without anybody looking first.
type Going struct {
	Customers int // who are written to so, and would not be without the change, or in another way
	Emails    int // that they get
	SMS       int
	Letters   int
	Sums      []money.Amount // to be collected of them, a currency each
	Mixed     int            // of them, of whom something is to be collected in other currencies too
	Later     int            // of them, whom the rules of contact let be written to later only
	Held      int            // of them, whose way out is not set up
	HeldWhy   string         // says so in sentences
	Said      int            // were reminded by hand already, which is said to be done
	Stays     int            // are no longer written to so
	Begins    bool           // a level sends by itself that did not
	// Waits is what keeps all of them; empty: whom nothing else keeps is written to
	// within AutomaticEvery.
	Waits string
}

// None tells that the change does nothing to what leaves by itself.
func (g Going) None() bool { return g.Customers == 0 && g.Said == 0 && g.Stays == 0 && !g.Begins }

// Changed makes a change of set-up, and tells what leaves by itself through it.
func (d *Desk) Changed(ctx context.Context, tx *tenant.Tx, change func(*tenant.Tx) error) (Going, error) {
	before, err := d.outgoing(ctx, tx)
	if err != nil {
		return Going{}, err
	}
	if err := change(tx); err != nil {
		return Going{}, err
	}
	after, err := d.outgoing(ctx, tx)
	return before.going(after), err
}

// outgoing is what automatic levels have to send, with what they have begun and whose
// turn comes yet, as a change holds for that too; and which levels are automatic.
type outgoing struct {
	leaving
	versions map[int64]int // of the automatic levels
	waits    string
}

func (d *Desk) outgoing(ctx context.Context, tx *tenant.Tx) (o outgoing, err error) {
	if o.leaving, err = d.leaving(ctx, tx, Bulk{Kind: BulkApprove, program: true, begun: true}); err != nil {
		return o, err
	}
	if o.waits, _, err = automaticWaits(ctx, tx); err != nil {
		return o, err
	}
	o.versions = map[int64]int{}
	var id int64
	var version int
	rows, _ := tx.Query(ctx, `
		SELECT l.id, l.version
		FROM levels l
		JOIN policies p ON p.tenant_id = @tenant AND p.id = l.policy_id AND p.retired_at IS NULL
		WHERE l.tenant_id = @tenant AND l.mode = 'automatic' AND l.retired_at IS NULL`, pgx.NamedArgs{"tenant": tx.Actor.TenantID})
	_, err = pgx.ForEachRow(rows, []any{&id, &version}, func() error {
		o.versions[id] = version
		return nil
	})
	if err != nil {
		return o, fmt.Errorf("read which levels are automatic: %w", err)
	}
	return o, nil
}

// departure is how an entry leaves by itself: another version of its level may write
// something else.
type departure struct {
	kind    ActionKind
	level   int64
	version int
}

func (o outgoing) departures() map[int64]departure {
	all := map[int64]departure{}
	for _, list := range [][]candidate{o.now, o.soon, o.held} {
		for _, c := range list {
			all[c.ID] = departure{c.kind, c.LevelID, o.versions[c.LevelID]}
		}
	}
	return all
}

// going is the difference between what leaves before a change and after it.
func (o outgoing) going(after outgoing) Going {
	was, is := o.departures(), after.departures()
	g := Going{Waits: after.waits}
	sums := map[money.Currency]int64{}
	count := func(list []candidate, of *int) {
		for _, c := range list {
			switch {
			case was[c.ID] == is[c.ID]:
				continue
			case c.kind == "":
				g.Said++
				continue
			}
			g.add(c)
			sums[c.Currency] += c.ToCollect
			*of++
		}
	}
	now := 0
	count(after.now, &now)
	count(after.soon, &g.Later)
	count(after.held, &g.Held)
	if g.Held > 0 {
		g.HeldWhy = said(after.shut)
	}
	for _, c := range slices.Sorted(maps.Keys(sums)) {
		g.Sums = append(g.Sums, money.New(sums[c], c))
	}
	for id, d := range was {
		if _, leaves := is[id]; !leaves && d.kind != "" {
			g.Stays++
		}
	}
	for id := range after.versions {
		_, before := o.versions[id]
		g.Begins = g.Begins || !before
	}
	return g
}

func (g *Going) add(c candidate) {
	g.Customers++
	switch c.kind {
	case ByEmail:
		g.Emails++
	case BySMS:
		g.SMS++
	case ByLetter:
		g.Letters++
	}
	if c.Currencies > 1 {
		g.Mixed++
	}
}
