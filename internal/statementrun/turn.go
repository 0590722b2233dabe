package statementrun

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

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

// turn is a customer of a run whose turn it is.
type turn struct {
	Run      int64
	Customer int64
	AsOf     day.Day
	Whom     Whom
	Member   int64 // who started it
	User     int64
	Name     string
	Role     tenant.Role
	Active   bool
}

// takeTurn holds the next customer who waits and whom nobody else holds.
func takeTurn(ctx context.Context, tx *tenant.Tx, run int64, skip []int64) (turn, error) {
	t := turn{Run: run}
	err := tx.QueryRow(ctx, `
		SELECT c.customer_id, r.as_of, r.whom, m.id, m.user_id, u.name, m.role, m.active
		FROM statement_run_customers c
		JOIN statement_runs r ON r.tenant_id = @tenant AND r.id = c.run_id
		JOIN members m ON m.tenant_id = @tenant AND m.id = r.member_id
		JOIN users u ON u.id = m.user_id
		WHERE c.tenant_id = @tenant AND c.run_id = @run AND c.state = 'waiting' AND c.customer_id <> ALL(@skip)
		ORDER BY c.customer_id
		LIMIT 1
		FOR NO KEY UPDATE OF c SKIP LOCKED`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "run": run, "skip": skip}).
		Scan(&t.Customer, &t.AsOf, &t.Whom, &t.Member, &t.User, &t.Name, &t.Role, &t.Active)
	if errors.Is(err, pgx.ErrNoRows) {
		return turn{}, nil
	}
	if err != nil {
		return t, fmt.Errorf("take the next customer of a statement run: %w", err)
	}
	return t, nil
}

// make makes the statement in the name of whoever started the run, unless it may not
// be sent any more or has nothing left to say. It returns the document.
func (d *Desk) make(ctx context.Context, tx *tenant.Tx, t turn) (int64, error) {
	tx.Actor.MemberID, tx.Actor.UserID, tx.Actor.Name, tx.Actor.Role = t.Member, t.User, t.Name, t.Role
	if !t.Active || !CanRun(tx.Actor) {
		return 0, errs.Forbidden(t.Name + ", who started this, may no longer do it. Somebody else starts it again.")
	}
	c, err := customer.Lock(ctx, tx, t.Customer)
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
	s, err := statement.Of(ctx, tx, c.ID, statement.Options{AsOf: t.AsOf})
	if err != nil {
		return 0, err
	}
	switch {
	case len(s.Sections) == 0:
		return 0, errs.Conflict("Nothing was open any more when its turn came.")
	case t.Whom == Overdue && !slices.ContainsFunc(s.Totals, func(a ledger.Ageing) bool { return a.Overdue() > 0 }):
		return 0, errs.Conflict("Nothing was overdue any more when its turn came.")
	}
	return d.keep(ctx, tx, t, s)
}

// keep keeps the statement among the customer's documents, with a line in the journal.
func (d *Desk) keep(ctx context.Context, tx *tenant.Tx, t turn, s statement.Statement) (int64, error) {
	if err := s.LoadLogo(ctx, tx, d.Box.Store); err != nil {
		return 0, err
	}
	var pdf bytes.Buffer
	if err := s.PDF(&pdf); err != nil {
		return 0, fmt.Errorf("make the statement: %w", err)
	}
	x, err := document.Add(ctx, tx, d.Box.Store, document.New{CustomerID: t.Customer, Subject: document.OfStatement, SubjectID: t.Run, Name: s.FileName(".pdf"), Content: &pdf})
	if err != nil {
		return 0, err
	}
	_, err = note.Add(ctx, tx, note.New{CustomerID: t.Customer, Kind: "document", Subject: "document", SubjectID: x.ID,
		Text: fmt.Sprintf("Statement as of %s made for print by %s.", t.AsOf.Long(), t.Name)})
	return x.ID, err
}
