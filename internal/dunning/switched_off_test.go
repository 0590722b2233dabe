package dunning_test

import (
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// A level or a policy that is retired sends nothing any more, the effect says of whom
// that is, and once it is taken back it goes on.
func TestRetiredSendsNothing(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct {
		retire, back func(*agency, *testing.T, *tenant.Tx) error
	}{
		"the level": {
			func(o *agency, t *testing.T, tx *tenant.Tx) error {
				return dunning.RetireLevel(t.Context(), tx, o.levelID(t))
			},
			func(o *agency, t *testing.T, tx *tenant.Tx) error {
				return dunning.TakeBackLevel(t.Context(), tx, o.levelID(t))
			},
		},
		"the policy": {
			func(o *agency, t *testing.T, tx *tenant.Tx) error {
				return dunning.RetirePolicy(t.Context(), tx, o.policyID(t))
			},
			func(o *agency, t *testing.T, tx *tenant.Tx) error {
				return dunning.TakeBackPolicy(t.Context(), tx, o.policyID(t))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.exec(t, `INSERT INTO policies (tenant_id, name) VALUES ($1, 'Another')`, o.ID)
			o.exec(t, `UPDATE policies SET is_default = false WHERE is_default`)
			o.exec(t, `UPDATE policies SET is_default = true WHERE name = 'Another'`)
			o.exec(t, `UPDATE customers SET policy_id = $1`, o.policyID(t))
			o.automatic(t)
			o.run(t)
			do := func(what func(*agency, *testing.T, *tenant.Tx) error) (g dunning.Going) {
				t.Helper()
				o.do(t, o.Admin, func(tx *tenant.Tx) (err error) {
					g, err = o.Changed(t.Context(), tx, func(tx *tenant.Tx) error { return what(o, t, tx) })
					return err
				})
				return g
			}
			is(t, "by retiring", asJSON(t, do(way.retire)), asJSON(t, dunning.Going{Stays: 1}))
			o.tick(t)
			is(t, "sent by what is retired", o.ask(t, `SELECT count(*) FROM messages`), "0")
			if g := do(way.back); g.Customers != 1 || g.Emails != 1 || g.Stays != 0 || !g.Begins {
				t.Errorf("by taking it back: %+v", g)
			}
			o.tick(t)
			is(t, "sent once it is taken back", o.ask(t, `SELECT string_agg(state, ' ') FROM messages`), "sent")
		})
	}
}

// levelID and policyID are of the level that the debtor is at.
func (o *agency) levelID(t testing.TB) (id int64) {
	t.Helper()
	if err := o.owner.QueryRow(t.Context(), `SELECT id FROM levels WHERE after_days = 5`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *agency) policyID(t testing.TB) (id int64) {
	t.Helper()
	if err := o.owner.QueryRow(t.Context(), `SELECT policy_id FROM levels WHERE after_days = 5`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}
