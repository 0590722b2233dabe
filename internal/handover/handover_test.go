package handover_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/handover"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// S3.44: all that a member has goes to one other, and what is ended stays as it was.
func TestEverythingGoesToOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mine, theirs := d.customer(t, "", d.acme.CollectorID), d.customer(t, "", d.acme.AdminID)
	d.give(t, mine, d.acme.CollectorID)
	d.give(t, theirs, d.south)
	d.exec(t, `UPDATE contacts SET attempts = 5`)
	untouched := d.holds(t, d.south).Counts
	d.has(t, d.acme.CollectorID, everything())
	done, err := d.hand(t, d.acme.Manager, handover.Plan{From: d.acme.CollectorID, Rule: handover.ToPeople, To: []int64{d.north}, Note: " Call C-1 first. "})
	if err != nil || !maps.Equal(done.Held.Counts, everything()) || len(done.Shares) != 1 || done.Left.Total()+done.Nobodys.Total() != 0 {
		t.Fatalf("handed over %+v, %v", done, err)
	}
	if got := done.Shares[0]; got.Name != "north" || !maps.Equal(got.Counts, everything()) {
		t.Errorf("north got %+v", got)
	}
	d.has(t, d.acme.CollectorID, handover.Counts{})
	d.has(t, d.north, everything())
	d.has(t, d.south, untouched)
	if n := d.id(t, `SELECT count(*) FROM instalments WHERE assignee_id = @north`, pgx.NamedArgs{"north": d.north}); n != 1 {
		t.Errorf("%d instalments went along with their promise", n)
	}
	if n := d.id(t, `SELECT count(*) FROM contacts WHERE attempts = 0 AND assignee_id = @north`, pgx.NamedArgs{"north": d.north}); n != 1 {
		t.Errorf("%d contacts are begun anew by who has them now", n)
	}
	for _, sql := range []string{
		`SELECT count(*) FROM contacts WHERE attempts = 5 AND assignee_id = @had`,
		`SELECT count(*) FROM follow_ups WHERE text = 'Ended' AND assignee_id = @had`,
		`SELECT count(*) FROM contacts WHERE description = 'Ended' AND assignee_id = @had`,
		`SELECT count(*) FROM cases WHERE title = 'Ended' AND owner_id = @had`,
		`SELECT count(*) FROM inbox_entries WHERE state = 'handled' AND assignee_id = @had`,
	} {
		if n := d.id(t, sql, pgx.NamedArgs{"had": d.acme.CollectorID}); n != 1 {
			t.Errorf("%s: %d, what is ended keeps its name", sql, n)
		}
	}
	if got := d.journal(t, mine); got != "Changed owner from acme collector to north: the work of acme collector was handed over." {
		t.Errorf("the journal says %q", got)
	}
	if n := d.id(t, `SELECT count(*) FROM audit_events WHERE kind = 'people.handed_over' AND member_id = @by AND subject_id = @of`,
		pgx.NamedArgs{"by": d.acme.ManagerID, "of": d.acme.CollectorID}); n != 1 {
		t.Errorf("%d lines in the audit record", n)
	}
	if _, err := d.hand(t, d.acme.Manager, handover.Plan{From: d.acme.CollectorID, Rule: handover.ToPeople, To: []int64{d.north}}); !invalid(err, "from") {
		t.Errorf("a second time: %v", err)
	}
	if err := d.Read(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
		faults, err := note.Verify(t.Context(), tx)
		if len(faults) > 0 {
			t.Errorf("journals are broken: %v", faults)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// journal is the customer's journal.
func (d *desk) journal(t *testing.T, customer int64) string {
	t.Helper()
	rows, _ := d.owner.Query(t.Context(), `SELECT text FROM notes WHERE customer_id = $1 ORDER BY seq`, customer)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, " | ")
}

// Work with a customer whom somebody else owns changes hands without a line in the
// journal: the owner is the same.
func TestNoNoteWhereTheOwnerStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.customer(t, "", d.south)
	d.give(t, c, d.acme.CollectorID)
	if _, err := d.hand(t, d.acme.Admin, handover.Plan{From: d.acme.CollectorID, Rule: handover.ToPeople, To: []int64{d.north}}); err != nil {
		t.Fatal(err)
	}
	if got := d.journal(t, c); got != "" {
		t.Errorf("the journal says %q", got)
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		rule     handover.Rule
		limited  bool
		to       []string
		want     string // customers of each
		followed string // follow-ups of each
		left     int    // customers
	}{
		{"several, evenly", handover.ToPeople, false, []string{"north", "south"}, "north 4, south 3", "north 4, south 4", 0},
		{"by branch, nobody else", handover.ByBranch, false, nil, "north 2, south 3", "north 3, south 3", 2},
		{"by branch, the rest to one", handover.ByBranch, false, []string{"admin"}, "acme admin 2, north 2, south 3", "acme admin 2, north 3, south 3", 0},
		{"by owner, the rest to one", handover.ByOwner, false, []string{"south"}, "acme admin 0, south 7", "acme admin 1, south 7", 0},
		{"each sees one branch", handover.ToPeople, true, []string{"north", "south"}, "north 2, south 3", "north 3, south 3", 2},
		{"each sees one branch, an administrator all", handover.ToPeople, true, []string{"north", "admin"}, "acme admin 6, north 1", "acme admin 6, north 2", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			if c.limited {
				d.exec(t, `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.acme.ID)
			}
			for _, branch := range []string{"north", "south", "", "north", "south", "", "south"} {
				d.call(t, d.customer(t, branch, d.acme.CollectorID))
			}
			d.call(t, d.customer(t, "north", d.acme.AdminID))
			names := map[string]int64{"north": d.north, "south": d.south, "admin": d.acme.AdminID}
			p := handover.Plan{From: d.acme.CollectorID, Rule: c.rule}
			for _, name := range c.to {
				p.To = append(p.To, names[name])
			}
			before, err := d.look(t, p)
			if err != nil {
				t.Fatal(err)
			}
			done, err := d.hand(t, d.acme.Manager, p)
			if err != nil {
				t.Fatal(err)
			}
			if got := shares(before); got != c.want || shares(done.Preview) != c.want {
				t.Errorf("before %s, after %s, want %s", got, shares(done.Preview), c.want)
			}
			var followed []string
			for _, s := range done.Shares {
				followed = append(followed, fmt.Sprintf("%s %d", s.Name, s.Counts[handover.FollowUps]))
			}
			if got := strings.Join(followed, ", "); got != c.followed {
				t.Errorf("follow-ups: %s, want %s", got, c.followed)
			}
			if before.Left[handover.Customers] != c.left || done.Left[handover.Customers] != c.left {
				t.Errorf("left before %v, after %v, want %d", before.Left, done.Left, c.left)
			}
			if n := d.id(t, `SELECT count(*) FROM customers c JOIN follow_ups f ON f.customer_id = c.id
				WHERE c.owner_id <> f.assignee_id AND (c.owner_id <> @admin OR @admin = f.assignee_id)`, pgx.NamedArgs{"admin": d.acme.AdminID}); n != 0 {
				t.Errorf("%d customers went one way and their follow-ups another", n)
			}
		})
	}
}

// call gives the collector a follow-up with the customer.
func (d *desk) call(t *testing.T, customer int64) {
	t.Helper()
	d.id(t, work[0], pgx.NamedArgs{"customer": customer, "member": d.acme.CollectorID})
}

func (d *desk) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := d.owner.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// What is about no customer goes round the chosen people, and is everybody's where
// none is chosen; an absence keeps its cover until somebody takes it who is there.
func TestWithoutACustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	set := func() {
		for _, n := range []string{"a", "b", "c"} {
			d.id(t, `WITH came AS (INSERT INTO received (tenant_id, channel, provider_id, kind, at) VALUES (@tenant, 'sms', @n || gen_random_uuid(), 'reply', now()) RETURNING id)
				INSERT INTO inbox_entries (tenant_id, kind, received_id, assignee_id) SELECT @tenant, 'stranger', id, @from FROM came RETURNING id`,
				pgx.NamedArgs{"n": n, "from": d.acme.CollectorID})
		}
		d.exec(t, `UPDATE item_statuses SET case_owner_id = $1 WHERE tenant_id = $2 AND family = 'dispute'`, d.acme.CollectorID, d.acme.ID)
	}
	d.exec(t, `
		WITH house AS (INSERT INTO policies (tenant_id, name) VALUES ($1, 'House') RETURNING id), levels AS (
			INSERT INTO levels (tenant_id, policy_id, name, after_days, retired_at)
			SELECT $1, id, 'Friendly', 10, NULL FROM house
			UNION ALL
			SELECT $1, id, 'Of old', 20, now() FROM house
			RETURNING id)
		INSERT INTO level_actions (tenant_id, level_id, kind, text, member_id) SELECT $1, id, 'manual', 'Ask', $2 FROM levels`, d.acme.ID, d.acme.CollectorID)
	away := func(member int64, from, until string) {
		d.id(t, `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES (@tenant, @member, @cover, @from::text::date, @until::text::date) RETURNING id`,
			pgx.NamedArgs{"member": member, "cover": d.acme.CollectorID, "from": from, "until": until})
	}
	set()
	away(d.acme.AdminID, "2026-03-10", "2026-03-20")
	away(d.acme.AdminID, "2026-03-01", "2026-03-05") // over
	away(d.north, "2026-03-12", "2026-03-16")
	done, err := d.hand(t, d.acme.Manager, handover.Plan{From: d.acme.CollectorID, Rule: handover.ToPeople, To: []int64{d.north, d.south}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(done.Shares[0].Name, done.Shares[0].Counts, done.Shares[1].Name, done.Shares[1].Counts); got !=
		fmt.Sprint("north", handover.Counts{handover.Inbox: 2, handover.Statuses: 1, handover.Actions: 1}, "south", handover.Counts{handover.Inbox: 1, handover.Covers: 2}) {
		t.Errorf("shared out as %s", got)
	}
	set()
	away(d.south, "2026-03-16", "2026-03-17")
	done, err = d.hand(t, d.acme.Manager, handover.Plan{From: d.acme.CollectorID, Rule: handover.ByBranch})
	if err != nil || !maps.Equal(done.Nobodys, handover.Counts{handover.Inbox: 3, handover.Statuses: 1}) || !maps.Equal(done.Left, handover.Counts{handover.Covers: 1}) {
		t.Errorf("without people: %+v, %v", done, err)
	}
	if n := d.id(t, `SELECT count(*) FROM inbox_entries WHERE assignee_id IS NULL`, pgx.NamedArgs{}); n != 3 {
		t.Errorf("%d entries are everybody's", n)
	}
}

// An absence is not given to a collector of another branch than the one who is away,
// where collectors see their branch only.
func TestCoverOfTheSameBranch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		limited bool
		to      []string
		want    string // who covers for south, and for the administrator
	}{
		{"all see all", false, []string{"north"}, "north, north"},
		{"another branch", true, []string{"north"}, "acme collector, acme collector"},
		{"a manager", true, []string{"north", "manager"}, "acme manager, acme manager"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.exec(t, `UPDATE tenants SET branch_limited = $2 WHERE id = $1`, d.acme.ID, c.limited)
			d.exec(t, `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on)
				SELECT $1, x, $2, '2026-03-16', '2026-03-20' FROM unnest($3::bigint[]) x`, d.acme.ID, d.acme.CollectorID, []int64{d.south, d.acme.AdminID})
			d.exec(t, `INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) VALUES ($1, $2, $3, '2026-03-20', 'Call')`,
				d.acme.ID, d.customer(t, "north", 0), d.acme.CollectorID)
			to := map[string]int64{"north": d.north, "manager": d.acme.ManagerID}
			p := handover.Plan{From: d.acme.CollectorID, Rule: handover.ToPeople}
			for _, name := range c.to {
				p.To = append(p.To, to[name])
			}
			if _, err := d.hand(t, d.acme.Manager, p); err != nil {
				t.Fatal(err)
			}
			var got string
			if err := d.owner.QueryRow(t.Context(), `
				SELECT string_agg(u.name, ', ' ORDER BY a.member_id = $1 DESC)
				FROM absences a
				JOIN members m ON m.id = a.cover_id
				JOIN users u ON u.id = m.user_id`, d.south).Scan(&got); err != nil || got != c.want {
				t.Errorf("%s cover, want %s: %v", got, c.want, err)
			}
		})
	}
}

// records are the columns that say who did something, or who is somebody, and stay.
var records = []string{
	"absences.author_id", "absences.member_id", "agenda_actions.member_id", "agenda_entries.closed_by", "agenda_entries.done_asked_by", "agenda_entries.later_by",
	"applications.member_id", "audit_events.member_id", "batches.member_id", "call_attempts.member_id", "call_events.member_id", "case_items.joined_by",
	"case_items.left_by", "cases.closed_by", "cases.opened_by", "contact_requests.member_id", "contact_times.member_id", "contacts.author_id", "contacts.ended_by",
	"contacts.executive_id", "copy_uploads.member_id", "customers.dunning_paused_by", "customers.reminder_by", "documents.author_id", "documents.removed_by",
	"dunning_runs.member_id", "feeds.member_id", "follow_ups.author_id", "follow_ups.ended_by", "form_posts.member_id", "hand_over_shares.member_id",
	"hand_overs.author_id", "hand_overs.member_id", "imports.member_id", "inbox_entries.handled_by", "item_returns.member_id", "item_status_changes.member_id",
	"items.paused_by", "message_events.member_id", "messages.author_id", "messages.member_id", "note_pins.member_id", "notes.author_id", "payments.member_id",
	"permissions.member_id", "promise_decisions.member_id", "promises.author_id", "reminders.member_id", "resolver_links.author_id", "resolver_links.revoked_by",
	"statement_runs.member_id", "statement_runs.owner_id", "stops.lifted_by", "stops.placed_by", "template_texts.author_id", "walks.member_id", "walks.whose",
}

// Each column that names a member either changes hands or says what was: a new one
// has to be put into one of the two lists.
func TestNoColumnIsForgotten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rows, _ := d.owner.Query(t.Context(), `
		SELECT k.conrelid::regclass::text || '.' || a.attname
		FROM pg_constraint k
		JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2]
		WHERE k.contype = 'f' AND k.confrelid = 'members'::regclass`)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(all) < 50 {
		t.Fatal(len(all), err)
	}
	known := append(handover.Columns(), records...)
	for _, c := range all {
		if !slices.Contains(known, c) {
			t.Errorf("%s names a member: say whether it changes hands", c)
		}
	}
	for _, c := range known {
		if !slices.Contains(all, c) {
			t.Errorf("%s is no column that names a member", c)
		}
	}
}

// The number of statements is the same for one customer and for many, but for the
// notes, of which a statement writes fifty thousand.
func TestFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.call(t, d.customer(t, "", d.acme.CollectorID))
	plan := handover.Plan{From: d.acme.CollectorID, Rule: handover.ToPeople, To: []int64{d.north, d.south}}
	d.Queries.Take()
	if _, err := d.hand(t, d.acme.Manager, plan); err != nil {
		t.Fatal(err)
	}
	few := d.Queries.Take()
	d.exec(t, `
		WITH made AS (
			INSERT INTO customers (tenant_id, number, name, kind, owner_id) SELECT $1, 'N-' || n, 'Many', 'business', $2 FROM generate_series(1, 3000) n RETURNING id)
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) SELECT $1, id, $2, '2026-03-20', 'Call' FROM made`, d.acme.ID, d.acme.CollectorID)
	done, err := d.hand(t, d.acme.Manager, plan)
	if err != nil || shares(done.Preview) != "north 1500, south 1500" {
		t.Fatalf("%v, %v", shares(done.Preview), err)
	}
	if many := d.Queries.Take(); many != few {
		t.Errorf("%d statements for one customer, %d for 3,000", few, many)
	}
}
