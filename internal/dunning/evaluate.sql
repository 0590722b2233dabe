-- What is to be done about each customer as of a day. A statement begins with this
-- and goes on from judged, a row for each customer who owes something overdue or
-- falling due. What stands in braces is replaced by nothing, or by a condition that
-- keeps it to some customers.
WITH steps AS (
	-- a policy a row, its levels in the order of their days
	SELECT p.id, p.climb, p.min_gap_days, p.after_last, p.repeat_days,
		coalesce(array_agg(l.id ORDER BY l.after_days) FILTER (WHERE l.id > 0), '{}') AS ids,
		coalesce(array_agg(l.after_days ORDER BY l.after_days) FILTER (WHERE l.id > 0), '{}') AS after_days,
		coalesce(array_agg(l.wait_days ORDER BY l.after_days) FILTER (WHERE l.id > 0), '{}') AS wait_days,
		count(l.id)::integer AS levels,
		(count(l.id) FILTER (WHERE l.after_days < 0))::integer AS early
	FROM policies p
	LEFT JOIN levels l ON l.tenant_id = @tenant AND l.policy_id = p.id AND l.retired_at IS NULL
	WHERE p.tenant_id = @tenant
	GROUP BY p.tenant_id, p.id
), lines AS (
	-- an item a row: how many levels it has reached, or missed because it is due.
	-- Whoever is asked for the oldest item takes the least mark: due date, then id.
	SELECT c.customer_id, c.account_id, c.currency, c.open_amount, c.collectable, c.held, c.due_on, c.reminded_on, c.pay_by,
		@as_of::date - c.due_on AS days,
		(c.due_on - DATE '0001-01-01')::bigint << 40 | c.item_id AS mark,
		p.policy_id, s.climb, s.after_days, s.wait_days, s.levels, s.after_last, s.repeat_days,
		CASE WHEN c.reached_days IS NULL THEN 0 ELSE width_bucket(c.reached_days, s.after_days) END AS reached,
		CASE WHEN c.due_on <= @as_of THEN s.early ELSE 0 END AS missed
	FROM collectable(@as_of) c
	LEFT JOIN customer_policies p ON p.tenant_id = @tenant AND p.customer_id = c.customer_id
	LEFT JOIN steps s ON s.id = p.policy_id
	WHERE c.tenant_id = @tenant {c.customer_id}
	OFFSET 0 -- reckoned once a row, not wherever it is used
), aimed AS (
	-- the level that comes next, whether or not its day has come
	SELECT l.*,
		greatest(l.reached, l.missed, CASE WHEN l.climb = 'highest' THEN width_bucket(l.days, l.after_days) - 1 END) + 1 AS aim
	FROM lines l
	OFFSET 0
), opening AS (
	SELECT a.*,
		CASE
			WHEN a.aim <= a.levels THEN greatest(a.due_on + a.after_days[a.aim], a.reminded_on + a.wait_days[a.aim], a.pay_by + 1)
			WHEN a.reached >= a.levels AND a.after_last = 'repeat' THEN greatest(a.reminded_on + a.repeat_days, a.pay_by + 1)
		END AS opens_on
	FROM aimed a
	OFFSET 0
), due AS (
	-- the level that an item is due for: 0 where it is overdue and due for none, -1
	-- where the last one was sent and a manager is asked, -2 where nothing is chased
	SELECT o.*,
		CASE
			WHEN o.collectable = 0 THEN -2
			WHEN o.opens_on <= @as_of THEN least(o.aim, o.levels)
			WHEN o.days <= 0 THEN -2
			WHEN o.reached >= o.levels AND o.levels > 0 AND o.after_last <> 'repeat' THEN -1
			ELSE 0
		END AS next
	FROM opening o
), stacks AS (
	-- the items of an account and a currency that are due for the same level
	SELECT d.customer_id, d.account_id, d.currency, d.next,
		min(d.policy_id) AS policy_id,
		count(*) AS items,
		sum(d.collectable)::bigint AS debt,
		min(d.mark) AS mark,
		max(d.reached) AS reached,
		bool_and(d.aim > d.levels) AS repeats,
		min(d.opens_on) AS opens_on,
		max(d.reminded_on) AS reminded_on,
		bit_or(CASE WHEN d.days > 0 THEN CASE d.held WHEN 'free' THEN 0 WHEN 'disputed' THEN 1 WHEN 'paused' THEN 2 WHEN 'promised' THEN 4 ELSE 8 END END) AS held
	FROM due d
	GROUP BY d.customer_id, d.account_id, d.currency, d.next
), credits AS (
	SELECT c.customer_id, c.account_id, c.currency, sum(c.amount)::bigint AS credit
	FROM (
		SELECT o.customer_id, o.account_id, o.currency, -o.open_amount AS amount
		FROM open_items(@as_of) o
		WHERE o.tenant_id = @tenant AND o.kind = 'credit_note' {o.customer_id}
		UNION ALL
		SELECT o.customer_id, o.account_id, o.currency, o.unapplied
		FROM open_credits(@as_of) o
		WHERE o.tenant_id = @tenant {o.customer_id}) c
	GROUP BY c.customer_id, c.account_id, c.currency
), netted AS (
	-- credit pays for its own account and currency only
	SELECT s.*, s.next > -2 AS chased, row_number() OVER account = 1 AS once,
		greatest(sum(s.debt) FILTER (WHERE s.next > -2) OVER account - coalesce(c.credit, 0), 0)::bigint AS net
	FROM stacks s
	LEFT JOIN credits c ON c.customer_id = s.customer_id AND c.account_id = s.account_id AND c.currency = s.currency
	WHERE s.next > -2 OR s.held > 0
	WINDOW account AS (PARTITION BY s.customer_id, s.currency, s.account_id ORDER BY s.next DESC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), fitting AS (
	SELECT n.*, n.chased AND n.net > 0 AND sum(n.net) FILTER (WHERE n.once) OVER money >= coalesce(m.amount, 0) AS fits
	FROM netted n
	LEFT JOIN policy_minimums m ON m.tenant_id = @tenant AND m.policy_id = n.policy_id AND m.currency = n.currency
	WINDOW money AS (PARTITION BY n.customer_id, n.currency)
), ranked AS (
	-- the highest level of the customer, and the currency that its entry is sorted by
	SELECT f.*, max(f.next) FILTER (WHERE f.fits) OVER customer AS top,
		min(CASE f.currency WHEN @own THEN '' ELSE f.currency END) FILTER (WHERE f.fits) OVER customer AS home
	FROM fitting f
	WINDOW customer AS (PARTITION BY f.customer_id)
), customers_seen AS (
	SELECT r.customer_id, min(r.policy_id) AS policy_id, max(r.top) AS top,
		bool_and(r.repeats) FILTER (WHERE r.fits AND r.next = r.top) AS repeats,
		sum(r.items) FILTER (WHERE r.fits AND r.next = r.top)::integer AS top_items,
		min(r.mark) FILTER (WHERE r.fits AND r.next = r.top) AS top_mark,
		sum(r.items) FILTER (WHERE r.fits)::integer AS items,
		min(r.mark) FILTER (WHERE r.fits) AS mark,
		max(r.reached) FILTER (WHERE r.fits) AS reached,
		sum(r.items) FILTER (WHERE r.fits AND r.next = -1)::integer AS ended,
		min(r.mark) FILTER (WHERE r.fits AND r.next = -1) AS ended_mark,
		max(r.reminded_on) FILTER (WHERE r.fits AND r.next = -1) AS ended_on,
		min(r.opens_on) FILTER (WHERE r.fits) AS opens_on,
		coalesce(nullif(max(r.home), ''), @own::text) AS currency,
		coalesce(sum(r.net) FILTER (WHERE r.fits AND r.once AND r.home = CASE r.currency WHEN @own THEN '' ELSE r.currency END), 0)::bigint AS to_collect,
		count(DISTINCT r.currency) FILTER (WHERE r.fits)::integer AS currencies,
		bool_or(r.chased) AS chased, sum(r.net) FILTER (WHERE r.once) AS net, bit_or(r.held) AS held
	FROM ranked r
	GROUP BY r.customer_id
), resting AS (
	-- done without a reminder, such as a call that nobody answered
	SELECT e.customer_id, max(e.done_next_on) AS until
	FROM agenda_entries e
	WHERE e.tenant_id = @tenant AND e.state = 'done' AND e.done_next_on > @as_of {e.customer_id}
		AND NOT EXISTS (SELECT FROM reminders r WHERE r.tenant_id = @tenant AND r.entry_id = e.id AND r.reverses IS NULL)
	GROUP BY e.customer_id
), promised AS (
	-- until when an open promise is waited for
	SELECT i.customer_id, min(i.due_on) AS due_on, min(i.grace_on) + 1 AS ends_on
	FROM instalments i
	WHERE i.tenant_id = @tenant AND i.state = 'open' {i.customer_id}
	GROUP BY i.customer_id
), verdicts AS (
	SELECT s.*, k.number, k.name, k.reminder_mode = 'manual' AS manual, k.next_reminder_on, k.last_reminded_on, r.until AS rests_until, w.due_on AS promised_on, w.ends_on, t.ids, t.levels, t.after_days, t.min_gap_days,
		CASE WHEN k.next_reminder_on > s.ended_on THEN k.next_reminder_on ELSE s.ended_on + 14 END AS asks_on,
		CASE
			WHEN NOT s.chased AND s.held >= 8 THEN 'stopped'
			WHEN NOT s.chased AND s.held = 4 THEN 'promised'
			WHEN NOT s.chased AND s.held = 2 THEN 'paused'
			WHEN NOT s.chased AND s.held = 1 THEN 'disputed'
			WHEN NOT s.chased THEN 'held'
			WHEN s.policy_id IS NULL THEN 'no_policy'
			WHEN k.reminder_mode = 'manual' AND (k.next_reminder_on <= @as_of) IS NOT TRUE THEN 'manual'
			WHEN s.net = 0 THEN 'credit'
			WHEN s.currencies = 0 THEN 'minimum'
			WHEN k.reminder_mode = 'manual' THEN 'chosen_day'
			WHEN t.levels = 0 THEN 'by_hand'
			WHEN s.top <= 0 AND (s.ended IS NULL OR CASE WHEN k.next_reminder_on > s.ended_on THEN k.next_reminder_on ELSE s.ended_on + 14 END > @as_of) THEN 'early'
			WHEN k.last_reminded_on + t.min_gap_days > @as_of THEN 'gap'
			WHEN r.until IS NOT NULL THEN 'resting'
			WHEN s.top <= 0 THEN 'last'
			WHEN s.repeats THEN 'repeat'
			ELSE 'level'
		END AS code
	FROM customers_seen s
	JOIN customers k ON k.tenant_id = @tenant AND k.id = s.customer_id
	LEFT JOIN steps t ON t.id = s.policy_id
	LEFT JOIN resting r ON r.customer_id = s.customer_id
	LEFT JOIN promised w ON w.customer_id = s.customer_id
	OFFSET 0
), worded AS (
	-- the level, the item and the number of items that its sentence names
	SELECT v.*,
		CASE WHEN v.code = 'last' THEN v.levels WHEN v.top > 0 THEN v.top ELSE v.reached END AS level,
		CASE WHEN v.code = 'last' THEN v.ended_mark WHEN v.top > 0 THEN v.top_mark ELSE v.mark END AS item_mark,
		CASE WHEN v.code = 'last' THEN v.ended WHEN v.top > 0 THEN v.top_items ELSE v.items END AS item_count
	FROM verdicts v
	OFFSET 0
), judged AS MATERIALIZED (
	SELECT v.customer_id, v.number, v.name, v.policy_id, v.code,
		v.code IN ('level', 'repeat', 'last', 'chosen_day') AS opens,
		v.level, v.ids[v.level] AS level_id, v.after_days[v.level] AS after_days,
		(v.item_mark & (1::bigint << 40) - 1) AS item_id, DATE '0001-01-01' + (v.item_mark >> 40)::integer AS due_on, v.item_count AS items,
		v.currency, v.to_collect, v.currencies, v.last_reminded_on, v.min_gap_days, v.ended > 0 AND (v.asks_on <= v.opens_on) IS NOT FALSE AS asks, v.promised_on,
		CASE v.code
			WHEN 'promised' THEN v.ends_on
			WHEN 'manual' THEN v.next_reminder_on
			WHEN 'gap' THEN v.last_reminded_on + v.min_gap_days
			WHEN 'resting' THEN v.rests_until
			WHEN 'early' THEN greatest(least(v.opens_on, CASE WHEN v.ended > 0 THEN v.asks_on END), v.last_reminded_on + v.min_gap_days, v.rests_until)
		END AS comes_on
	FROM worded v
)
