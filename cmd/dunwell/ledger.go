package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

type ageing struct {
	Tenant string  `required:"" help:"The company's slug."`
	AsOf   day.Day `help:"The day; today where it is left out." placeholder:"YYYY-MM-DD"`
	JSON   bool    `help:"Print JSON."`
}

// ageingJSON is what --json prints; amounts are decimal strings.
type ageingJSON struct {
	AsOf       day.Day              `json:"as_of"`
	Currencies []ageingCurrencyJSON `json:"currencies"`
}

type ageingCurrencyJSON struct {
	Currency money.Currency     `json:"currency"`
	Items    int                `json:"items"`
	Open     string             `json:"open"`
	Credits  string             `json:"credits"`
	Buckets  []ageingBucketJSON `json:"buckets"`
}

type ageingBucketJSON struct {
	Name   string `json:"name"`
	Items  int    `json:"items"`
	Amount string `json:"amount"`
}

// Run prints the ageing.
func (a *ageing) Run(ctx context.Context, e *env) error {
	out := ageingJSON{AsOf: a.AsOf, Currencies: []ageingCurrencyJSON{}}
	err := e.inTenant(ctx, a.Tenant, false, func(tx *tenant.Tx) error {
		if out.AsOf.IsZero() {
			out.AsOf = tx.Today()
		}
		all, err := ledger.AgeingAsOf(ctx, tx, out.AsOf)
		for _, g := range all {
			c := ageingCurrencyJSON{Currency: g.Currency, Items: g.Items(),
				Open: money.New(g.Open(), g.Currency).Plain(), Credits: money.New(g.Credits, g.Currency).Plain()}
			for i, b := range g.Buckets {
				c.Buckets = append(c.Buckets, ageingBucketJSON{ledger.BucketNames[i], b.Items, money.New(b.Amount, g.Currency).Plain()})
			}
			out.Currencies = append(out.Currencies, c)
		}
		return err
	})
	if err != nil {
		return err
	}
	if a.JSON {
		return json.NewEncoder(e.out).Encode(out)
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "as of %s\titems\tamount\t\n", out.AsOf)
	for _, c := range out.Currencies {
		fmt.Fprintf(w, "%s open\t%d\t%s\t\n", c.Currency, c.Items, c.Open)
		for _, b := range c.Buckets {
			fmt.Fprintf(w, "%s\t%d\t%s\t\n", b.Name, b.Items, b.Amount)
		}
		fmt.Fprintf(w, "credits\t\t%s\t\n", c.Credits)
	}
	return w.Flush()
}

type verifyNotes struct {
	Tenant string `required:"" help:"The company's slug."`
}

// Run proves the journals.
func (v *verifyNotes) Run(ctx context.Context, e *env) error {
	var faults []note.Fault
	err := e.inTenant(ctx, v.Tenant, false, func(tx *tenant.Tx) (err error) {
		faults, err = note.Verify(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if len(faults) == 0 {
		fmt.Fprintln(e.out, "Every journal is whole.")
		return nil
	}
	for _, f := range faults {
		fmt.Fprintln(e.out, f)
	}
	return exit(1)
}
