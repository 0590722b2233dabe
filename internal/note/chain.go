package note

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Link is a note as its customer's chain has it: whoever has all links can prove the
// journal without the program and without its database.
type Link struct {
	Seq  int64
	Prev []byte // the hash of the note before; empty: it is the first
	// Sealed is what the note says, as JSON. The hash is made of Prev and it.
	Sealed string
	Hash   []byte
}

// HeadOf reads the number and the hash of a customer's newest note, which its journal
// ends with; zero where nothing was written.
func HeadOf(ctx context.Context, tx *tenant.Tx, customerID int64) (head Link, err error) {
	err = tx.QueryRow(ctx, `
		SELECT seq, hash
		FROM note_heads
		WHERE tenant_id = $1 AND customer_id = $2`, tx.Actor.TenantID, customerID).Scan(&head.Seq, &head.Hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return head, errs.NotFound
	}
	if err != nil {
		return head, fmt.Errorf("read the journal's head: %w", err)
	}
	return head, nil
}

// EachLink calls f with every link of the customer's chain up to a number, one at a
// time.
func EachLink(ctx context.Context, tx *tenant.Tx, customerID, upTo int64, f func(Link) error) error {
	rows, _ := tx.Query(ctx, `
		SELECT n.seq, n.prev_hash AS prev, jsonb_build_array(n.tenant_id, n.customer_id, n.seq, extract(epoch FROM n.at),
				n.author_id, n.author, n.kind, n.text, n.subject, n.subject_id, n.data, n.corrects)::text AS sealed, n.hash
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.seq <= @to
		ORDER BY n.seq`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "to": upTo})
	defer rows.Close()
	for rows.Next() {
		l, err := pgx.RowToStructByName[Link](rows)
		if err == nil {
			err = f(l)
		}
		if err != nil {
			return fmt.Errorf("read the journal's chain: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the journal's chain: %w", err)
	}
	return nil
}

// Proof goes along one customer's chain and keeps where it is broken, as Verify does
// for all of them.
type Proof struct {
	CustomerID int64
	Number     string  // the customer's
	Faults     []Fault // the first hundred
	More       int     // how many there are besides
	at         Link
}

// keptFaults is how many faults a proof keeps: one who rewrote a journal broke all of
// its notes.
const keptFaults = 100

// Next looks at the next link.
func (p *Proof) Next(l Link) {
	sum := sha256.Sum256(append(bytes.Clone(l.Prev), l.Sealed...))
	switch {
	case l.Seq != p.at.Seq+1:
		p.fault(p.at.Seq+1, "missing")
	case !bytes.Equal(sum[:], l.Hash), !bytes.Equal(l.Prev, p.at.Hash):
		p.fault(l.Seq, "changed")
	}
	p.at = Link{Seq: l.Seq, Hash: l.Hash}
}

// End looks whether the chain ends with the head.
func (p *Proof) End(head Link) {
	if p.at.Seq != head.Seq || !bytes.Equal(p.at.Hash, head.Hash) {
		p.fault(p.at.Seq+1, "missing at the end")
	}
}

func (p *Proof) fault(seq int64, fault string) {
	if len(p.Faults) == keptFaults {
		p.More++
		return
	}
	p.Faults = append(p.Faults, Fault{CustomerID: p.CustomerID, Number: p.Number, Seq: seq, Fault: fault})
}
