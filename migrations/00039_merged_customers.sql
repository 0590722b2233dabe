-- +goose Up
-- Two customers who are one and the same: the duplicate stays as a sign to the other.
-- What is worked moves; what is a record stays where it was written, and is read
-- together with the other's.

ALTER TABLE customers
	ADD COLUMN merged_into bigint, -- a customer who is not merged itself
	ADD COLUMN merged_at timestamptz,
	ADD CHECK (merged_into <> id),
	ADD CHECK ((merged_into IS NULL) = (merged_at IS NULL)),
	ADD CHECK (merged_into IS NULL OR archived_at IS NOT NULL AND owner_id IS NULL),
	ADD FOREIGN KEY (tenant_id, merged_into) REFERENCES customers (tenant_id, id);
CREATE INDEX customers_merged ON customers (tenant_id, merged_into) WHERE merged_into IS NOT NULL;

-- Whose a thing is changes when its customer is merged into another.
GRANT UPDATE (customer_id) ON follow_ups, contacts, cases, stops TO app;
GRANT UPDATE (customer_id, contact_point_id) ON contact_times, messages TO app;

-- Records of calls and letters name an account or a case that may have moved since:
-- they keep the customer of their time.
ALTER TABLE call_attempt_accounts
	DROP CONSTRAINT call_attempt_accounts_tenant_id_customer_id_account_id_fkey,
	ADD FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id);
ALTER TABLE case_messages
	DROP CONSTRAINT case_messages_tenant_id_customer_id_case_id_fkey,
	ADD FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id);

-- +goose StatementBegin
-- keep_reached as it was, but a customer goes by the reminders of those merged into it
-- too.
CREATE OR REPLACE FUNCTION keep_reached() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE items i SET (reached_days, reminded_on, pay_by) = (
		SELECT x.after_days, x.reminded_on, x.pay_by
		FROM (
			(SELECT r.id AS place, 0::bigint AS nth, r.after_days, r.reminded_on, r.pay_by
			FROM reminders r
			WHERE r.tenant_id = i.tenant_id AND r.item_id = i.id AND r.reverses IS NULL AND NOT r.along
				AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = r.tenant_id AND b.reverses = r.id)
			ORDER BY r.id DESC
			LIMIT 1)
			UNION ALL
			(SELECT b.since_reminder, b.id, b.after_days, b.reminded_on, NULL
			FROM item_returns b
			WHERE b.tenant_id = i.tenant_id AND b.item_id = i.id
			ORDER BY b.id DESC
			LIMIT 1)) x
		ORDER BY x.place DESC, x.nth DESC
		LIMIT 1)
	FROM (SELECT DISTINCT tenant_id, item_id FROM added) n
	WHERE i.tenant_id = n.tenant_id AND i.id = n.item_id;
	UPDATE customers c SET last_reminded_on = (
		SELECT max(r.reminded_on)
		FROM (SELECT c.id UNION ALL SELECT d.id FROM customers d WHERE d.tenant_id = c.tenant_id AND d.merged_into = c.id) one (id)
		JOIN reminders r ON r.tenant_id = c.tenant_id AND r.customer_id = one.id AND r.reverses IS NULL
			AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = r.tenant_id AND b.reverses = r.id))
	FROM (
		SELECT DISTINCT a.tenant_id, coalesce(k.merged_into, k.id) AS customer_id
		FROM added a
		JOIN customers k ON k.tenant_id = a.tenant_id AND k.id = a.customer_id) n
	WHERE c.tenant_id = n.tenant_id AND c.id = n.customer_id;
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
-- keep_reached brings items and customers to what their reminders say: an item to the
-- newest one of its own that was not taken back, or to the level that it came back at
-- since then; a customer to the newest of all.
CREATE OR REPLACE FUNCTION keep_reached() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE items i SET (reached_days, reminded_on, pay_by) = (
		SELECT x.after_days, x.reminded_on, x.pay_by
		FROM (
			(SELECT r.id AS place, 0::bigint AS nth, r.after_days, r.reminded_on, r.pay_by
			FROM reminders r
			WHERE r.tenant_id = i.tenant_id AND r.item_id = i.id AND r.reverses IS NULL AND NOT r.along
				AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = r.tenant_id AND b.reverses = r.id)
			ORDER BY r.id DESC
			LIMIT 1)
			UNION ALL
			(SELECT b.since_reminder, b.id, b.after_days, b.reminded_on, NULL
			FROM item_returns b
			WHERE b.tenant_id = i.tenant_id AND b.item_id = i.id
			ORDER BY b.id DESC
			LIMIT 1)) x
		ORDER BY x.place DESC, x.nth DESC
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
ALTER TABLE case_messages
	DROP CONSTRAINT case_messages_tenant_id_case_id_fkey,
	ADD FOREIGN KEY (tenant_id, customer_id, case_id) REFERENCES cases (tenant_id, customer_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE call_attempt_accounts
	DROP CONSTRAINT call_attempt_accounts_tenant_id_account_id_fkey,
	ADD FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id);
REVOKE UPDATE (customer_id, contact_point_id) ON contact_times, messages FROM app;
REVOKE UPDATE (customer_id) ON follow_ups, contacts, cases, stops FROM app;
DROP INDEX customers_merged;
ALTER TABLE customers DROP COLUMN merged_at, DROP COLUMN merged_into;
