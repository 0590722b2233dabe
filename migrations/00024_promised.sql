-- +goose Up
-- What is promised may not be chased until its day has passed: said once, for runs,
-- figures and texts alike.

DROP FUNCTION collectable;
DROP FUNCTION open_items;

-- +goose StatementBegin
-- open_items: the items that were not settled by the day, each with the one reason
-- for which it may not be chased: disputed before paused before stopped before
-- promised, else free; and with what of it is promised. Of a consumer's account with
-- an open promise that is all, of a business' item what is still to come of it.
-- Promises are as they are now, whatever the day. Of customers only those are looked
-- up who are paused, stopped or archived.
CREATE FUNCTION open_items(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, item_id bigint, kind text, number text,
	issued_on date, due_on date, currency char(3), amount bigint, status_id bigint, open_amount bigint, held text, promised bigint,
	reached_days integer, reminded_on date, pay_by date)
LANGUAGE sql STABLE AS $$
	SELECT i.tenant_id, i.customer_id, i.account_id, i.item_id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.amount, i.status_id, i.open_amount,
		CASE
			WHEN s.id IS NOT NULL THEN 'disputed'
			WHEN i.paused_until >= as_of OR b.dunning_paused_until >= as_of THEN 'paused'
			WHEN b.id IS NOT NULL THEN 'stopped'
			WHEN h.id IS NOT NULL OR n.item_id IS NOT NULL AND n.still >= i.open_amount THEN 'promised'
			ELSE 'free'
		END,
		CASE
			WHEN h.id IS NOT NULL THEN greatest(i.open_amount, 0)
			WHEN n.item_id IS NULL THEN 0
			ELSE least(n.still, greatest(i.open_amount, 0))
		END,
		i.reached_days, i.reminded_on, i.pay_by
	FROM items_as_of(as_of) i
	LEFT JOIN item_statuses s ON s.tenant_id = i.tenant_id AND s.id = i.status_id AND s.family IN ('dispute', 'litigation')
	LEFT JOIN customers b ON b.tenant_id = i.tenant_id AND b.id = i.customer_id
		AND (b.archived_at IS NOT NULL OR b.dunning_paused_until >= as_of
			OR (b.tenant_id, b.id) IN (SELECT t.tenant_id, t.customer_id FROM stops t WHERE t.lifted_at IS NULL))
	LEFT JOIN promise_items n ON n.tenant_id = i.tenant_id AND n.item_id = i.item_id AND n.open AND NOT n.passed_on
	LEFT JOIN promises h ON h.tenant_id = i.tenant_id AND h.account_id = i.account_id AND h.holds_account
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
		i.open_amount, CASE i.held WHEN 'free' THEN i.open_amount - i.promised ELSE 0 END, i.held, i.reached_days, i.reminded_on, i.pay_by
	FROM open_items(as_of) i
	WHERE i.open_amount > 0 AND i.due_on IS NOT NULL
$$;
-- +goose StatementEnd

-- Of what is overdue and held, what is promised.
ALTER TABLE customer_totals
	ADD COLUMN promised bigint NOT NULL DEFAULT 0,
	DROP CONSTRAINT customer_totals_held,
	ADD CONSTRAINT customer_totals_held CHECK (held = disputed + paused + stopped + promised);

-- +goose Down
UPDATE customer_totals SET held = held - promised WHERE promised <> 0;
ALTER TABLE customer_totals
	DROP CONSTRAINT customer_totals_held,
	ADD CONSTRAINT customer_totals_held CHECK (held = disputed + paused + stopped),
	DROP COLUMN promised;
DROP FUNCTION collectable;
DROP FUNCTION open_items;
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
