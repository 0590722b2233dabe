package demo

import (
	"context"
	"fmt"

	"dunwell/internal/contact"
	"dunwell/internal/contactrule"
	"dunwell/internal/dunning"
	"dunwell/internal/followup"
	"dunwell/internal/ledger"
	"dunwell/internal/member"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// Slug is the demo company's short name.
const Slug = "northwind"

// Password is what everybody at the demo company signs in with.
const Password = "northwind trial books"

// Make makes the demo company with its people and books, all at once or not at
// all, and then lets its people sign in. The day is the clock's in the company's
// zone; Options.Today does not count.
func Make(ctx context.Context, db *tenant.DB, o Options) (tenantID int64, err error) {
	var invited []member.Invited
	n := tenant.New{Slug: Slug, Name: "Northwind Finance", Currency: "EUR", TimeZone: "Europe/Oslo", Language: "en", Trial: true}
	tenantID, err = db.Create(ctx, n, func(tx *tenant.Tx) error {
		l := &loader{tx: tx, options: o}
		l.options.Today = tx.Today()
		if err := ledger.Seed(ctx, tx); err != nil {
			return err
		}
		if err := followup.SeedStandards(ctx, tx); err != nil {
			return err
		}
		if err := contact.Seed(ctx, tx); err != nil {
			return err
		}
		if err := contactrule.Seed(ctx, tx); err != nil {
			return err
		}
		if err := message.SeedTemplates(ctx, tx); err != nil {
			return err
		}
		if err := dunning.SwitchOn(ctx, tx, 6); err != nil {
			return err
		}
		if err := l.findStatuses(ctx); err != nil {
			return err
		}
		if invited, err = l.staff(ctx); err != nil {
			return err
		}
		if err := l.load(ctx); err != nil {
			return err
		}
		return tenant.SetPaymentsLoadedTo(ctx, tx, tx.Today().Time(tx.Actor.Tenant.Zone))
	})
	if err != nil {
		return 0, fmt.Errorf("make the demo company: %w", err)
	}
	return tenantID, letIn(ctx, db, invited)
}

func (l *loader) findStatuses(ctx context.Context) error {
	all, err := ledger.Statuses(ctx, l.tx)
	l.statuses = map[string]int64{}
	for _, s := range all {
		l.statuses[s.Family] = s.ID
	}
	return err
}

// staff makes the branches, the departments and the people in them.
func (l *loader) staff(ctx context.Context) (invited []member.Invited, err error) {
	if l.branches, err = l.units(ctx, member.Branches, Branches); err != nil {
		return nil, err
	}
	departments, err := l.units(ctx, member.Departments, Departments)
	if err != nil {
		return nil, err
	}
	l.members = map[string]int64{}
	for _, p := range People {
		branch, department := l.branches[p.Branch], departments[p.Department]
		in, err := member.Invite(ctx, l.tx, member.Invitation{Email: p.Email, Name: p.Name, Role: p.Role, BranchID: &branch, DepartmentID: &department})
		if err != nil {
			return nil, err
		}
		l.members[p.Email] = in.MemberID
		invited = append(invited, in)
	}
	return invited, nil
}

func (l *loader) units(ctx context.Context, u member.Units, names []string) (map[string]int64, error) {
	ids := map[string]int64{}
	for _, name := range names {
		id, err := u.Add(ctx, l.tx, name)
		if err != nil {
			return nil, err
		}
		ids[name] = id
	}
	return ids, nil
}

// letIn uses up the links of those who have no password yet. Whoever has one,
// from a demo company made before, keeps it.
func letIn(ctx context.Context, db *tenant.DB, invited []member.Invited) error {
	for _, in := range invited {
		if in.Token == "" {
			continue
		}
		_, err := member.SetPasswordByLink(ctx, db.Pool, in.Token, Password, "127.0.0.1")
		if err != nil {
			return fmt.Errorf("password of %s: %w", in.Name, err)
		}
	}
	return nil
}
