package inbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Match says whose a stranger's message is: the customer's, who wrote through a
// contact point, or through none with 0. What came with it goes along, the journal
// has it now, and it is a reply like any other. The version is the one that the
// person saw. What a number asked for by STOP or START counts already, and for the
// customer from the moment on at which the number is.
func Match(ctx context.Context, tx *tenant.Tx, id int64, version int, customerID, pointID int64) error {
	if _, err := customer.Find(ctx, tx, customerID); err != nil {
		return err
	}
	if err := ledger.Hold(ctx, tx, []int64{customerID}); err != nil {
		return err
	}
	e, err := find(ctx, tx, id, visible, ` FOR NO KEY UPDATE OF e`)
	if err != nil {
		return err
	}
	if e.CustomerID != 0 || e.ReceivedID == 0 {
		return errs.Conflict("It is known whose this is.")
	}
	if err := e.seen(version); err != nil {
		return err
	}
	if pointID != 0 {
		if _, err := customer.FindPoint(ctx, tx, customerID, pointID); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE inbox_entries
		SET kind = CASE kind WHEN 'stranger' THEN 'reply' ELSE kind END, customer_id = @customer, contact_point_id = nullif(@point::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "customer": customerID, "point": pointID})
	if err != nil {
		return fmt.Errorf("match an entry of the inbox: %w", err)
	}
	if err := document.Give(ctx, tx, document.OfReceived, e.ReceivedID, 0, customerID); err != nil {
		return err
	}
	tx.Touch(customerID)
	in := In{Channel: e.Channel, Kind: e.Came, From: e.From, Person: e.Person, Subject: e.Subject, Body: e.Body, CustomerID: customerID, At: e.SentAt}
	if err := in.journal(ctx, tx, e.ReceivedID); err != nil {
		return err
	}
	if e.Came != Reply || pointID == 0 {
		return nil
	}
	return contactrule.Answerable(ctx, tx, pointID, e.Channel)
}

// Sender is where an entry's message came from, as a contact point of whoever turns out
// to have sent it. It refuses what is no number and no address, such as a short number
// or a name.
func (e Entry) Sender() (customer.Point, error) {
	p := customer.Point{Kind: customer.Email, Person: note.Cut(e.Person, 120, "…"), Role: customer.Debtor}
	var err error
	if e.Channel == customer.SMS {
		p.Kind = customer.Phone
		p.Value, err = customer.ParsePhone(e.From, "")
	} else {
		p.Value, err = customer.ParseEmail(e.From)
	}
	if err != nil {
		return p, errs.Invalid{"keep": fmt.Sprintf("“%s” is no %s that can be kept. Say whose it is without keeping it.", e.From, map[customer.PointKind]string{
			customer.Phone: "telephone number", customer.Email: "e-mail address"}[p.Kind])}
	}
	return p, nil
}

// Files reads the files that came with an entry's message.
func Files(ctx context.Context, tx *tenant.Tx, e Entry) ([]document.Document, error) {
	if e.ReceivedID == 0 {
		return nil, nil
	}
	return document.Of(ctx, tx, document.OfReceived, e.ReceivedID)
}
