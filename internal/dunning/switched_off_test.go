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

// What the program has begun stops at what was switched off since: the reason stands in
// the batch, and the entry stays for a person, or for the program once it may.
func TestBatchOfTheProgramStops(t *testing.T) {
	t.Parallel()
	type step = func(*agency, *testing.T)
	for name, c := range map[string]struct {
		off step
		why string
		on  step // switches it on again for the next day; nil: not by these means
	}{
		"nothing was switched off": {off: func(*agency, *testing.T) {}},
		"its level by hand": {
			off: func(o *agency, t *testing.T) {
				o.change(t, true, func(l *dunning.LevelTerms) { l.Mode = dunning.ModeManual })
			},
			why: "Its level no longer goes out by itself. Work it by hand.",
			on:  func(o *agency, t *testing.T) { o.change(t, true, byItself) },
		},
		"its level after one click": {
			off: func(o *agency, t *testing.T) {
				o.change(t, true, func(l *dunning.LevelTerms) { l.Mode = dunning.ModeConfirm })
			},
			why: "Its level no longer goes out by itself. Work it by hand.",
		},
		"its level retired": {
			off: func(o *agency, t *testing.T) { o.exec(t, `UPDATE levels SET retired_at = now() WHERE after_days = 5`) },
			why: "Its level was retired meanwhile.",
			on:  func(o *agency, t *testing.T) { o.exec(t, `UPDATE levels SET retired_at = NULL`) },
		},
		"its policy retired": {
			off: func(o *agency, t *testing.T) {
				o.exec(t, `UPDATE policies SET retired_at = now(), is_default = false`)
			},
			why: "Its policy was retired meanwhile.",
		},
		"the customer manual": {
			off: func(o *agency, t *testing.T) { o.exec(t, `UPDATE customers SET reminder_mode = 'manual'`) },
			why: "Reminders of this customer are manual by now. Work it by hand.",
		},
		"dunning": {
			off: func(o *agency, t *testing.T) { o.exec(t, `UPDATE tenants SET dunning_on = false`) },
			why: "Dunning is switched off.",
			on:  func(o *agency, t *testing.T) { o.exec(t, `UPDATE tenants SET dunning_on = true`) },
		},
		"the payments": {
			off: func(o *agency, t *testing.T) { o.exec(t, `UPDATE tenants SET payments_loaded_to = NULL`) },
			why: "Automatic reminders wait: no payments were ever loaded. Load them, or have a manager let them go out for today.",
			on:  func(*agency, *testing.T) {},
		},
		"another day before its run": {
			off: func(o *agency, _ *testing.T) { o.at(1, 6, 0) },
			why: "Today’s run has not been made yet.",
			on:  func(*agency, *testing.T) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.automatic(t)
			o.run(t)
			if err := o.SendAutomatic(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.off(o, t)
			o.work(t)
			o.deliver(t)
			sent := "1"
			if c.why != "" {
				sent = "0"
			}
			is(t, "sent", o.ask(t, `SELECT count(*) FROM messages`), sent)
			is(t, "why", o.ask(t, `SELECT string_agg(why, ' ') FROM batch_entries`), c.why)
			if c.on == nil {
				return
			}
			c.on(o, t)
			o.at(1, 10, 0)
			o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-17 09:00+00'`)
			o.run(t)
			o.tick(t)
			is(t, "sent once it may", o.ask(t, `SELECT string_agg(state, ' ') FROM messages`), "sent")
		})
	}
}
