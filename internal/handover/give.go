package handover

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Done is a hand-over that was made.
type Done struct {
	ID int64
	Preview
}

// Give makes a hand-over: everything at once or nothing, with a note in the journal
// of each customer who has another owner then, and one to the receivers. The number
// of its statements does not depend on how much it is.
func Give(ctx context.Context, tx *tenant.Tx, p Plan) (Done, error) {
	w, err := p.parties(ctx, tx)
	if err != nil {
		return Done{}, err
	}
	list, err := w.concerned(ctx, tx, "FOR NO KEY UPDATE OF c")
	if err != nil {
		return Done{}, err
	}
	d := Done{}
	if d.Held, err = holds(ctx, tx, w.from); err != nil {
		return d, err
	}
	if err := d.refuse(w, p); err != nil {
		return d, err
	}
	got, to := tally{}, w.spread(p.Rule, list)
	if err := move(ctx, tx, got, w.args(tx, list, to)); err != nil {
		return d, fmt.Errorf("hand over: %w", err)
	}
	d.share(got, w)
	left, err := holds(ctx, tx, w.from)
	if err != nil {
		return d, err
	}
	d.Left = left.Counts
	if err := d.unticked(p); err != nil {
		return d, err
	}
	if len(got) == 0 && d.onlyCovers() {
		return d, errs.Invalid{"to": "Everybody whom you chose is away themselves on those days. Choose somebody else to cover."}
	}
	if len(got) == 0 {
		return d, errs.Invalid{"to": "Nobody whom you chose sees these customers: they are of other branches. Choose somebody who does."}
	}
	for part := range slices.Chunk(w.notes(list, to), 50_000) {
		if err := note.AddMany(ctx, tx, part); err != nil {
			return d, err
		}
	}
	d.ID, err = record(ctx, tx, p, d.Preview)
	return d, err
}

// notes are a line for each customer who has another owner now.
func (w parties) notes(list []concerned, to []int64) (notes []note.New) {
	for i, c := range list {
		if c.Owned && to[i] != 0 {
			had := w.name(value(c.OwnerID))
			notes = append(notes, note.New{CustomerID: c.ID, Kind: "changed",
				Text: fmt.Sprintf("Changed owner from %s to %s: the work of %s was handed over.", had, w.name(to[i]), had)})
		}
	}
	return notes
}

// move writes the new names, and counts them.
func move(ctx context.Context, tx *tenant.Tx, got tally, args pgx.NamedArgs) error {
	b := tx.Batch()
	b.Queue("say how to plan", joinWhole, nil, ignore)
	b.Queue("count the agenda entries", handed+`
		SELECT 'agenda', h.to_id, count(*)
		FROM agenda_entries x
		JOIN handed h ON h.customer_id = x.customer_id
		WHERE x.tenant_id = @tenant AND x.owner_id = ANY(@from) AND `+agenda.open+`
		GROUP BY h.to_id`, args, got.read)
	for _, s := range sources {
		b.Queue("give away "+s.table, handed+`, given AS (
			UPDATE `+s.table+` x
			SET `+s.member+` = h.to_id`+s.set+`
			FROM handed h
			WHERE x.tenant_id = @tenant AND x.`+s.customer+` = h.customer_id AND x.`+s.member+` = ANY(@from) AND `+s.open+`
			RETURNING h.to_id
		)
		SELECT '`+string(s.kind)+`', to_id, count(*)
		FROM given
		GROUP BY to_id`, args, got.read)
	}
	for _, s := range loose {
		b.Queue("give away "+s.table, `
		WITH taken AS (
			SELECT x.id, `+s.turn+` AS to_id
			FROM `+s.placed()+`
		), given AS (
			UPDATE `+s.table+` x
			SET `+s.member+` = nullif(t.to_id, -1)`+s.set+`
			FROM taken t
			WHERE x.tenant_id = @tenant AND x.id = t.id AND t.to_id <> 0
				AND x.`+s.member+` = ANY(@from) AND `+s.open+` -- still, whoever else gave it away meanwhile
			RETURNING t.to_id
		)
		SELECT '`+string(s.kind)+`', to_id, count(*)
		FROM given
		GROUP BY to_id`, args, got.read)
	}
	b.Queue("plan as before", `SELECT set_config('enable_nestloop', 'on', true)`, nil, ignore)
	return b.Send(ctx)
}

// joinWhole has what is held and who gets it joined as wholes. The database takes the
// customers of a statement for a handful, however many they are, and would go through
// all of them for each thing.
const joinWhole = `SELECT set_config('enable_nestloop', 'off', true)`

func ignore(rows pgx.Rows) error {
	rows.Close()
	return rows.Err()
}

// record keeps what was done, tells the receivers, and writes it into the audit record.
func record(ctx context.Context, tx *tenant.Tx, p Plan, v Preview) (id int64, err error) {
	members, counts := make([]int64, len(v.Shares)), make([]Counts, len(v.Shares))
	for i, s := range v.Shares {
		members[i], counts[i] = s.MemberID, s.Counts
	}
	err = tx.QueryRow(ctx, `
		WITH made AS (
			INSERT INTO hand_overs (member_id, rule, note, author_id, at)
			VALUES (nullif(@from::bigint, 0), @rule, @note, @author, @now)
			RETURNING id
		), told AS (
			INSERT INTO hand_over_shares (hand_over_id, member_id, counts)
			SELECT made.id, s.member_id, s.counts
			FROM made, unnest(@members::bigint[], @counts::jsonb[]) s (member_id, counts)
		)
		SELECT id FROM made`,
		pgx.NamedArgs{"from": p.From, "rule": p.Rule, "note": p.Note, "author": tx.Actor.MemberID, "now": tx.Now,
			"members": members, "counts": counts}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("record the hand-over: %w", err)
	}
	to := map[string]Counts{}
	for _, s := range v.Shares {
		to[s.Name] = s.Counts
	}
	return id, tx.Audit(ctx, tenant.Event{Kind: "people.handed_over", Subject: "member", SubjectID: p.From,
		Data: map[string]any{"hand_over": id, "rule": p.Rule, "to": to, "left": v.Left}})
}
