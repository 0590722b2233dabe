package activity_test

import (
	"strings"
	"testing"

	"dunwell/internal/activity"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func (o *office) script(t testing.TB, s activity.Script, who tenant.Who) error {
	t.Helper()
	return o.Write(t.Context(), who, func(tx *tenant.Tx) error { return activity.SaveScript(t.Context(), tx, s) })
}

func (o *office) filled(t testing.TB, call int64) (s activity.Script) {
	t.Helper()
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		c, err := activity.Find(t.Context(), tx, o.debtor, call)
		if err != nil {
			return err
		}
		s, err = activity.Filled(t.Context(), tx, c, customer.Business)
		return err
	})
	return s
}

// A script is the program's own until an administrator writes the company's; it is
// filled for the customer and the person.
func TestScript(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.place(t)
	first := o.filled(t, id)
	if first.Identity != "Ask whether you speak to Anna Holm of Customer C-1." || !strings.Contains(first.Text, "EUR 1,311.57 is past due with us, the oldest of it (INV-1) for 24 days") {
		t.Errorf("the first script is %+v", first)
	}
	own := activity.Script{Kind: customer.Business, Identity: "Who is it?", Text: "{{ customer.name }} owes {{ overdue }}"}
	if err := o.script(t, own, o.Admin); err != nil {
		t.Fatal(err)
	}
	if s := o.filled(t, id); s.Identity != "Who is it?" || s.Text != "Customer C-1 owes EUR 1,311.57" || s.Version != 1 {
		t.Errorf("the company's own is %+v", s)
	}
	refuses[errs.Conflict](t, o.script(t, activity.Script{Kind: customer.Business, Text: "Seen before it was changed"}, o.Admin), "Somebody else changed this script")
	own.Version, own.Text = 1, "Shorter"
	if err := o.script(t, own, o.Admin); err != nil {
		t.Fatal(err)
	}
	refuses[errs.Invalid](t, o.script(t, activity.Script{Kind: customer.Consumer, Text: "{{ nobody }}"}, o.Admin), "text: Line 1: there is no variable nobody")
	refuses[errs.Invalid](t, o.script(t, activity.Script{Kind: "other"}, o.Admin), "kind: Choose")
	refuses[errs.Invalid](t, o.script(t, activity.Script{Kind: customer.Consumer, Identity: strings.Repeat("é", activity.MaxIdentity+1)}, o.Admin), "identity: This has 1001 characters")
	refuses[errs.Forbidden](t, o.script(t, own, o.Manager), "Only administrators")
	is(t, "audit", o.ask(t, `SELECT string_agg(kind || ' ' || (data->'after'->>'text'), ', ' ORDER BY id) FROM audit_events WHERE kind LIKE 'call_script%'`),
		"call_script.changed {{ customer.name }} owes {{ overdue }}, call_script.changed Shorter")
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		list, err := activity.Scripts(t.Context(), tx)
		if len(list) != 2 || list[0].Text != "Shorter" || list[1].Version != 0 {
			t.Errorf("scripts %+v", list)
		}
		for _, s := range list {
			if identity, text, perr := s.Preview(t.Context()); perr != nil || identity == "" || text == "" || strings.Contains(text, "{{") {
				t.Errorf("preview %q %q: %v", identity, text, perr)
			}
		}
		return err
	})
	err := o.Read(t.Context(), o.Collector, func(tx *tenant.Tx) error { _, err := activity.Scripts(t.Context(), tx); return err })
	refuses[errs.Forbidden](t, err, "Only managers and administrators")
}
