package contact_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/contact"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// shown writes chains as "3<2<1 | 4": their contacts, the newest first.
func shown(list []contact.Chain, number map[int64]int) string {
	chains := make([]string, len(list))
	for i, c := range list {
		links := make([]string, len(c.Links))
		for n, l := range c.Links {
			links[n] = fmt.Sprint(number[l.ID])
		}
		chains[i] = strings.Join(links, "<")
	}
	return strings.Join(chains, " | ")
}

// S3.6, S3.27, S3.41: the summary lists the contacts of one customer, open and closed,
// each chain as one thread, and what is filtered by any of its links.
func TestChains(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	number := map[int64]int{}
	keep := func(n int, id int64) int64 {
		number[id] = n
		return id
	}
	first := keep(1, d.added(t, d.plan("One")))
	alone := keep(2, d.added(t, contact.Plan{TypeID: d.visit, Description: "Two", ExecutiveID: d.acme.AdminID, Next: contact.Next{AssigneeID: d.acme.AdminID}}))
	p := d.plan("Three")
	p.ExecutiveID, p.DepartmentID, p.Next.AssigneeID = d.acme.ManagerID, 0, d.acme.CollectorID
	second := keep(3, d.followed(t, first, p))
	keep(4, d.followed(t, second, p))
	keep(5, d.added(t, d.plan("Five")))
	if err := d.closing(t, alone, 1, "Seen"); err != nil {
		t.Fatal(err)
	}
	err := d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := contact.Add(t.Context(), tx, d.other, contact.Plan{TypeID: d.call, Description: "Not here", ExecutiveID: d.acme.AdminID, Next: contact.Next{AssigneeID: d.acme.AdminID}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var visits, collection int64
	err = d.Owner(t).QueryRow(t.Context(), `
		SELECT (SELECT id FROM contact_groups WHERE tenant_id = $1 AND name = 'Visits'), (SELECT id FROM contact_groups WHERE tenant_id = $1 AND name = 'Collection')`,
		d.acme.ID).Scan(&visits, &collection)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter contact.Filter
		want   string
	}{
		"all":                           {contact.Filter{}, "5 | 4<3<1 | 2"},
		"open":                          {contact.Filter{State: contact.Open}, "5 | 4<3<1"},
		"closed":                        {contact.Filter{State: contact.Closed}, "2"},
		"of a group":                    {contact.Filter{GroupID: visits}, "2"},
		"of another":                    {contact.Filter{GroupID: collection}, "5 | 4<3<1"},
		"of a department by its oldest": {contact.Filter{DepartmentID: d.department}, "5 | 4<3<1"},
		"of a branch":                   {contact.Filter{BranchID: d.branch}, "5 | 4<3<1"},
		"who made one":                  {contact.Filter{ExecutiveID: d.acme.AdminID}, "2"},
		"who follows one up":            {contact.Filter{ExecutiveID: d.acme.ManagerID}, "5 | 4<3<1"},
		"all at once":                   {contact.Filter{ExecutiveID: d.acme.ManagerID, BranchID: d.branch, State: contact.Closed}, ""},
		"all of one contact":            {contact.Filter{GroupID: visits, BranchID: d.branch}, ""},
		"the first page":                {contact.Filter{Limit: 2}, "5 | 4<3<1"},
		"the one behind it":             {contact.Filter{Limit: 2, Before: d.head(t, first)}, "2"},
	} {
		c.filter.CustomerID = d.id
		if c.filter.Limit == 0 {
			c.filter.Limit = 10
		}
		var list []contact.Chain
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
			list, err = dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]contact.Chain) { contact.QueueChains(b, c.filter, into) })
			return err
		})
		if got := shown(list, number); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	var list []contact.Chain
	if err := d.Write(t.Context(), d.beta.Admin, func(tx *tenant.Tx) (err error) {
		list, err = dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]contact.Chain) {
			contact.QueueChains(b, contact.Filter{CustomerID: d.id, Limit: 10}, into)
		})
		return err
	}); err != nil || len(list) != 0 {
		t.Errorf("another company sees %d chains, %v", len(list), err)
	}
}

// head is the newest contact of the chain that begins there.
func (d *desk) head(t *testing.T, first int64) int64 {
	t.Helper()
	var chain contact.Chain
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		b := tx.Batch()
		contact.QueueChain(b, d.id, first, &chain)
		return b.Send(t.Context())
	})
	return chain.Head().ID
}

// A long chain is cut in the list and whole on the page of one of its contacts.
func TestALongChainIsCut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.added(t, d.plan("Link 1"))
	for n, id := 2, first; n <= contact.Shown+1; n++ {
		id = d.followed(t, id, d.plan(fmt.Sprintf("Link %d", n)))
	}
	var list []contact.Chain
	var whole contact.Chain
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		b := tx.Batch()
		contact.QueueChains(b, contact.Filter{CustomerID: d.id, Limit: 10}, &list)
		contact.QueueChain(b, d.id, first, &whole)
		return b.Send(t.Context())
	})
	if len(list) != 1 || len(list[0].Links) != contact.Shown || !list[0].Cut() || list[0].Head().Description != "Link 11" {
		t.Errorf("the list shows %+v", list)
	}
	if len(whole.Links) != contact.Shown+1 || whole.Cut() {
		t.Errorf("the whole chain has %d links", len(whole.Links))
	}
}

// S3.9, S3.14, S3.15, S3.16: what a form offers is in use, and the customer's own.
func TestChoices(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var c, f contact.Choices
	var next int64
	read := func() {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			c, f = contact.Choices{}, contact.Choices{}
			b := tx.Batch()
			contact.QueueChoices(b, d.id, &c)
			contact.QueueFilters(b, &f)
			return b.Send(t.Context())
		})
	}
	read()
	if len(c.Types) != 8 || c.Types[0].Label() != "CALL Payment call" || len(c.Origins) != 6 || len(c.Strengths) != 4 || c.Strengths[0].Name != "Urgent" {
		t.Errorf("types %v, origins %v, strengths %v", c.Types, c.Origins, c.Strengths)
	}
	if len(c.Vehicles) != 1 || c.Vehicles[0].Name != "Volvo, AB 12345" {
		t.Errorf("vehicles %v, want the customer's own", c.Vehicles)
	}
	if m, there := c.Member(d.acme.CollectorID); !there || m.Branch != "Bergen" || m.DepartmentID != d.department || len(c.Members) != 3 {
		t.Errorf("members %v", c.Members)
	}
	if len(f.Branches) != 1 || len(f.Departments) != 1 || len(f.Groups) != 4 || len(f.Members) != 3 {
		t.Errorf("filters by %+v", f)
	}
	propose := func(id int64) (day string) {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			n, on, err := c.Propose(t.Context(), tx, id)
			next, day = n, on.String()
			return err
		})
		return day
	}
	// S3.20: three working days from Friday
	if on := propose(d.call); on != "2026-03-18" || next != d.check {
		t.Errorf("after a call: %s, type %d", on, next)
	}
	if on := propose(999); on != "" || next != 0 {
		t.Errorf("after what is no type: %s, type %d", on, next)
	}
	owner := d.Owner(t)
	for _, sql := range []string{`UPDATE contact_types SET retired_at = now() WHERE code = 'CHECK'`, `UPDATE contact_types SET next_delay_days = 0 WHERE code = 'VISIT'`,
		`UPDATE contact_types SET next_delay_days = NULL WHERE code = 'CALL'`, `UPDATE vehicles SET retired_at = now()`, `UPDATE contact_origins SET retired_at = now() WHERE name = 'Visit'`} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if on := propose(d.call); on != "" || next != d.call {
		t.Errorf("where the next type is retired and no date is proposed: %s, type %d", on, next)
	}
	if on := propose(d.visit); on != today.String() || next != d.visit {
		t.Errorf("the same day: %s, type %d", on, next)
	}
	if len(c.Vehicles) != 0 || len(c.Origins) != 5 {
		t.Errorf("retired vehicles %v, origins %v", c.Vehicles, c.Origins)
	}
}
