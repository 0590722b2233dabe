package cases_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// record is an item as the rows say it is, each read by itself.
type record struct {
	ID, Open, Still int64
	Due             bool
	Family          string
	InCase          bool
	Asked           int64
}

// collectable is the rule, written down a second time and plainly.
func (r record) collectable(stopped bool) int64 {
	switch {
	case r.Open <= 0 || !r.Due || stopped || r.Family == ledger.Litigation:
		return 0
	case r.InCase && r.Asked == 0:
		return 0
	case r.Family == ledger.Disputed && !r.InCase:
		return 0
	case r.InCase:
		return max(r.Open-r.Asked-r.Still, 0)
	}
	return max(r.Open-r.Still, 0)
}

// records reads what the rule goes by: items, their statuses, their open cases, what
// is promised of them, and whether the customer is stopped.
func (d *desk) records(t *testing.T) (list []record, stopped bool) {
	t.Helper()
	rows, _ := d.owner.Query(t.Context(), `
		SELECT i.id, i.amount - coalesce((SELECT sum(a.amount) FROM applications a WHERE a.item_id = i.id), 0)::bigint,
			coalesce((SELECT sum(p.still) FROM promise_items p JOIN promises h ON h.id = p.promise_id WHERE p.item_id = i.id AND h.state = 'open' AND NOT p.passed_on), 0)::bigint,
			i.due_on IS NOT NULL, s.family,
			EXISTS (SELECT FROM case_items q JOIN cases k ON k.id = q.case_id WHERE q.item_id = i.id AND q.left_at IS NULL AND k.closed_at IS NULL),
			coalesce((SELECT q.amount FROM case_items q JOIN cases k ON k.id = q.case_id WHERE q.item_id = i.id AND q.left_at IS NULL AND k.closed_at IS NULL), 0)
		FROM items i
		JOIN item_statuses s ON s.id = i.status_id
		WHERE i.customer_id = $1
		ORDER BY i.id`, d.id)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[record])
	if err != nil {
		t.Fatal(err)
	}
	d.one(t, &stopped, `SELECT EXISTS (SELECT FROM stops WHERE customer_id = $1 AND lifted_at IS NULL)`, d.id)
	return list, stopped
}

// agrees compares what may be chased with the rule, and the customer's figure with it.
func (d *desk) agrees(t *testing.T, after string) {
	t.Helper()
	list, stopped := d.records(t)
	open := 0
	for _, r := range list {
		if r.Open <= 0 {
			if r.InCase {
				t.Fatalf("after %s: item %d is paid and in a case", after, r.ID)
			}
			continue
		}
		if !r.Due {
			continue
		}
		open++
		if r.InCase && r.Family == ledger.DisputeResolved {
			t.Fatalf("after %s: item %d is resolved and in a case", after, r.ID)
		}
		got, held := d.chased(t, r.ID)
		if want := r.collectable(stopped); got != want {
			t.Fatalf("after %s: of %+v %d is chased (%s), and the records say %d", after, r, got, held, want)
		}
	}
	if open > 0 {
		d.figure(t)
	}
}

// TestWhatIsChasedFollowsFromTheRecords does whatever may be done to items, in any
// order, and compares each time.
func TestWhatIsChasedFollowsFromTheRecords(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { tx.Touch(d.id); return nil })
			p := player{desk: d, r: rand.New(rand.NewPCG(seed, 7)), items: []int64{d.a, d.b, d.c, d.y}}
			done := map[string]int{}
			for range 60 {
				step := p.step(t)
				done[step]++
				d.agrees(t, step)
			}
			t.Log(done)
		})
	}
}

// player does one thing after the other.
type player struct {
	*desk
	r        *rand.Rand
	items    []int64
	payments []int64
}

// step does something, which may be refused, and says what it was.
func (p *player) step(t *testing.T) string {
	t.Helper()
	steps := map[string]func(*testing.T) error{
		"a status": p.status1, "a case": p.newCase, "an addition": p.add, "a removal": p.remove, "an amount": p.asked,
		"dunning": p.dunning, "a payment": p.payment, "a return": p.giveBack, "a closing": p.closing, "a promise": p.promised,
	}
	names := []string{"a status", "a case", "a case", "an addition", "an addition", "a removal", "an amount", "dunning", "a payment", "a payment", "a return", "a closing", "a promise"}
	name := names[p.r.IntN(len(names))]
	if err := steps[name](t); err != nil {
		if !refused(err) {
			t.Fatalf("%s: %v", name, err)
		}
		name += ", refused"
	}
	return name
}

// refused tells a rule's answer from a fault.
func refused(err error) bool {
	return isInvalid(err) || conflict(err, "") || missing(err)
}

func (p *player) some(t *testing.T) []cases.Ticked {
	ids := append([]int64{}, p.items...)
	p.r.Shuffle(len(ids), func(a, b int) { ids[a], ids[b] = ids[b], ids[a] })
	list := p.tick(t, ids[:1+p.r.IntN(2)]...)
	for n := range list {
		if p.r.IntN(2) == 0 {
			list[n].Asked = 1 + p.r.Int64N(300_00)
		}
	}
	return list
}

// openCase is one of the open cases; 0: there is none.
func (p *player) openCase(t *testing.T) (id int64) {
	all := p.texts(t, `SELECT id::text FROM cases WHERE customer_id = $1 AND closed_at IS NULL ORDER BY id`, p.id)
	if len(all) == 0 {
		return 0
	}
	_, _ = fmt.Sscan(all[p.r.IntN(len(all))], &id)
	return id
}

func (p *player) status1(t *testing.T) error {
	families := []string{ledger.Ongoing, ledger.Disputed, ledger.DisputeResolved, ledger.Litigation, ledger.Promised}
	list := p.some(t)
	for n := range list {
		list[n].Asked = 0
	}
	_, err := p.apply(t, cases.Change{Items: list, StatusID: p.status(t, families[p.r.IntN(len(families))]), Comment: "x"})
	return err
}

func (p *player) newCase(t *testing.T) error {
	_, err := p.apply(t, cases.Change{Items: p.some(t), Action: cases.NewCase, On: friday, Case: cases.Opening{Title: "X", OwnerID: p.acme.CollectorID}})
	return err
}

func (p *player) add(t *testing.T) error {
	_, err := p.apply(t, cases.Change{Items: p.some(t), Action: cases.AddTo, CaseID: p.openCase(t)})
	return err
}

func (p *player) dunning(t *testing.T) error {
	list := p.some(t)
	for n := range list {
		list[n].Asked = 0
	}
	_, err := p.apply(t, cases.Change{Items: list, Action: cases.ToDunn, Restart: cases.Restart{Chosen: p.r.IntN(2) == 0, LevelID: p.two}})
	return err
}

func (p *player) remove(t *testing.T) error {
	id := p.openCase(t)
	if id == 0 {
		return nil
	}
	return p.save(t, id, func(e *cases.Edit) { e.Remove = []int64{p.items[p.r.IntN(len(p.items))]} })
}

func (p *player) asked(t *testing.T) error {
	id := p.openCase(t)
	if id == 0 {
		return nil
	}
	return p.save(t, id, func(e *cases.Edit) { e.Asked = map[int64]int64{p.items[p.r.IntN(len(p.items))]: p.r.Int64N(200_00)} })
}

func (p *player) payment(t *testing.T) error {
	item := p.items[p.r.IntN(3)]
	return p.Write(t.Context(), p.acme.Collector, func(tx *tenant.Tx) error {
		minor := 1 + p.r.Int64N(400_00)
		r, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: p.id, AccountID: p.on, Number: fmt.Sprintf("P-%d", p.r.Uint64()), ValueOn: today,
			Amount: money.New(minor, "EUR"), Lines: []ledger.Line{{ItemID: item, Minor: minor}}})
		if err == nil {
			p.payments = append(p.payments, r.ID)
		}
		return err
	})
}

func (p *player) giveBack(t *testing.T) error {
	if len(p.payments) == 0 {
		return nil
	}
	id := p.payments[p.r.IntN(len(p.payments))]
	return p.Write(t.Context(), p.acme.Manager, func(tx *tenant.Tx) error {
		return ledger.Return(t.Context(), tx, p.id, id, ledger.Reversal{On: today, Reason: "No money."})
	})
}

func (p *player) closing(t *testing.T) error {
	id := p.openCase(t)
	if id == 0 || p.r.IntN(2) == 0 {
		return nil
	}
	c := cases.Closing{Note: "x", Confirmed: true, Go: map[int64]cases.Destination{}}
	p.must(t, p.acme.Collector, func(tx *tenant.Tx) error {
		items, err := cases.ItemsOf(t.Context(), tx, id)
		for _, i := range items {
			if i.In() {
				c.Go[i.ID] = cases.Destination{ToDunning: true, Restart: cases.Restart{Chosen: p.r.IntN(2) == 0}}
				if p.r.IntN(2) == 0 {
					c.Go[i.ID] = cases.Destination{StatusID: p.status(t, ledger.Disputed)}
				}
			}
		}
		return err
	})
	return p.close(t, id, c)
}

func (p *player) promised(t *testing.T) error {
	return p.Write(t.Context(), p.acme.Collector, func(tx *tenant.Tx) error {
		_, err := promise.Make(t.Context(), tx, p.id, promise.Plan{AccountID: p.on, Amount: money.New(1+p.r.Int64N(100_00), "EUR"), AssigneeID: p.acme.CollectorID,
			DueOn: friday, Items: []int64{p.items[p.r.IntN(3)]}, Confirmed: true})
		return err
	})
}
