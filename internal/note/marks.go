package note

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// queueMarks asks which of a customer's notes are pinned and which were corrected, few
// of all. The notes are asked for before in the same batch, their numbers are in
// args["seqs"] once they are there.
func queueMarks(b *tenant.Batch, customerID int64, args pgx.NamedArgs, of *[]Note) {
	customers := []int64{customerID}
	b.Seldom("find pins", tenant.Pins, customers, `
		SELECT p.seq
		FROM note_pins p
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer`, args, func(rows pgx.Rows) error {
		var seq int64
		_, err := pgx.ForEachRow(rows, []any{&seq}, func() error {
			if i := slices.IndexFunc(*of, func(n Note) bool { return n.Seq == seq }); i >= 0 {
				(*of)[i].Pinned = true
			}
			return nil
		})
		return err
	})
	b.Seldom("find corrections", tenant.Corrections, customers, `
		SELECT c.corrects, c.seq, c.text, EXISTS (
			SELECT FROM notes o
			WHERE o.tenant_id = @tenant AND o.customer_id = @customer AND o.corrects = c.seq)
		FROM notes c
		WHERE c.tenant_id = @tenant AND c.customer_id = @customer AND c.corrects = ANY(@seqs)`, args, func(rows pgx.Rows) error {
		var corrected, by int64
		var text string
		var overtaken bool
		_, err := pgx.ForEachRow(rows, []any{&corrected, &by, &text, &overtaken}, func() error {
			n := &(*of)[slices.IndexFunc(*of, func(n Note) bool { return n.Seq == corrected })]
			n.CorrectedBy, n.Correction, n.Overtaken = new(by), text, overtaken
			return nil
		})
		return err
	})
}

// queueMessages asks how far the messages got that some notes are about, and returns
// the numbers of all the notes.
func queueMessages(b *tenant.Batch, of []Note) (seqs []int64) {
	about := map[int64][]*Note{}
	var ids []int64
	for i := range of {
		n := &of[i]
		seqs = append(seqs, n.Seq)
		if n.Subject == "message" && n.SubjectID != nil {
			ids, about[*n.SubjectID] = append(ids, *n.SubjectID), append(about[*n.SubjectID], n)
		}
	}
	if len(ids) == 0 {
		return seqs
	}
	b.Queue("read how far messages got", `
		SELECT m.id, m.state, m.error
		FROM messages m
		WHERE m.tenant_id = @tenant AND m.id = ANY(@messages)`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "messages": ids}, func(rows pgx.Rows) error {
		var id int64
		var state, trouble string
		_, err := pgx.ForEachRow(rows, []any{&id, &state, &trouble}, func() error {
			for _, n := range about[id] {
				n.Message, n.Trouble = state, trouble
			}
			return nil
		})
		return err
	})
	return seqs
}
