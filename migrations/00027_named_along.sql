-- +goose Up
-- A letter names all that is overdue, also items of which no level has come. They are
-- reminded of with it, at the level that they have, and their own next level does not
-- wait any longer for that: else a customer with a new item every week would never
-- come further with the old ones.
ALTER TABLE agenda_action_items ADD COLUMN along boolean NOT NULL DEFAULT false; -- named with others
ALTER TABLE reminders ADD COLUMN along boolean NOT NULL DEFAULT false;

-- +goose StatementBegin
-- keep_reached brings items and customers to what their reminders say: an item to the
-- newest one of its own that was not taken back, a customer to the newest of all.
CREATE OR REPLACE FUNCTION keep_reached() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE items i SET (reached_days, reminded_on, pay_by) = (
		SELECT r.after_days, r.reminded_on, r.pay_by
		FROM reminders r
		WHERE r.tenant_id = i.tenant_id AND r.item_id = i.id AND r.reverses IS NULL AND NOT r.along
			AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = r.tenant_id AND b.reverses = r.id)
		ORDER BY r.id DESC
		LIMIT 1)
	FROM (SELECT DISTINCT tenant_id, item_id FROM added) n
	WHERE i.tenant_id = n.tenant_id AND i.id = n.item_id;
	UPDATE customers c SET last_reminded_on = (
		SELECT max(r.reminded_on)
		FROM reminders r
		WHERE r.tenant_id = c.tenant_id AND r.customer_id = c.id AND r.reverses IS NULL
			AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = r.tenant_id AND b.reverses = r.id))
	FROM (SELECT DISTINCT tenant_id, customer_id FROM added) n
	WHERE c.tenant_id = n.tenant_id AND c.id = n.customer_id;
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION keep_reached() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE items i SET (reached_days, reminded_on, pay_by) = (
		SELECT r.after_days, r.reminded_on, r.pay_by
		FROM reminders r
		WHERE r.tenant_id = i.tenant_id AND r.item_id = i.id AND r.reverses IS NULL
			AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = r.tenant_id AND b.reverses = r.id)
		ORDER BY r.id DESC
		LIMIT 1)
	FROM (SELECT DISTINCT tenant_id, item_id FROM added) n
	WHERE i.tenant_id = n.tenant_id AND i.id = n.item_id;
	UPDATE customers c SET last_reminded_on = (
		SELECT max(r.reminded_on)
		FROM reminders r
		WHERE r.tenant_id = c.tenant_id AND r.customer_id = c.id AND r.reverses IS NULL
			AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = r.tenant_id AND b.reverses = r.id))
	FROM (SELECT DISTINCT tenant_id, customer_id FROM added) n
	WHERE c.tenant_id = n.tenant_id AND c.id = n.customer_id;
	RETURN NULL;
END $$;
-- +goose StatementEnd
ALTER TABLE agenda_action_items DROP COLUMN along;
ALTER TABLE reminders DROP COLUMN along;
