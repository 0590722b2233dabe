-- +goose Up
-- What of an item may be chased, and by which policy: said once, for runs, figures
-- and texts alike.

-- items_as_of gains what is asked of an item besides its amount, and open_items why
-- it may not be chased. Both are inlined into the query that uses them.
DROP FUNCTION open_items;
DROP FUNCTION items_as_of;

-- +goose StatementBegin
-- items_as_of: the items that were issued by the day, with what was open of them
-- then: money by value date, all else as it is now. Later applications are looked
-- up only where there are any. What is not live was settled by the day, which an
-- index knows.
CREATE FUNCTION items_as_of(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, item_id bigint, kind text, number text,
	issued_on date, due_on date, currency char(3), amount bigint, status_id bigint, open_amount bigint, live boolean,
	paused_until date, reached_days integer, reminded_on date, pay_by date)
LANGUAGE sql STABLE AS $$
	SELECT i.tenant_id, i.customer_id, i.account_id, i.id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.amount, i.status_id,
		CASE
			WHEN (i.last_value_on > as_of) IS NOT TRUE THEN i.open_amount
			WHEN i.amount < 0 THEN i.open_amount - (
				SELECT coalesce(sum(a.amount), 0)::bigint FROM applications a
				WHERE a.tenant_id = i.tenant_id AND a.credit_id = i.id AND a.value_on > as_of)
			ELSE i.open_amount + (
				SELECT coalesce(sum(a.amount), 0)::bigint FROM applications a
				WHERE a.tenant_id = i.tenant_id AND a.item_id = i.id AND a.value_on > as_of)
		END,
		i.open_amount <> 0 OR i.last_value_on > as_of,
		i.paused_until, i.reached_days, i.reminded_on, i.pay_by
	FROM items i
	WHERE i.tenant_id = (SELECT current_setting('app.tenant_id')::bigint) AND i.issued_on <= as_of
$$;
-- +goose StatementEnd
-- +goose StatementBegin
-- open_items: those of them that were not settled then, each with the one reason
-- for which it may not be chased: disputed before paused before stopped, else free.
-- Of customers only those are looked up who are paused, stopped or archived.
CREATE FUNCTION open_items(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, item_id bigint, kind text, number text,
	issued_on date, due_on date, currency char(3), amount bigint, status_id bigint, open_amount bigint, held text,
	reached_days integer, reminded_on date, pay_by date)
LANGUAGE sql STABLE AS $$
	SELECT i.tenant_id, i.customer_id, i.account_id, i.item_id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.amount, i.status_id, i.open_amount,
		CASE
			WHEN s.id IS NOT NULL THEN 'disputed'
			WHEN i.paused_until >= as_of OR b.dunning_paused_until >= as_of THEN 'paused'
			WHEN b.id IS NOT NULL THEN 'stopped'
			ELSE 'free'
		END,
		i.reached_days, i.reminded_on, i.pay_by
	FROM items_as_of(as_of) i
	LEFT JOIN item_statuses s ON s.tenant_id = i.tenant_id AND s.id = i.status_id AND s.family IN ('dispute', 'litigation')
	LEFT JOIN customers b ON b.tenant_id = i.tenant_id AND b.id = i.customer_id
		AND (b.archived_at IS NOT NULL OR b.dunning_paused_until >= as_of
			OR (b.tenant_id, b.id) IN (SELECT t.tenant_id, t.customer_id FROM stops t WHERE t.lifted_at IS NULL))
	WHERE i.live AND i.open_amount <> 0
$$;
-- +goose StatementEnd
-- +goose StatementBegin
-- collectable: the open items that are due some day, with the amount of each that
-- may be chased as of the day. What else holds back an amount joins in here.
CREATE FUNCTION collectable(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, item_id bigint, currency char(3), due_on date,
	open_amount bigint, collectable bigint, held text, reached_days integer, reminded_on date, pay_by date)
LANGUAGE sql STABLE AS $$
	SELECT i.tenant_id, i.customer_id, i.account_id, i.item_id, i.currency, i.due_on,
		i.open_amount, CASE i.held WHEN 'free' THEN i.open_amount ELSE 0 END, i.held, i.reached_days, i.reminded_on, i.pay_by
	FROM open_items(as_of) i
	WHERE i.open_amount > 0 AND i.due_on IS NOT NULL
$$;
-- +goose StatementEnd

-- customer_policies: the policy of each customer. It is the one that somebody chose
-- for it, else that of the first rule that fits, else the default; NULL: there is
-- none. A policy that is retired is passed over.
CREATE VIEW customer_policies WITH (security_invoker) AS
	SELECT c.tenant_id, c.id AS customer_id, coalesce(o.id, r.policy_id, d.id) AS policy_id,
		CASE WHEN o.id IS NULL THEN r.id END AS rule_id
	FROM customers c
	LEFT JOIN policies o ON o.tenant_id = c.tenant_id AND o.id = c.policy_id AND o.retired_at IS NULL
	LEFT JOIN policies d ON d.tenant_id = c.tenant_id AND d.is_default AND d.retired_at IS NULL
	LEFT JOIN policy_rules r ON r.tenant_id = c.tenant_id AND r.id = CASE WHEN (SELECT EXISTS (SELECT FROM policy_rules)) THEN ( -- asked once: most have none
		SELECT x.id
		FROM policy_rules x
		JOIN policies p ON p.tenant_id = x.tenant_id AND p.id = x.policy_id AND p.retired_at IS NULL
		WHERE x.tenant_id = c.tenant_id
			AND (x.kind IS NULL OR x.kind = c.kind)
			AND (x.branch_id IS NULL OR x.branch_id = c.branch_id)
			AND (x.tag IS NULL OR x.tag = ANY(c.tags))
			AND (x.open_from IS NULL OR EXISTS (
				SELECT FROM customer_totals t
				WHERE t.tenant_id = x.tenant_id AND t.customer_id = c.id AND t.currency = x.currency AND t.open_amount >= x.open_from))
		ORDER BY x.position, x.id
		LIMIT 1) END;
GRANT SELECT ON customer_policies TO app;

-- Credit is taken off what is collected: looked for without reading the invoices.
CREATE INDEX items_credit_notes ON items (tenant_id, customer_id) WHERE kind = 'credit_note';
-- Who was done without a reminder, and until when.
CREATE INDEX agenda_entries_resting ON agenda_entries (tenant_id, done_next_on) WHERE state = 'done' AND done_next_on IS NOT NULL;

-- +goose Down
DROP INDEX agenda_entries_resting, items_credit_notes;
DROP VIEW customer_policies;
DROP FUNCTION collectable;
DROP FUNCTION open_items;
DROP FUNCTION items_as_of;
-- +goose StatementBegin
-- items_as_of: the items that were issued by the day, with what was open of them
-- then: money by value date. Later applications are looked up only where there
-- are any. What is not live was settled by the day, which an index knows.
CREATE FUNCTION items_as_of(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, item_id bigint, kind text, number text,
	issued_on date, due_on date, currency char(3), amount bigint, status_id bigint, open_amount bigint, live boolean)
LANGUAGE sql STABLE AS $$
	SELECT i.tenant_id, i.customer_id, i.account_id, i.id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.amount, i.status_id,
		i.open_amount + later.amount,
		i.open_amount <> 0 OR i.last_value_on > as_of
	FROM items i
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN (i.last_value_on > as_of) IS NOT TRUE THEN 0
			WHEN i.amount < 0 THEN (
				SELECT -coalesce(sum(a.amount), 0) FROM applications a
				WHERE a.tenant_id = i.tenant_id AND a.credit_id = i.id AND a.value_on > as_of)
			ELSE (
				SELECT coalesce(sum(a.amount), 0) FROM applications a
				WHERE a.tenant_id = i.tenant_id AND a.item_id = i.id AND a.value_on > as_of)
		END::bigint AS amount
		OFFSET 0) later -- reckoned once a row, not wherever the sum is used
	WHERE i.tenant_id = (SELECT current_setting('app.tenant_id')::bigint) AND i.issued_on <= as_of
$$;
-- +goose StatementEnd
-- +goose StatementBegin
-- open_items: those of them that were not settled then.
CREATE FUNCTION open_items(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, item_id bigint, kind text, number text,
	issued_on date, due_on date, currency char(3), amount bigint, status_id bigint, open_amount bigint)
LANGUAGE sql STABLE AS $$
	SELECT i.tenant_id, i.customer_id, i.account_id, i.item_id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.amount, i.status_id, i.open_amount
	FROM items_as_of(as_of) i
	WHERE i.live AND i.open_amount <> 0
$$;
-- +goose StatementEnd
