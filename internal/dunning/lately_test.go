package dunning_test

import (
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// Written to by themselves today is whose message was not refused; what did not arrive,
// and of what nobody knows, is counted apart.
func TestByThemselvesCountsWhatArrived(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 9)
	o.automatic(t)
	o.run(t)
	if err := o.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	today := func() (did dunning.ByThemselves) {
		t.Helper()
		o.do(t, o.Manager, func(tx *tenant.Tx) error {
			a, err := dunning.ReadAgenda(t.Context(), tx, dunning.Filter{Whose: dunning.Team, Sort: dunning.ByRank, Limit: 10})
			did = a.Today
			did.Last = 0
			return err
		})
		return did
	}
	is(t, "before it is worked", asJSON(t, today()), asJSON(t, dunning.ByThemselves{Batches: 1, Waiting: 10}))
	o.work(t)
	is(t, "on its way", asJSON(t, today()), asJSON(t, dunning.ByThemselves{Batches: 1, Written: 10}))
	o.exec(t, `UPDATE contact_points SET value = 'moved@debtor.example' WHERE id = $1`, o.anna)
	o.deliver(t)
	is(t, "one refused", asJSON(t, today()), asJSON(t, dunning.ByThemselves{Batches: 1, Written: 9, Unsent: 1}))
	for state, numbers := range map[string][]string{"bounced": {"C-2"}, "discarded": {"C-3"}, "unknown": {"C-4", "C-5"}, "delivered": {"C-6"}} {
		o.exec(t, `UPDATE messages m SET state = $1 FROM customers c WHERE c.id = m.customer_id AND c.number = ANY($2)`, state, numbers)
	}
	o.exec(t, `UPDATE batch_entries SET message_id = NULL WHERE customer_id = (SELECT id FROM customers WHERE number = 'C-7')`)
	is(t, "of all kinds", asJSON(t, today()), asJSON(t, dunning.ByThemselves{Batches: 1, Written: 4, Said: 1, Unsent: 3, Unknown: 2}))
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		list, err := dunning.Lately(t.Context(), tx)
		if err == nil && (len(list) != 1 || list[0].Unsent != 3 || list[0].Unknown != 2) {
			t.Errorf("the list says otherwise: %+v", list)
		}
		return err
	})
}
