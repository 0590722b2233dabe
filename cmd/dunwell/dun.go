package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

type dun struct {
	Tenant  string  `required:"" help:"The company's slug."`
	AsOf    day.Day `help:"The day; today where it is left out." placeholder:"YYYY-MM-DD"`
	Today   day.Day `help:"Stand on this day instead of today (trial companies only)." placeholder:"YYYY-MM-DD"`
	Preview bool    `help:"Say what a run would do, and change nothing."`
	JSON    bool    `help:"Print JSON."`
}

// Run makes the run, or looks ahead at it.
func (d *dun) Run(ctx context.Context, e *env) error {
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	db.TrialDay = d.Today
	id, err := db.BySlug(ctx, d.Tenant)
	if err != nil {
		return err
	}
	begin, do := db.Write, dunning.Run
	if d.Preview {
		begin, do = db.Read, dunning.Preview
	}
	var result dunning.Result
	err = begin(ctx, tenant.System(id), func(tx *tenant.Tx) (err error) {
		asOf := d.AsOf
		if asOf.IsZero() {
			asOf = tx.Today()
		}
		result, err = do(ctx, tx, asOf)
		return err
	})
	if err != nil {
		return err
	}
	if d.JSON {
		return json.NewEncoder(e.out).Encode(result)
	}
	return printRun(e, result)
}

func printRun(e *env, r dunning.Result) error {
	fmt.Fprintf(e.out, "As of %s: %d items looked at, %d entries opened, %d updated, %d withdrawn.\n", r.AsOf, r.Items, r.Opened, r.Updated, r.Withdrawn)
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, c := range r.Entries {
		fmt.Fprintf(w, "%s\tlevel %d\t%s\n", c.Customer, c.Level, c.Reason)
		for _, l := range c.Lines {
			fmt.Fprintf(w, "\t%s\t%s %s, %d days overdue, level %d\n", l.Item, l.Currency, l.Amount, l.Days, l.Level)
		}
	}
	for _, o := range r.LeftOut {
		fmt.Fprintf(w, "%s\tleft out\t%s\n", o.Customer, o.Why)
	}
	return w.Flush()
}
