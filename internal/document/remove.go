package document

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Remove takes a document out of the lists. Row and content stay, with who and
// when: a message that took it along keeps it. What was sent itself cannot be
// removed.
func Remove(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Document, error) {
	if _, err := customer.Lock(ctx, tx, customerID); err != nil {
		return Document{}, err
	}
	d, err := find(ctx, tx, `d.customer_id = @customer`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "id": id})
	switch {
	case err != nil:
		return d, err
	case d.RemovedAt != nil:
		return d, errs.Conflict(fmt.Sprintf("%s removed %q already, on %s.", d.RemovedBy, d.Name, d.RemovedAt.In(tx.Actor.Tenant.Zone).Format("2 Jan 2006 15:04")))
	case d.Sent():
		return d, errs.Conflict(fmt.Sprintf("%q is the copy of what was sent, and stays.", d.Name))
	case d.Closed:
		return d, errs.Conflict(fmt.Sprintf("%q is in the case %s, which is closed: it stays with it.", d.Name, d.About))
	case d.Stays():
		return d, errs.Conflict(fmt.Sprintf("%q came with a message, and stays with it.", d.Name))
	}
	_, err = tx.Exec(ctx, `
		UPDATE documents
		SET removed_at = @now, removed_by = @member
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "now": tx.Now, "member": tx.Actor.MemberID})
	if err != nil {
		return d, fmt.Errorf("remove document: %w", err)
	}
	_, err = note.Add(ctx, tx, note.New{CustomerID: customerID, Kind: "document", Subject: "document", SubjectID: id,
		Text: fmt.Sprintf("Document removed: %s.", d.called())})
	return d, err
}
