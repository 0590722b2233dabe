// Package dossier puts together what is on record about one customer, for a
// complaint, an authority or a court: one archive that can be read and checked
// without the program. It only collects; what is written down, and by whom, is the
// business of the packages in which it happens.
package dossier

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// kind is the kind of the note that says that a dossier was taken.
const kind = "dossier"

// CanTake tells who takes a dossier: it holds what others did, too.
func CanTake(a tenant.Actor) bool { return a.Is(tenant.Manager) }

const onlyManagers = errs.Forbidden("Only managers and administrators take a dossier, since it holds everything that was ever done with a customer. Ask one of yours.")

// Take puts on record that who acts takes a dossier of the customer, in the journal and
// in the audit record, and returns the number of that note. Open gives the dossier
// itself for an hour.
func Take(ctx context.Context, tx *tenant.Tx, customerID int64) (seq int64, err error) {
	if !CanTake(tx.Actor) {
		return 0, onlyManagers
	}
	c, err := customer.Find(ctx, tx, customerID)
	if err != nil {
		return 0, err
	}
	seq, err = note.Add(ctx, tx, note.New{CustomerID: c.ID, Kind: kind, Text: "A dossier was taken: all that is on record about this customer."})
	if err != nil {
		return 0, err
	}
	return seq, tx.Audit(ctx, tenant.Event{Kind: "customer.dossier_taken", Subject: "customer", SubjectID: c.ID, Data: map[string]any{"note": seq}})
}

// taken looks that the actor took the dossier of that note, not more than an hour ago.
func taken(ctx context.Context, tx *tenant.Tx, customerID, seq int64) error {
	var fresh bool
	err := tx.QueryRow(ctx, `
		SELECT n.at > clock_timestamp() - interval '1 hour'
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.seq = @seq AND n.kind = @kind AND n.author_id = @member`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "seq": seq, "kind": kind, "member": tx.Actor.MemberID}).Scan(&fresh)
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find the note of a dossier: %w", err)
	}
	if !fresh {
		return errs.Conflict("This dossier was taken more than an hour ago. Open the customer’s notes and take a new one, so that the journal says so.")
	}
	return nil
}
