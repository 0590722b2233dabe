package merge

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// pairs are the duplicate's numbers and addresses, each with the same one of who stays.
const pairs = `
	WITH pairs AS (
		SELECT d.id AS old, (
			SELECT s.id
			FROM contact_points s
			WHERE s.tenant_id = @tenant AND s.customer_id = @into AND s.kind = d.kind AND s.value = d.value AND lower(s.person) = lower(d.person)
			ORDER BY s.retired_at IS NOT NULL, s.id
			LIMIT 1) AS new
		FROM contact_points d
		WHERE d.tenant_id = @tenant AND d.customer_id = @from
	)
	`

// moves are the statements that a merging is made of, in this order: the accounts take
// items, payments and promises with them, and a contact point of an account follows
// only as a copy, since what was said through it stays with the duplicate.
var moves = []struct{ doing, sql string }{
	{"move the accounts", `
		UPDATE accounts
		SET customer_id = @into
		WHERE tenant_id = @tenant AND customer_id = @from`},
	{"copy numbers and addresses", copyPoints},
	{"copy what was said of them", copyPermissions},
	{"carry opt-outs", carryOptOuts},
	{"copy what the debtor asked for", pairs + `
		INSERT INTO contact_requests (customer_id, contact_point_id, channel, not_before, until, source, follow_up_id, member_id)
		SELECT @into, p.new, w.channel, w.not_before, w.until, w.source, w.follow_up_id, w.member_id
		FROM contact_requests w
		JOIN pairs p ON p.old = w.contact_point_id
		WHERE w.tenant_id = @tenant AND w.customer_id = @from AND w.until > @now AND p.new IS NOT NULL`},
	{"move the times", withPoint("contact_times")},
	{"move the messages", withPoint("messages")},
	{"move the inbox", withPoint("inbox_entries")},
	{"move the follow-ups", plain("follow_ups")},
	{"move the contacts", plain("contacts")},
	{"move the cases", plain("cases")},
	{"move the documents", plain("documents")},
	{"move the vehicles", plain("vehicles")},
	{"bring the reviews of stops forward", `
		UPDATE stops s
		SET review_on = least(s.review_on, greatest(d.review_on, s.since)), version = s.version + 1
		FROM stops d
		WHERE s.tenant_id = @tenant AND s.customer_id = @into AND s.lifted_at IS NULL
			AND d.tenant_id = @tenant AND d.customer_id = @from AND d.lifted_at IS NULL AND d.kind = s.kind AND d.review_on < s.review_on`},
	// One of a kind is in force at a time: a second one stays with the duplicate.
	{"move the stops", plain("stops") + ` AND (x.lifted_at IS NOT NULL OR NOT EXISTS (
			SELECT FROM stops s
			WHERE s.tenant_id = @tenant AND s.customer_id = @into AND s.lifted_at IS NULL AND s.kind = x.kind))`},
	// What was put away stays put away; where something was done about it already, the
	// entry stays with what was done, and is withdrawn.
	{"move the agenda entry", plain("agenda_entries") + ` AND x.state = 'open'
			AND NOT EXISTS (SELECT FROM agenda_entries e WHERE e.tenant_id = @tenant AND e.customer_id = @into AND e.state = 'open')
			AND NOT EXISTS (SELECT FROM agenda_actions a WHERE a.tenant_id = @tenant AND a.entry_id = x.id)
			AND NOT EXISTS (SELECT FROM batch_entries b WHERE b.tenant_id = @tenant AND b.entry_id = x.id)`},
	{"carry what stands on the customer", carryFields},
	// Who sees the one who stays sees the records of the others.
	{"lead earlier duplicates on", `
		UPDATE customers
		SET merged_into = @into, branch_id = @branch
		WHERE tenant_id = @tenant AND merged_into = @from`},
	{"put the duplicate away", `
		UPDATE customers
		SET merged_into = @into, merged_at = @now, archived_at = coalesce(archived_at, @now), owner_id = NULL, watch_reason = NULL, watch_until = NULL,
			branch_id = @branch, version = version + 1
		WHERE tenant_id = @tenant AND id = @from`},
}

// plain moves the rows of a table.
func plain(table string) string {
	return `
		UPDATE ` + table + ` x
		SET customer_id = @into
		WHERE x.tenant_id = @tenant AND x.customer_id = @from`
}

// withPoint moves the rows of a table that may name a number or an address.
func withPoint(table string) string {
	return pairs + `
		UPDATE ` + table + ` x
		SET customer_id = @into, contact_point_id = (SELECT p.new FROM pairs p WHERE p.old = x.contact_point_id)
		WHERE x.tenant_id = @tenant AND x.customer_id = @from`
}

// copyPoints gives who stays the numbers and addresses that it does not have, with
// their accounts, which have moved by then. One is preferred at most.
const copyPoints = `
	INSERT INTO contact_points (customer_id, account_id, kind, value, person, title, role, preferred, retired_at, bad_at, bad_why, former)
	SELECT @into, was.account_id, d.kind, d.value, d.person, d.title, d.role,
		was.retired_at IS NULL AND was.preferred AND NOT EXISTS (
			SELECT FROM contact_points s
			WHERE s.tenant_id = @tenant AND s.customer_id = @into AND s.kind = d.kind AND s.preferred AND s.retired_at IS NULL),
		was.retired_at, d.bad_at, d.bad_why, d.former
	FROM contact_points d
	JOIN unnest(@points::bigint[], @accounts::bigint[], @preferred::boolean[], @retired::timestamptz[]) was (id, account_id, preferred, retired_at) ON was.id = d.id
	WHERE d.tenant_id = @tenant AND d.customer_id = @from AND NOT EXISTS (
		SELECT FROM contact_points s
		WHERE s.tenant_id = @tenant AND s.customer_id = @into AND s.kind = d.kind AND s.value = d.value AND lower(s.person) = lower(d.person)
			AND (s.retired_at IS NULL OR was.retired_at IS NOT NULL))`

// latest is what was said last of each number and channel of a customer.
const latest = `
	SELECT DISTINCT ON (s.contact_point_id, s.channel) s.contact_point_id, s.channel, s.state, s.given_on, s.source, s.review_on, s.evidence, s.at
	FROM permissions s
	WHERE s.tenant_id = @tenant AND s.customer_id = `

const latestOrder = `
	ORDER BY s.contact_point_id, s.channel, s.id DESC`

// copyPermissions takes over what was said last, unless something later is known of
// the same number. Opt-outs count in any case: see carryOptOuts.
const copyPermissions = pairs + `, theirs AS (` + latest + `@from` + latestOrder + `
	), ours AS (` + latest + `@into` + latestOrder + `
	)
	INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence, member_id)
	SELECT DISTINCT ON (p.new, t.channel) @into::bigint, p.new, t.channel, t.state, t.given_on, t.source, t.review_on, t.evidence, nullif(@member::bigint, 0)
	FROM theirs t
	JOIN pairs p ON p.old = t.contact_point_id
	LEFT JOIN ours o ON o.contact_point_id = p.new AND o.channel = t.channel
	WHERE p.new IS NOT NULL AND (o.state IS NULL OR o.state <> 'opt_out' AND (t.state = 'opt_out' OR t.at > o.at))
	ORDER BY p.new, t.channel, t.state <> 'opt_out', t.at DESC`

// carryOptOuts has an opt-out count for every point with that number or address.
const carryOptOuts = `
	WITH ours AS (` + latest + `@into` + latestOrder + `
	), refused AS (
		SELECT DISTINCT ON (p.kind, p.value, o.channel) p.kind, p.value, o.channel, o.state, o.given_on, o.source, o.review_on, o.evidence
		FROM ours o
		JOIN contact_points p ON p.tenant_id = @tenant AND p.id = o.contact_point_id
		WHERE o.state = 'opt_out'
		ORDER BY p.kind, p.value, o.channel, o.at DESC
	)
	INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence, member_id)
	SELECT @into, p.id, r.channel, r.state, r.given_on, r.source, r.review_on, r.evidence, nullif(@member::bigint, 0)
	FROM refused r
	JOIN contact_points p ON p.tenant_id = @tenant AND p.customer_id = @into AND p.kind = r.kind AND p.value = r.value
	WHERE NOT EXISTS (SELECT FROM ours o WHERE o.contact_point_id = p.id AND o.channel = r.channel AND o.state = 'opt_out')`

// carryFields brings over what counts of either: tags, the flag, a pause of dunning,
// when it was last reminded, and where there is no owner the one who sees the customer.
const carryFields = `
	UPDATE customers c
	SET owner_id = coalesce(c.owner_id, CASE WHEN NOT @strange THEN d.owner_id END),
		tags = (SELECT coalesce(array_agg(t.tag), '{}') FROM (SELECT DISTINCT unnest(c.tags || d.tags) AS tag ORDER BY 1 LIMIT 20) t),
		watch_reason = CASE WHEN c.watch_reason IS NULL OR d.watch_reason IS NULL OR c.watch_reason = d.watch_reason THEN coalesce(c.watch_reason, d.watch_reason)
			ELSE left(c.watch_reason || '; ' || d.watch_reason, 500) END,
		watch_until = greatest(c.watch_until, d.watch_until),
		last_reminded_on = greatest(c.last_reminded_on, d.last_reminded_on),
		dunning_paused_until = greatest(c.dunning_paused_until, d.dunning_paused_until),
		dunning_pause_reason = CASE WHEN c.dunning_paused_until >= d.dunning_paused_until OR d.dunning_paused_until IS NULL THEN c.dunning_pause_reason ELSE d.dunning_pause_reason END,
		dunning_paused_by = CASE WHEN c.dunning_paused_until >= d.dunning_paused_until OR d.dunning_paused_until IS NULL THEN c.dunning_paused_by ELSE d.dunning_paused_by END,
		version = c.version + 1
	FROM customers d
	WHERE c.tenant_id = @tenant AND c.id = @into AND d.tenant_id = @tenant AND d.id = @from`

// move does all of it in two round trips.
func (v Preview) move(ctx context.Context, tx *tenant.Tx) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": v.From.ID, "into": v.Into.ID, "now": tx.Now, "member": tx.Actor.MemberID,
		"branch": v.Into.BranchID, "strange": v.strange}
	if err := retirePoints(ctx, tx, args); err != nil {
		return err
	}
	b := tx.Batch()
	for _, m := range moves {
		b.Queue(m.doing, m.sql, args, func(rows pgx.Rows) error {
			rows.Close()
			return rows.Err()
		})
	}
	return b.Send(ctx)
}

// retirePoints takes the duplicate's numbers and addresses out of use and off their
// accounts, and notes what they were.
func retirePoints(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, `
		WITH was AS MATERIALIZED (
			SELECT p.id, p.account_id, p.preferred, p.retired_at
			FROM contact_points p
			WHERE p.tenant_id = @tenant AND p.customer_id = @from
		)
		UPDATE contact_points p
		SET account_id = NULL, preferred = false, retired_at = coalesce(p.retired_at, @now), version = p.version + 1
		FROM was
		WHERE p.tenant_id = @tenant AND p.id = was.id
		RETURNING was.id, was.account_id, was.preferred, was.retired_at`, args)
	type point struct {
		ID        int64
		AccountID *int64
		Preferred bool
		RetiredAt *time.Time
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[point])
	if err != nil {
		return err
	}
	ids, accounts := make([]int64, len(list)), make([]*int64, len(list))
	preferred, retired := make([]bool, len(list)), make([]*time.Time, len(list))
	for i, p := range list {
		ids[i], accounts[i], preferred[i], retired[i] = p.ID, p.AccountID, p.Preferred, p.RetiredAt
	}
	args["points"], args["accounts"], args["preferred"], args["retired"] = ids, accounts, preferred, retired
	return nil
}
