package importer

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// stage is how files of a kind are compared to what is known: copied into one
// temporary table as they are, and from there into another that says for each
// row what is to be done with it.
type stage struct {
	table   string // what the file is copied into
	sql     string // what makes it
	columns []string
	// row are the values of a row, in the order of the columns, which line and
	// fault precede. They do not count where the row has a fault.
	row   func(c *cells) []any
	load  string // the table that says what is to be done
	does  string // what that is with a row l of it, beside the outcome; SQL
	begin func(ctx context.Context, tx *tenant.Tx) error
	check string                                         // what fills it
	more  func(ctx context.Context, tx *tenant.Tx) error // what is to be found out besides; may be nil
}

var stages = map[Kind]stage{Customers: customerStage, Items: itemStage, Payments: paymentStage}

// load brings one file in, inside one transaction.
type load struct {
	stage
	tx       *tenant.Tx
	reader   *reader
	options  Options
	importID int64 // 0: a dry run
	assumed  int64 // see cells
	// progress is told before each row how many went before; it may be nil.
	progress func(rows int64)
}

// prepare lets imports of one tenant take turns and gives their sorts memory.
func prepare(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `
		SELECT pg_advisory_xact_lock(hashtext('import'), $1::bigint::integer), set_config('work_mem', '64MB', true)`, tx.Actor.TenantID)
	if err != nil {
		return fmt.Errorf("prepare import: %w", err)
	}
	return nil
}

// check copies the file in and compares it: nothing that lasts is written.
func (l *load) check(ctx context.Context) (Result, error) {
	args, err := l.args(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := l.copy(ctx); err != nil {
		return Result{}, err
	}
	if err := l.begin(ctx, l.tx); err != nil {
		return Result{}, err
	}
	// The check is planned for this very tenant. What follows it is not: the plans
	// of foreign keys are kept, or a million rows would be planned one by one.
	for _, sql := range []string{
		`ANALYZE ` + l.table, `SET LOCAL plan_cache_mode = force_custom_plan`, l.stage.check,
		`SET LOCAL plan_cache_mode = auto`, `ANALYZE ` + l.stage.load,
	} {
		if _, err := l.tx.Exec(ctx, sql, args); err != nil {
			return Result{}, fmt.Errorf("check import: %w", err)
		}
	}
	if l.more != nil {
		if err := l.more(ctx, l.tx); err != nil {
			return Result{}, err
		}
	}
	return l.result(ctx)
}

// copy moves the file's rows into the staging table.
func (l *load) copy(ctx context.Context) error {
	if _, err := l.tx.Exec(ctx, l.sql); err != nil {
		return fmt.Errorf("stage import: %w", err)
	}
	c, err := l.reader.open(ctx)
	if err != nil {
		return err
	}
	columns := append([]string{"line", "fault"}, l.columns...)
	_, err = l.tx.CopyFrom(ctx, pgx.Identifier{l.table}, columns, &source{cells: c, stage: l.stage, progress: l.progress})
	l.assumed = c.assumed
	if c.err != nil {
		return c.err
	}
	if err != nil {
		return fmt.Errorf("copy import: %w", err)
	}
	return nil
}

// source feeds COPY with rows.
type source struct {
	*cells
	stage
	read     int64
	progress func(rows int64)
}

// Next goes to the next row.
func (s *source) Next() bool {
	if s.progress != nil {
		s.progress(s.read)
	}
	s.read++
	return s.next()
}

// Values are the row's, or only its fault.
func (s *source) Values() ([]any, error) {
	values := s.row(s.cells)
	if s.fault != nil {
		values = make([]any, len(s.columns))
	}
	return append([]any{s.in.line, s.fault}, values...), nil
}

// Err is what ended the reading.
func (s *source) Err() error { return s.err }

// args are what the checks ask for.
func (l *load) args(ctx context.Context) (pgx.NamedArgs, error) {
	args := pgx.NamedArgs{"tenant": l.tx.Actor.TenantID}
	if l.options.Kind != Items {
		return args, nil
	}
	_, args["has_due"] = l.reader.at[dueOn]
	_, args["has_settled"] = l.reader.at[settledOn]
	args["import"], args["today"], args["create"] = l.importID, l.tx.Today(), l.options.CreateCustomers
	args["reason"] = ledger.ImportedDispute
	statuses, err := ledger.Statuses(ctx, l.tx)
	if err != nil {
		return nil, err
	}
	if args["ongoing"], err = statusOf(statuses, ledger.Ongoing); err != nil {
		return nil, err
	}
	if _, ok := l.reader.at[disputed]; !ok {
		args["dispute"] = nil
		return args, nil
	}
	args["dispute"], err = statusOf(statuses, ledger.Disputed)
	return args, err
}

// statusOf is the tenant's first status of the family.
func statusOf(statuses []ledger.Status, family string) (int64, error) {
	i := slices.IndexFunc(statuses, func(s ledger.Status) bool { return s.Family == family })
	if i < 0 {
		return 0, unusable("No item status of the family %s is in use. An admin makes one under item statuses.", family)
	}
	return statuses[i].ID, nil
}

// apply writes what the check found right.
func (l *load) apply(ctx context.Context) error {
	from := "the import of " + l.options.FileName
	switch l.options.Kind {
	case Customers:
		return customer.Load(ctx, l.tx, from)
	case Payments:
		return ledger.LoadPayments(ctx, l.tx)
	}
	if l.options.CreateCustomers {
		if err := l.createCustomers(ctx, from); err != nil {
			return err
		}
	}
	return ledger.LoadItems(ctx, l.tx)
}

// createCustomers makes the unknown customers of items, each with the first name
// that the file gives it, or its number.
func (l *load) createCustomers(ctx context.Context, from string) error {
	if err := customer.StageCustomers(ctx, l.tx); err != nil {
		return err
	}
	_, err := l.tx.Exec(ctx, `
		INSERT INTO load_customers (line, outcome, number, name, kind)
		SELECT DISTINCT ON (l.customer_number) l.line, 'new', l.customer_number, coalesce(nullif(s.customer_name, ''), l.customer_number), 'business'
		FROM load_items l
		JOIN staged_items s ON s.line = l.line
		WHERE l.outcome = 'new' AND l.customer_id IS NULL
		ORDER BY l.customer_number, s.customer_name = '', l.line`)
	if err != nil {
		return fmt.Errorf("create customers: %w", err)
	}
	if err := customer.Load(ctx, l.tx, from); err != nil {
		return err
	}
	_, err = l.tx.Exec(ctx, `
		UPDATE load_items l
		SET customer_id = a.customer_id, account_id = a.id
		FROM accounts a
		WHERE a.tenant_id = $1 AND a.number = l.customer_number AND l.outcome = 'new' AND l.customer_id IS NULL`, l.tx.Actor.TenantID)
	if err != nil {
		return fmt.Errorf("create customers: %w", err)
	}
	return nil
}
