package main

import (
	"context"
	"errors"
	"fmt"

	"dunwell/internal/day"
	"dunwell/internal/demo"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

type demoCommand struct {
	Customers int     `default:"400" help:"How many customers."`
	Seed      uint64  `default:"1" help:"The same seed makes the same company."`
	Today     day.Day `help:"The day on which its books stand; today where it is left out." placeholder:"YYYY-MM-DD"`
	IfMissing bool    `help:"Do nothing but print the sign-ins where the company is there already."`
}

// Run makes the company.
func (d *demoCommand) Run(ctx context.Context, e *env) error {
	if d.Customers < 1 || d.Customers > 1_000_000 {
		return errs.Invalid{"customers": "give a number from 1 to 1,000,000"}
	}
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	db.TrialDay = d.Today
	_, err = db.BySlug(ctx, demo.Slug)
	switch {
	case err == nil && !d.IfMissing:
		return errs.Invalid{"demo": "the company " + demo.Slug + " is there already"}
	case errors.Is(err, errs.NotFound):
		fmt.Fprintf(e.err, "Making the company %s with %d customers ...\n", demo.Slug, d.Customers)
		err = d.make(ctx, e, db)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Sign in with the password %q as:\n", demo.Password)
	for _, p := range demo.People[:3] {
		fmt.Fprintf(e.out, "  %-9s  %s\n", p.Role, p.Email)
	}
	return nil
}

func (d *demoCommand) make(ctx context.Context, e *env, db *tenant.DB) error {
	blobs, err := document.OpenFolder(e.cfg.Blobs())
	if err != nil {
		return err
	}
	defer blobs.Close()
	_, err = demo.Make(ctx, db, demo.Options{Seed: d.Seed, Customers: d.Customers, Blobs: blobs})
	return err
}
