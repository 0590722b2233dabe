package main

import (
	"context"
	"errors"
	"fmt"

	"dunwell/internal/contact"
	"dunwell/internal/contactrule"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/ledger"
	"dunwell/internal/member"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

type tenants struct {
	Add addTenant `cmd:"" help:"Add a company. Add its first administrator with: dunwell user add."`
}

type addTenant struct {
	Slug     string         `arg:"" help:"Its short name for commands, in small letters."`
	Name     string         `required:"" help:"The company's name."`
	Currency money.Currency `required:"" help:"The currency that its lists are sorted by."`
	TimeZone string         `required:"" help:"Such as Europe/Oslo." placeholder:"ZONE"`
	Language string         `default:"en" help:"The language of its letters."`
	Trial    bool           `help:"A trial company, which may be shown on another day than today."`
}

// Run adds the company with its first settings.
func (a *addTenant) Run(ctx context.Context, e *env) error {
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Create(ctx, tenant.New{Slug: a.Slug, Name: a.Name, Currency: a.Currency, TimeZone: a.TimeZone,
		Language: a.Language, Trial: a.Trial}, func(tx *tenant.Tx) error {
		if err := ledger.Seed(ctx, tx); err != nil {
			return err
		}
		if err := followup.SeedStandards(ctx, tx); err != nil {
			return err
		}
		if err := contactrule.Seed(ctx, tx); err != nil {
			return err
		}
		if err := message.SeedTemplates(ctx, tx); err != nil {
			return err
		}
		if err := contact.Seed(ctx, tx); err != nil {
			return err
		}
		return dunning.Seed(ctx, tx)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s is there. Add its first administrator: dunwell user add --tenant %s --role admin --email ... --name ...\n", a.Name, a.Slug)
	return nil
}

type users struct {
	Add  addUser  `cmd:"" help:"Let a person into a company and print the one-time link that sets the password."`
	Link linkUser `cmd:"" help:"Print a one-time link that sets a new password, for somebody who forgot it."`
}

type addUser struct {
	Tenant string      `required:"" help:"The company's slug."`
	Email  string      `required:"" help:"What the person signs in with."`
	Name   string      `required:"" help:"The person's name."`
	Role   tenant.Role `required:"" enum:"collector,manager,admin" help:"collector, manager or admin."`
}

// Run lets the person in.
func (a *addUser) Run(ctx context.Context, e *env) error {
	var who member.Invited
	err := e.inTenant(ctx, a.Tenant, true, func(tx *tenant.Tx) (err error) {
		who, err = member.Invite(ctx, tx, member.Invitation{Email: a.Email, Name: a.Name, Role: a.Role})
		return err
	})
	if err != nil {
		return err
	}
	if who.Token == "" {
		fmt.Fprintf(e.out, "%s is in, and keeps the name and password of the account that was there already.\n", who.Name)
		return nil
	}
	fmt.Fprintf(e.out, "%s is in. This link sets the password, once, within seven days:\n%s%s\n", who.Name, e.cfg.URL, member.LinkPath(who.Token))
	return nil
}

type linkUser struct {
	Email string `arg:"" help:"What the person signs in with."`
}

// Run prints the link.
func (l *linkUser) Run(ctx context.Context, e *env) error {
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	token, err := member.OperatorLink(ctx, db.Pool, l.Email)
	if errors.Is(err, errs.NotFound) {
		return fmt.Errorf("nobody signs in with %s: %w", l.Email, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "This link sets a new password, once, within one hour:\n%s%s\n", e.cfg.URL, member.LinkPath(token))
	return nil
}
