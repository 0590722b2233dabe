package statementrun

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// make makes a customer's statement, unless it may not be sent any more or has nothing
// left to say. It returns the document.
func (d *Desk) make(ctx context.Context, tx *tenant.Tx, run, id int64) (int64, error) {
	var asOf day.Day
	var whom Whom
	if err := tx.QueryRow(ctx, `SELECT as_of, whom FROM statement_runs WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, run).Scan(&asOf, &whom); err != nil {
		return 0, fmt.Errorf("read a statement run: %w", err)
	}
	c, err := customer.Lock(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	may, err := contactrule.Of(ctx, tx, c.ID)
	if err != nil {
		return 0, err
	}
	if why := barred(c, may); why != "" {
		return 0, errs.Conflict(why)
	}
	s, err := statement.Of(ctx, tx, c.ID, statement.Options{AsOf: asOf})
	if err != nil {
		return 0, err
	}
	switch {
	case len(s.Sections) == 0:
		return 0, errs.Conflict("Nothing was open any more when its turn came.")
	case whom == Overdue && !slices.ContainsFunc(s.Totals, func(a ledger.Ageing) bool { return a.Overdue() > 0 }):
		return 0, errs.Conflict("Nothing was overdue any more when its turn came.")
	}
	return d.keep(ctx, tx, run, s)
}

// keep keeps the statement among the customer's documents, with a line in the journal.
func (d *Desk) keep(ctx context.Context, tx *tenant.Tx, run int64, s statement.Statement) (int64, error) {
	if err := s.LoadLogo(ctx, tx, d.Box.Store); err != nil {
		return 0, err
	}
	var pdf bytes.Buffer
	if err := s.PDF(&pdf); err != nil {
		return 0, fmt.Errorf("make the statement: %w", err)
	}
	x, err := document.Add(ctx, tx, d.Box.Store, document.New{CustomerID: s.Customer.ID, Subject: document.OfStatement, SubjectID: run, Name: s.FileName(".pdf"), Content: &pdf})
	if err != nil {
		return 0, err
	}
	_, err = note.Add(ctx, tx, note.New{CustomerID: s.Customer.ID, Kind: "document", Subject: "document", SubjectID: x.ID,
		Text: fmt.Sprintf("Statement as of %s made for print by %s.", s.AsOf.Long(), tx.Actor.Name)})
	return x.ID, err
}
