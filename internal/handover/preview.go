package handover

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Share is what one receiver gets.
type Share struct {
	MemberID int64
	Name     string
	Counts   Counts
}

// Preview is what a hand-over would do, or has done.
type Preview struct {
	Held   Held
	Shares []Share // in the order of the names; nobody who gets nothing
	// Nobodys is what is about no customer and has no receiver: it loses its name, and
	// is everybody's from then on.
	Nobodys Counts
	Left    Counts // with customers whom no receiver sees, or absences that no receiver can cover
}

// Look tells what a hand-over would do now. It changes nothing.
func Look(ctx context.Context, tx *tenant.Tx, p Plan) (Preview, error) {
	w, err := p.parties(ctx, tx)
	if err != nil {
		return Preview{}, err
	}
	list, err := w.concerned(ctx, tx, "")
	if err != nil {
		return Preview{}, err
	}
	v := Preview{}
	if v.Held, err = holds(ctx, tx, w.from); err != nil {
		return v, err
	}
	var parts []string
	for _, s := range append([]source{agenda}, sources...) {
		parts = append(parts, `SELECT '`+string(s.kind)+`', coalesce(h.to_id, 0), count(*)
		FROM `+s.table+` x
		LEFT JOIN handed h ON h.customer_id = x.`+s.customer+`
		WHERE x.tenant_id = @tenant AND x.`+s.member+` = ANY(@from) AND `+s.open+`
		GROUP BY h.to_id`)
	}
	for _, s := range loose {
		parts = append(parts, `SELECT '`+string(s.kind)+`', `+s.turn+` AS to_id, count(*)
		FROM `+s.placed()+`
		GROUP BY to_id`)
	}
	if _, err := tx.Exec(ctx, joinWhole); err != nil {
		return v, fmt.Errorf("say how to plan: %w", err)
	}
	rows, _ := tx.Query(ctx, handed+strings.Join(parts, ` UNION ALL `), w.args(tx, list, w.spread(p.Rule, list)))
	got := tally{}
	if err := got.read(rows); err != nil {
		return v, fmt.Errorf("preview a hand-over: %w", err)
	}
	v.share(got, w)
	if err := v.refuse(w, p); err != nil {
		return v, err
	}
	return v, v.unticked(p)
}

// handed are the customers with their receivers; those without one are not in it.
const handed = `
	WITH handed AS MATERIALIZED (
		SELECT h.customer_id, h.to_id
		FROM unnest(@customers::bigint[], @to::bigint[]) h (customer_id, to_id)
		WHERE h.to_id > 0
	)
	`

func (w parties) args(tx *tenant.Tx, list []concerned, to []int64) pgx.NamedArgs {
	customers, turns := make([]int64, len(list)), []int64{}
	for i, c := range list {
		customers[i] = c.ID
	}
	for _, p := range w.to {
		turns = append(turns, p.ID)
	}
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": w.from, "customers": customers, "to": to, "turns": turns, "today": tx.Today()}
}

// tally is what each receiver gets; 0 stands for nobody, -1 for everybody.
type tally map[int64]Counts

// read adds rows of kind, receiver and count.
func (t tally) read(rows pgx.Rows) error {
	kind, to, n := Kind(""), int64(0), 0
	_, err := pgx.ForEachRow(rows, []any{&kind, &to, &n}, func() error {
		if t[to] == nil {
			t[to] = Counts{}
		}
		t[to][kind] += n
		return nil
	})
	return err
}

// share takes over the counts, those of the receivers in the order of their names.
func (v *Preview) share(t tally, w parties) {
	v.Left, v.Nobodys = t[0], t[-1]
	for _, p := range w.people {
		if c := t[p.ID]; c.Total() > 0 {
			v.Shares = append(v.Shares, Share{p.ID, p.Name, c})
		}
	}
}

// refuse says why there is nothing to be handed over.
func (v Preview) refuse(w parties, p Plan) error {
	switch {
	case v.Held.Total() == 0 && p.From == Gone:
		return errs.Invalid{"from": "Nobody who has left has anything that is open: there is nothing to hand over."}
	case v.Held.Total() == 0:
		return errs.Invalid{"from": w.name(p.From) + " has nothing that is open: there is nothing to hand over."}
	}
	return nil
}

// unticked refuses a plan by which nobody gets anything because nobody is ticked.
func (v Preview) unticked(p Plan) error {
	if len(p.To)+len(v.Shares)+v.Nobodys.Total() > 0 {
		return nil
	}
	switch {
	case v.onlyCovers():
		return errs.Invalid{"to": "Tick who is to cover instead."}
	case p.Rule == ByBranch:
		return errs.Invalid{"to": "Tick who gets them: nobody else works in the branch of these customers, or they have none."}
	}
	return errs.Invalid{"to": "Tick who gets them: these customers have no other owner."}
}

// onlyCovers tells that something is left, and that it is the absences of others.
func (v Preview) onlyCovers() bool { return v.Left[Covers] > 0 && v.Left.Total() == v.Left[Covers] }
