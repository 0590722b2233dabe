package promise

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

// Confirmation is how a promise can be confirmed to the customer by e-mail.
type Confirmation struct {
	To  string // the address on file; empty: it cannot be
	Why string // why it cannot be, and what to do about it

	point, template int64
}

// ConfirmationOf finds out whether promises of the customer can be confirmed.
func ConfirmationOf(ctx context.Context, tx *tenant.Tx, customerID int64) (c Confirmation, err error) {
	care, err := customer.CareOf(ctx, tx, customerID)
	if err != nil {
		return c, err
	}
	err = tx.QueryRow(ctx, `
		SELECT t.id
		FROM templates t
		WHERE t.tenant_id = @tenant AND t.channel = 'email' AND lower(t.name) = lower(@name) AND t.retired_at IS NULL`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "name": message.PromiseName}).Scan(&c.template)
	point := care.First(customer.Email)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		c.Why = "There is no e-mail template called " + message.PromiseName + ". An administrator adds one under Templates."
		return c, nil
	case err != nil:
		return c, fmt.Errorf("find the template of a confirmation: %w", err)
	case point == nil:
		c.Why = "No e-mail address of this customer is on file. Add one under Contact points."
		return c, nil
	}
	c.To, c.point = point.Value, point.ID
	return c, nil
}

// Confirm writes to the customer what was promised and by when, in their language.
// Whether they may be written to now is asked as for every message.
func Confirm(ctx context.Context, tx *tenant.Tx, box *message.Outbox, customerID, id int64) error {
	p, err := Find(ctx, tx, customerID, id)
	if err != nil {
		return err
	}
	c, err := ConfirmationOf(ctx, tx, customerID)
	if err != nil {
		return err
	}
	if c.To == "" {
		return errs.Invalid{"confirm": c.Why}
	}
	about := template.Promise{Amount: p.Amount()}
	for _, i := range p.Instalments {
		about.Parts = append(about.Parts, template.Part{DueOn: i.DueOn, Minor: i.Minor})
	}
	f, err := message.Fill(ctx, tx, message.Choice{CustomerID: customerID, TemplateID: c.template, PointID: c.point, Promise: about})
	if err == nil {
		_, err = box.Send(ctx, tx, message.New{CustomerID: customerID, Channel: customer.Mail, PointID: c.point, Language: f.Language,
			Subject: f.Subject, Body: f.Body, TextID: f.TextID})
	}
	return beside(err)
}

// beside puts the reason why a confirmation is not sent beside its box.
func beside(err error) error {
	var inv errs.Invalid
	var no errs.Forbidden
	switch {
	case errors.As(err, &no):
		return errs.Invalid{"confirm": string(no) + " Take the tick away, or write later."}
	case errors.As(err, &inv):
		for _, why := range inv {
			return errs.Invalid{"confirm": why}
		}
	}
	return err
}
