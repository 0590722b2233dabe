package dunning_test

import (
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

const (
	noServer   = "No mail server is set up here: the e-mails of automatic levels wait until there is one."
	noProvider = "The SMS of automatic levels wait. The provider’s password cannot be read with this installation’s key. An administrator gives it again under Admin, Telephone and SMS."
)

// waits is what keeps automatic levels from sending, as a member reads it.
func (o *agency) waits(t testing.TB) (why string) {
	t.Helper()
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		why, _, err = o.AutomaticWaits(t.Context(), tx)
		return err
	})
	return why
}

// A way out that is not set up is named where nothing goes another way, and what goes
// that way is not tried before there is one: it leaves on the very day.
func TestAutomaticWaitsForAWayOut(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	server := o.Box.Server
	o.Box.Server = nil
	o.automatic(t)
	o.run(t)
	o.exec(t, `UPDATE levels SET mode = 'confirm'`)
	is(t, "where no level is automatic", o.waits(t), "")
	o.automatic(t)
	is(t, "e-mail without a server", o.waits(t), noServer)
	for range 2 {
		o.tick(t)
	}
	is(t, "batches without a server", o.ask(t, `SELECT count(*) FROM batches`), "0")
	o.Box.Server = server
	is(t, "with one", o.waits(t), "")
	o.tick(t)
	is(t, "sent on the same day", o.ask(t, `SELECT string_agg(state, ' ') FROM messages`), "sent")
}

// Where one of two ways is not set up, what goes the other way leaves.
func TestOneWayOutOfTwo(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 1)
	o.telephone(t)
	o.automatic(t)
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-13 17:00+00'`)
	// a policy of its own for C-2, by e-mail
	o.exec(t, `INSERT INTO policies (tenant_id, name) VALUES ($1, 'By e-mail')`, o.ID)
	o.exec(t, `
		WITH level AS (
			INSERT INTO levels (tenant_id, policy_id, name, after_days, mode)
			SELECT $1, p.id, 'Friendly', 3, 'automatic' FROM policies p WHERE p.name = 'By e-mail'
			RETURNING id)
		INSERT INTO level_actions (tenant_id, level_id, position, kind, template_id)
		SELECT $1, l.id, 1, 'email', t.id FROM level l, templates t WHERE t.channel = 'email' AND t.name = 'First reminder'`, o.ID)
	o.exec(t, `UPDATE customers SET policy_id = (SELECT p.id FROM policies p WHERE p.name = 'By e-mail') WHERE number = 'C-2'`)
	secrets, server := o.Box.Secrets, o.Box.Server
	o.Box.Secrets, o.Box.Server = nil, nil
	o.run(t)
	is(t, "neither", o.waits(t), noServer+" "+noProvider)
	o.tick(t)
	is(t, "sent with neither", o.ask(t, `SELECT count(*) FROM messages`), "0")
	o.Box.Secrets = secrets
	is(t, "a provider alone", o.waits(t), "")
	o.tick(t)
	is(t, "sent with a provider", o.ask(t, `SELECT string_agg(m.channel || ' ' || c.number, ', ') FROM messages m JOIN customers c ON c.id = m.customer_id`), "sms C-1")
	o.Box.Server = server
	is(t, "both", o.waits(t), "")
	o.tick(t)
	is(t, "sent with both", o.ask(t, `SELECT string_agg(m.channel || ' ' || c.number, ', ' ORDER BY c.number) FROM messages m JOIN customers c ON c.id = m.customer_id`), "sms C-1, email C-2")
}

// What falls to the second way of a level waits where that is not set up: the agenda says
// so, while the first way is open and what goes that way leaves.
func TestSecondWayOfALevelIsShut(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 1)
	o.telephone(t)
	o.levelOne(t, dunning.ByEmail, dunning.BySMS)
	o.exec(t, `UPDATE levels SET retired_at = now() WHERE after_days <> 5`)
	o.automatic(t)
	o.run(t)
	o.exec(t, `UPDATE contact_points SET retired_at = now() WHERE id = $1`, o.anna)
	shut := func() (why string) {
		t.Helper()
		o.do(t, o.Manager, func(tx *tenant.Tx) error {
			a, err := dunning.ReadAgenda(t.Context(), tx, dunning.Filter{Whose: dunning.Team, Sort: dunning.ByRank, Limit: 10})
			if err == nil {
				why, err = o.Shut(t.Context(), tx, a)
			}
			return err
		})
		return why
	}
	is(t, "both set up", shut(), "")
	secrets, server := o.Box.Secrets, o.Box.Server
	o.Box.Secrets = nil
	is(t, "the second way", shut(), noProvider)
	is(t, "what keeps all of it", o.waits(t), "")
	o.tick(t)
	is(t, "sent by the first alone", o.ask(t, `SELECT string_agg(m.channel || ' ' || c.number, ', ') FROM messages m JOIN customers c ON c.id = m.customer_id`), "email C-2")
	o.Box.Server = nil
	is(t, "both ways", shut(), noServer+" "+noProvider)
	is(t, "what keeps all of it then", o.waits(t), noServer+" "+noProvider)
	o.Box.Server, o.Box.Secrets = server, secrets
	is(t, "both again", shut()+o.waits(t), "")
	o.tick(t)
	is(t, "sent by both", o.ask(t, `SELECT string_agg(m.channel || ' ' || c.number, ', ' ORDER BY c.number) FROM messages m JOIN customers c ON c.id = m.customer_id`), "sms C-1, email C-2")
	o.exec(t, `UPDATE levels SET mode = 'confirm'`)
	o.Box.Server, o.Box.Secrets = nil, nil
	is(t, "where no level is automatic", shut(), "")
}
