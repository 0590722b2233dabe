package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"dunwell/internal/errs"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// errUndo rolls back what was only tried.
var errUndo = errors.New("undo")

// Run brings a file in at once, as the program itself: for commands. The rows
// that are not refused are applied unless the options say otherwise; a dry run
// leaves no trace. A file that cannot be read at all is Unusable.
func Run(ctx context.Context, db *tenant.DB, tenantID int64, o Options, in io.Reader) (r Result, err error) {
	o.FileName = fileName(o.FileName)
	f, err := newSpool(ctx, in)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	err = db.Write(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error {
		var inv errs.Invalid
		if o.checkLoadedTo(&inv, tx.Now); inv != nil {
			return inv
		}
		l, err := newLoad(ctx, tx, f, o)
		if err != nil {
			return err
		}
		if o.DryRun {
			if r, err = l.check(ctx); err != nil {
				return err
			}
			return errUndo
		}
		if l.importID, err = insert(ctx, tx, o, f.sha256, f.size, Applying); err != nil {
			return err
		}
		if r, err = l.check(ctx); err != nil {
			return err
		}
		applied, err := l.bring(ctx, r)
		if err != nil {
			return err
		}
		state := Applied
		if !applied {
			state = Discarded
		}
		return l.end(ctx, Applying, state, r)
	})
	if errors.Is(err, errUndo) {
		return r, nil
	}
	if err != nil {
		return Result{}, err
	}
	return r, analyze(ctx, db, r)
}

func newLoad(ctx context.Context, tx *tenant.Tx, f *spool, o Options) (*load, error) {
	reader, err := newReader(ctx, f, o, tx.Today())
	if err != nil {
		return nil, err
	}
	return &load{stage: stages[o.Kind], tx: tx, reader: reader, options: o}, prepare(ctx, tx)
}

// bring applies what was checked, unless all or nothing was asked for and a row
// was refused.
func (l *load) bring(ctx context.Context, r Result) (applied bool, err error) {
	if l.options.AllOrNothing && r.Refused > 0 {
		return false, nil
	}
	if err := l.apply(ctx); err != nil {
		return false, err
	}
	if l.options.Kind != Payments || l.options.LoadedTo == nil || r.Refused > 0 {
		return true, nil
	}
	if err := tenant.SetPaymentsLoadedTo(ctx, l.tx, *l.options.LoadedTo); err != nil {
		return true, err
	}
	return true, promise.DecideAll(ctx, l.tx)
}

// judge checks a file, for a person to look at or, where it is an application, to
// apply it if it would still do what was shown.
func (l *load) judge(ctx context.Context, i Import) (r Result, next State, err error) {
	if r, err = l.check(ctx); err != nil {
		return r, Checked, err
	}
	if r.Digest, err = l.digest(ctx); err != nil || i.State == Checking {
		return r, Checked, err
	}
	if r.Moved = i.Result == nil || i.Result.Digest != r.Digest; r.Moved {
		return r, Checked, nil
	}
	applied, err := l.bring(ctx, r)
	if !applied {
		return r, Checked, err
	}
	return r, Applied, err
}

// large is from how many rows on the planner's figures are made anew.
const large = 10_000

// analyze comes after the commit: in the same transaction it would hold up
// everybody else's.
func analyze(ctx context.Context, db *tenant.DB, r Result) error {
	if r.Moved || r.New+r.Changed < large {
		return nil
	}
	if _, err := db.Pool.Exec(ctx, `SELECT analyze_ledger()`); err != nil {
		return fmt.Errorf("analyze after import: %w", err)
	}
	return nil
}
