package handover_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/handover"
	"dunwell/internal/tenant"
)

// desk is a company whose collector has work, two more collectors (north and south),
// and another company beside it. Its clock stands at 10:30 on Monday 16 March 2026,
// in Oslo.
type desk struct {
	*dbtest.Database
	acme, beta   *dbtest.Company
	owner        *pgx.Conn // past row security
	north, south int64     // members
	serial       int
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t)}
	d.Now = func() time.Time { return time.Date(2026, 3, 16, 9, 30, 0, 0, time.UTC) }
	d.owner = d.Owner(t)
	d.acme, d.beta = dbtest.Tenant(t, d.Database, "acme"), dbtest.Tenant(t, d.Database, "beta")
	d.north, d.south = d.hire(t, "north"), d.hire(t, "south")
	return d
}

func (d *desk) must(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// hire makes a collector with a branch of the same name.
func (d *desk) hire(t testing.TB, name string) int64 {
	t.Helper()
	return d.id(t, `
		WITH person AS (INSERT INTO users (email, name) VALUES (@name || '@acme.example', @name) RETURNING id),
			branch AS (INSERT INTO branches (tenant_id, name) VALUES (@tenant, @name) RETURNING id)
		INSERT INTO members (tenant_id, user_id, role, branch_id)
		SELECT @tenant, person.id, 'collector', branch.id FROM person, branch
		RETURNING id`, pgx.NamedArgs{"name": name})
}

// id runs a statement past row security and returns its number.
func (d *desk) id(t testing.TB, sql string, args pgx.NamedArgs) (id int64) {
	t.Helper()
	args["tenant"] = d.acme.ID
	if err := d.owner.QueryRow(t.Context(), sql, args).Scan(&id); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return id
}

// customer makes one of that branch, "" for none, owned by the member, 0 for nobody.
func (d *desk) customer(t *testing.T, branch string, owner int64) (id int64) {
	t.Helper()
	d.serial++
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		id, _ = dbtest.Customer(t, tx, fmt.Sprintf("C-%d", d.serial))
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = nullif($2::bigint, 0), branch_id = (SELECT id FROM branches WHERE name = $3) WHERE id = $1`, id, owner, branch)
		return err
	})
	return id
}

// work is one open thing of each kind that the member has with the customer, and as
// many that are ended.
var work = []string{
	`INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) VALUES (@tenant, @customer, @member, '2026-03-20', 'Call') RETURNING id`,
	`INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text, ended, ended_at) VALUES (@tenant, @customer, @member, '2026-03-20', 'Ended', 'done', now()) RETURNING id`,
	`INSERT INTO contacts (tenant_id, customer_id, type_id, code, type_name, action, description, executive_id, assignee_id)
		VALUES (@tenant, @customer, @type, 'CALL', 'Call', '', 'Spoke', @member, @member) RETURNING id`,
	`INSERT INTO contacts (tenant_id, customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, ended, ended_at, closing)
		VALUES (@tenant, @customer, @type, 'CALL', 'Call', '', 'Ended', @member, @member, 'closed', now(), 'Paid') RETURNING id`,
	`WITH made AS (
		INSERT INTO promises (tenant_id, customer_id, account_id, currency, amount, tolerance, collectable, known_to, assignee_id, made_on, made_at)
		SELECT @tenant, @customer, a.id, 'EUR', 100, 0, 100, 0, @member, '2026-03-16', now() FROM accounts a WHERE a.customer_id = @customer RETURNING id)
		INSERT INTO instalments (tenant_id, customer_id, promise_id, assignee_id, number, due_on, grace_on, amount)
		SELECT @tenant, @customer, made.id, @member, 1, '2026-03-20', '2026-03-24', 100 FROM made RETURNING id`,
	`INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, next_on, opened_on, opened_at)
		VALUES (@tenant, @customer, 'Price', 'in_work', @member, '2026-03-20', '2026-03-16', now()) RETURNING id`,
	`INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, next_on, opened_on, opened_at, closed_at, closed_on)
		VALUES (@tenant, @customer, 'Ended', 'closed', @member, '2026-03-20', '2026-03-16', now(), now(), '2026-03-16') RETURNING id`,
	`WITH came AS (INSERT INTO received (tenant_id, channel, provider_id, kind, at) VALUES (@tenant, 'sms', 'in-' || @customer::bigint, 'reply', now()) RETURNING id)
		INSERT INTO inbox_entries (tenant_id, kind, customer_id, received_id, assignee_id) SELECT @tenant, 'reply', @customer, id, @member FROM came RETURNING id`,
	`WITH came AS (INSERT INTO received (tenant_id, channel, provider_id, kind, at) VALUES (@tenant, 'sms', 'old-' || @customer::bigint, 'reply', now()) RETURNING id)
		INSERT INTO inbox_entries (tenant_id, kind, customer_id, received_id, assignee_id, state, handled_at)
		SELECT @tenant, 'reply', @customer, id, @member, 'handled', now() FROM came RETURNING id`,
	`WITH point AS (INSERT INTO contact_points (tenant_id, customer_id, kind, value, role) VALUES (@tenant, @customer, 'phone', '+4722' || lpad((@customer::bigint)::text, 6, '0'), 'debtor') RETURNING id),
		made AS (INSERT INTO call_attempts (tenant_id, customer_id, contact_point_id, direction, number, member_id)
			SELECT @tenant, @customer, id, 'out', '+4722000000', @member FROM point RETURNING id)
		INSERT INTO open_calls (tenant_id, customer_id, call_attempt_id, member_id, at) SELECT @tenant, @customer, id, @member, now() FROM made RETURNING call_attempt_id`,
	`INSERT INTO agenda_entries (tenant_id, customer_id, owner_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies)
		VALUES (@tenant, @customer, @member, '2026-03-16', '2026-03-16', 0, 'level', 0, '2026-03-01', 1, 'EUR', 100, 1) RETURNING id`,
}

// give has the member one thing of each kind with the customer.
func (d *desk) give(t *testing.T, customer, member int64) {
	t.Helper()
	kind := d.id(t, `
		WITH known AS (SELECT id FROM contact_types WHERE tenant_id = @tenant), grouped AS (
			INSERT INTO contact_groups (tenant_id, name) SELECT @tenant, 'Calls' WHERE NOT EXISTS (SELECT FROM known) RETURNING id
		), made AS (
			INSERT INTO contact_types (tenant_id, group_id, code, name) SELECT @tenant, id, 'CALL', 'Call' FROM grouped RETURNING id
		)
		SELECT id FROM known UNION ALL SELECT id FROM made`, pgx.NamedArgs{})
	for _, sql := range work {
		d.id(t, sql, pgx.NamedArgs{"customer": customer, "member": member, "type": kind})
	}
}

// everything is what one customer of whom the member has everything comes to.
func everything() handover.Counts {
	return handover.Counts{handover.Customers: 1, handover.Agenda: 1, handover.FollowUps: 1, handover.Contacts: 1, handover.Promises: 1,
		handover.Cases: 1, handover.Inbox: 1, handover.Calls: 1}
}

func (d *desk) holds(t *testing.T, member int64) (h handover.Held) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		h, err = handover.Holds(t.Context(), tx, member)
		return err
	})
	return h
}

// has fails the test unless the member holds just that.
func (d *desk) has(t *testing.T, member int64, want handover.Counts) {
	t.Helper()
	if got := d.holds(t, member).Counts; !maps.Equal(got, want) {
		t.Errorf("member %d has %v, want %v", member, got, want)
	}
}

func (d *desk) hand(t testing.TB, who tenant.Who, p handover.Plan) (done handover.Done, err error) {
	t.Helper()
	err = d.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		done, err = handover.Give(t.Context(), tx, p)
		return err
	})
	return done, err
}

func (d *desk) look(t *testing.T, p handover.Plan) (v handover.Preview, err error) {
	t.Helper()
	err = d.Read(t.Context(), d.acme.Manager, func(tx *tenant.Tx) (err error) {
		v, err = handover.Look(t.Context(), tx, p)
		return err
	})
	return v, err
}

// shares says who got how many customers.
func shares(v handover.Preview) string {
	var list []string
	for _, s := range v.Shares {
		list = append(list, fmt.Sprintf("%s %d", s.Name, s.Counts[handover.Customers]))
	}
	return strings.Join(list, ", ")
}

func invalid(err error, fields ...string) bool {
	var inv errs.Invalid
	if !errors.As(err, &inv) || len(inv) != len(fields) {
		return false
	}
	return !slices.ContainsFunc(fields, func(f string) bool { return inv[f] == "" })
}

func forbidden(err error) bool {
	var f errs.Forbidden
	return errors.As(err, &f)
}
