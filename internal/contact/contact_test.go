package contact_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/contact"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// S3.8 to S3.20: everything that a contact is made of is kept, the action comes from
// the type and the branch from the executive.
func TestAddKeepsAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.find(t, d.added(t, d.plan(" Says the transfer went out.\r\nAsk for the slip. ")))
	got := []string{c.Department, c.Group, c.Type(), c.Action, c.Description, c.Executive, c.Branch, c.Origin, c.Strength, c.Vehicle, c.Assignee, c.When(), c.NextType(),
		c.Author, string(c.State)}
	want := []string{"Workshop", "Collection", "CALL Payment call", "Call again where no day of payment was agreed.", "Says the transfer went out.\nAsk for the slip.",
		"acme collector", "Bergen", "E-mail", "High", "Volvo, AB 12345", "acme manager", "Wed 18 Mar 2026, 14:15", "CHECK Payment check", "acme collector", "open"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("part %d is %q, want %q", i, got[i], want[i])
		}
	}
	d.wrote(t, "contact: Contact CALL Payment call, about AB 12345: Says the transfer went out.\nAsk for the slip.\n"+
		"Follow-up: Wed 18 Mar 2026, 14:15, acme manager, CHECK Payment check.")
}

// S3.13: the branch is the executive's, whoever writes it down.
func TestTheBranchFollowsTheExecutive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.plan("Spoke to the driver")
	p.ExecutiveID = d.acme.AdminID
	c := d.find(t, d.added(t, p))
	if c.BranchID != nil || c.Executive != "acme admin" || c.Author != "acme collector" {
		t.Errorf("made by %s of branch %v, written by %s", c.Executive, c.BranchID, c.Author)
	}
	p.ExecutiveID = d.acme.CollectorID
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error { return contact.Change(t.Context(), tx, d.id, c.ID, 1, p) })
	if c = d.find(t, c.ID); c.BranchID == nil || *c.BranchID != d.branch {
		t.Errorf("changed to the collector it is of branch %v, want %d", c.BranchID, d.branch)
	}
	d.wrote(t, "contact_change: Contact CALL Payment call changed: executive acme collector instead of acme admin.")
}

func TestAddAsksForWhatIsNeeded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.Owner(t)
	if _, err := owner.Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE contact_types SET retired_at = now() WHERE id = $1`, d.visit); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*contact.Plan)
		field  string // that is refused; empty: it is taken
	}{
		"only what must be": {func(p *contact.Plan) {
			p.DepartmentID, p.OriginID, p.StrengthID, p.VehicleID, p.Next.TypeID, p.Next.At = 0, 0, 0, 0, 0, ""
		}, ""},
		"no date S3.43":                  {func(p *contact.Plan) { p.Next.On, p.Next.At = day.Day{}, "" }, ""},
		"no description":                 {func(p *contact.Plan) { p.Description = " \n" }, "description"},
		"2,000 characters":               {func(p *contact.Plan) { p.Description = strings.Repeat("å", 2000) }, ""},
		"2,001 characters":               {func(p *contact.Plan) { p.Description = strings.Repeat("å", 2001) }, "description"},
		"a card's number":                {func(p *contact.Plan) { p.Description = "Pays with 4111 1111 1111 1111" }, "description"},
		"no code S3.9":                   {func(p *contact.Plan) { p.TypeID = 0 }, "type"},
		"a retired code":                 {func(p *contact.Plan) { p.TypeID = d.visit }, "type"},
		"another company's code":         {func(p *contact.Plan) { p.TypeID = d.foreignType }, "type"},
		"a retired code next S3.20":      {func(p *contact.Plan) { p.Next.TypeID = d.visit }, "next_type"},
		"another company's department":   {func(p *contact.Plan) { p.DepartmentID = d.foreign2 }, "department"},
		"no such origin":                 {func(p *contact.Plan) { p.OriginID = 999 }, "origin"},
		"no such strength":               {func(p *contact.Plan) { p.StrengthID = 999 }, "strength"},
		"another customer's lorry S3.16": {func(p *contact.Plan) { p.VehicleID = d.otherLorry }, "vehicle"},
		"an executive who left S3.12":    {func(p *contact.Plan) { p.ExecutiveID = d.acme.ManagerID }, "executive"},
		"another company's executive":    {func(p *contact.Plan) { p.ExecutiveID = d.beta.CollectorID }, "executive"},
		"followed up by one who left":    {func(p *contact.Plan) { p.Next.AssigneeID = d.acme.ManagerID }, "assignee"},
		"followed up by nobody":          {func(p *contact.Plan) { p.Next.AssigneeID = 0 }, "assignee"},
		"today S3.19":                    {func(p *contact.Plan) { p.Next.On = today }, ""},
		"this minute":                    {func(p *contact.Plan) { p.Next.On, p.Next.At = today, "10:30" }, ""},
		"a minute ago":                   {func(p *contact.Plan) { p.Next.On, p.Next.At = today, "10:29" }, "due_at"},
		"yesterday":                      {func(p *contact.Plan) { p.Next.On = today.Add(-1) }, "due_on"},
		"ten years":                      {func(p *contact.Plan) { p.Next.On = today.Add(3652) }, ""},
		"over ten years":                 {func(p *contact.Plan) { p.Next.On = today.Add(3653) }, "due_on"},
		"an hour of no day":              {func(p *contact.Plan) { p.Next.On = day.Day{} }, "due_at"},
		"no such hour":                   {func(p *contact.Plan) { p.Next.At = "24:00" }, "due_at"},
	} {
		p := d.plan("Asked for the slip")
		p.Next.AssigneeID = d.acme.AdminID
		c.change(&p)
		notes, contacts := len(d.notes(t)), d.contacts(t)
		id, err := d.add(t, p)
		if c.field != "" && !invalid(err, c.field) || c.field == "" && (err != nil || id == 0) {
			t.Errorf("%s: %v, want a message at %q", name, err, c.field)
		}
		want := 0
		if c.field == "" {
			want = 1
		}
		if n, c := len(d.notes(t))-notes, d.contacts(t)-contacts; n != want || c != want { // S3.28: both, or none
			t.Errorf("%s: %d notes and %d contacts, want %d", name, n, c, want)
		}
	}
	if _, err := d.add(t, contact.Plan{}); !invalid(err, "type", "description", "executive", "assignee") {
		t.Errorf("nothing at all: %v", err)
	}
}

// A limited collector of another branch is not given a customer whom he cannot see.
func TestAssigneeSeesTheCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.acme.ID); err != nil {
		t.Fatal(err)
	}
	p := d.plan("Visit them")
	p.Next.AssigneeID = d.acme.CollectorID
	err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
		_, err := contact.Add(t.Context(), tx, d.id, p)
		return err
	})
	if !invalid(err, "assignee") {
		t.Errorf("a customer without a branch for a collector of Bergen: %v", err)
	}
}

func TestAnothersContactIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t, d.plan("Mine"))
	p := d.plan("x")
	for name, f := range map[string]func(*tenant.Tx, int64) error{
		"find": func(tx *tenant.Tx, c int64) error { _, err := contact.Find(t.Context(), tx, c, id); return err },
		"follow up": func(tx *tenant.Tx, c int64) error {
			_, err := contact.FollowUp(t.Context(), tx, c, id, 1, p)
			return err
		},
		"change":     func(tx *tenant.Tx, c int64) error { return contact.Change(t.Context(), tx, c, id, 1, p) },
		"reschedule": func(tx *tenant.Tx, c int64) error { return contact.Reschedule(t.Context(), tx, c, id, 1, today, "") },
		"close":      func(tx *tenant.Tx, c int64) error { return contact.Close(t.Context(), tx, c, id, 1, "x") },
		"fail":       func(tx *tenant.Tx, c int64) error { _, err := contact.Fail(t.Context(), tx, c, id, 1, ""); return err },
	} {
		for who, customer := range map[tenant.Who]int64{d.acme.Collector: d.other, d.beta.Admin: d.id} {
			if err := d.Write(t.Context(), who, func(tx *tenant.Tx) error { return f(tx, customer) }); !errors.Is(err, errs.NotFound) {
				t.Errorf("%s by way of another customer: %v", name, err)
			}
		}
	}
	err := d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := contact.Add(t.Context(), tx, d.foreign, p)
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("with another company's customer: %v", err)
	}
	if c := d.find(t, id); c.State != contact.Open || c.Description != "Mine" {
		t.Errorf("it became %+v", c)
	}
}
