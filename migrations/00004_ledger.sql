-- +goose Up
-- The tenant's own statuses of an item, each in one of five fixed families.
CREATE TABLE item_statuses (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
	family text NOT NULL CHECK (family IN ('ongoing', 'promise', 'dispute', 'dispute_resolved', 'litigation')),
	position integer NOT NULL DEFAULT 0,
	retired_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name)
);
CALL tenant_table('item_statuses');

-- Open items. A credit note has a negative amount. applied is kept by the
-- trigger on applications and by nothing else: app is not granted the column,
-- so the open amount is what the applications say, by construction.
CREATE TABLE items (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	account_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('invoice', 'instalment', 'fee', 'credit_note')),
	number text NOT NULL CHECK (char_length(number) BETWEEN 1 AND 60),
	issued_on date NOT NULL,
	due_on date CHECK (due_on >= issued_on),
	currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	amount bigint NOT NULL CHECK (abs(amount) <= 1000000000000000),
	applied bigint NOT NULL DEFAULT 0,
	open_amount bigint NOT NULL GENERATED ALWAYS AS (amount - applied) STORED,
	last_value_on date, -- the latest value date among its applications
	status_id bigint NOT NULL,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, number),
	-- what applications point at: an item of that account and currency
	UNIQUE (tenant_id, account_id, currency, id),
	CHECK ((kind = 'credit_note') = (amount < 0)),
	CONSTRAINT items_not_overapplied CHECK (
		CASE WHEN amount < 0 THEN applied BETWEEN amount AND 0 ELSE applied BETWEEN 0 AND amount END),
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, status_id) REFERENCES item_statuses (tenant_id, id)
);
CREATE INDEX items_of_customer ON items (tenant_id, customer_id, due_on, id);
CREATE INDEX items_open ON items (tenant_id, customer_id) WHERE open_amount <> 0;
CREATE INDEX items_applied_last ON items (tenant_id, last_value_on) WHERE last_value_on IS NOT NULL;
CALL tenant_table('items', 'SELECT');
GRANT INSERT (tenant_id, customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id) ON items TO app;
GRANT UPDATE (issued_on, due_on, amount, status_id, version) ON items TO app;

CREATE TABLE item_status_changes (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	item_id bigint NOT NULL,
	from_id bigint NOT NULL,
	to_id bigint NOT NULL,
	member_id bigint, -- NULL: the program itself
	reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 500),
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, item_id) REFERENCES items (tenant_id, id),
	FOREIGN KEY (tenant_id, from_id) REFERENCES item_statuses (tenant_id, id),
	FOREIGN KEY (tenant_id, to_id) REFERENCES item_statuses (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX item_status_changes_of_item ON item_status_changes (tenant_id, item_id);
CALL record_table('item_status_changes');

-- Money received. What is not applied is credit of its account and currency;
-- a payment that the bank took back (returned) is worth nothing from that day.
CREATE TABLE payments (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	account_id bigint NOT NULL,
	number text NOT NULL CHECK (char_length(number) BETWEEN 1 AND 80), -- the bank's or the clerk's reference
	value_on date NOT NULL,
	currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	amount bigint NOT NULL CHECK (amount > 0 AND amount <= 1000000000000000),
	applied bigint NOT NULL DEFAULT 0,
	returned_on date CHECK (returned_on >= value_on),
	unapplied bigint NOT NULL GENERATED ALWAYS AS (CASE WHEN returned_on IS NULL THEN amount - applied ELSE 0 END) STORED,
	last_value_on date,
	member_id bigint, -- who recorded it; NULL: the program itself
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, number),
	UNIQUE (tenant_id, account_id, currency, id),
	CONSTRAINT payments_not_overapplied CHECK (applied BETWEEN 0 AND amount),
	CONSTRAINT payments_returned_unapplied CHECK (returned_on IS NULL OR applied = 0),
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX payments_of_customer ON payments (tenant_id, customer_id, value_on, id);
CREATE INDEX payments_open ON payments (tenant_id, customer_id) WHERE unapplied <> 0;
CALL tenant_table('payments', 'SELECT');
GRANT INSERT (tenant_id, customer_id, account_id, number, value_on, currency, amount, member_id) ON payments TO app;
GRANT UPDATE (returned_on) ON payments TO app;

-- Money set against an item: from a payment or from a credit note of the same
-- account and currency. A row is never changed; a reversal is a second row of
-- the opposite amount that names the first. What was applied as of a day is the
-- plain sum of the rows value-dated up to it.
CREATE TABLE applications (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	account_id bigint NOT NULL,
	currency char(3) NOT NULL,
	item_id bigint NOT NULL,
	payment_id bigint,
	credit_id bigint,
	amount bigint NOT NULL,
	value_on date NOT NULL,
	reverses bigint,
	reason text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 500),
	member_id bigint,
	made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT applications_reversed_once UNIQUE (tenant_id, reverses),
	CHECK (num_nonnulls(payment_id, credit_id) = 1),
	CHECK (item_id <> credit_id),
	CHECK (CASE WHEN reverses IS NULL THEN amount > 0 ELSE amount < 0 AND reason <> '' END),
	FOREIGN KEY (tenant_id, account_id, currency, item_id) REFERENCES items (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, account_id, currency, payment_id) REFERENCES payments (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, account_id, currency, credit_id) REFERENCES items (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, reverses) REFERENCES applications (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX applications_of_item ON applications (tenant_id, item_id, value_on) INCLUDE (amount);
CREATE INDEX applications_of_payment ON applications (tenant_id, payment_id, value_on) WHERE payment_id IS NOT NULL;
CREATE INDEX applications_of_credit ON applications (tenant_id, credit_id, value_on) WHERE credit_id IS NOT NULL;
CALL record_table('applications');

-- +goose StatementBegin
-- Brings items and payments to what the new applications say. Its statements
-- are planned anew each time (EXECUTE): a plan kept from one row would take
-- minutes over a million.
CREATE FUNCTION apply_applications() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong boolean;
BEGIN
	EXECUTE '
		SELECT EXISTS (
			SELECT 1 FROM added n JOIN applications o ON o.tenant_id = n.tenant_id AND o.id = n.reverses
			WHERE (o.item_id, o.payment_id, o.credit_id, o.amount) IS DISTINCT FROM (n.item_id, n.payment_id, n.credit_id, -n.amount)
			   OR o.reverses IS NOT NULL OR n.value_on < o.value_on)' INTO wrong;
	IF wrong THEN
		RAISE EXCEPTION 'a reversal undoes one application whole, not before its day'
			USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_reversal';
	END IF;
	EXECUTE '
		UPDATE items i SET applied = i.applied + s.amount, last_value_on = greatest(i.last_value_on, s.value_on)
		FROM (
			SELECT tenant_id, id, sum(amount) AS amount, max(value_on) AS value_on
			FROM (
				SELECT tenant_id, item_id AS id, amount, value_on FROM added
				UNION ALL
				SELECT tenant_id, credit_id, -amount, value_on FROM added WHERE credit_id IS NOT NULL) b
			GROUP BY tenant_id, id) s
		WHERE i.tenant_id = s.tenant_id AND i.id = s.id';
	EXECUTE '
		UPDATE payments p SET applied = p.applied + s.amount, last_value_on = greatest(p.last_value_on, s.value_on)
		FROM (
			SELECT tenant_id, payment_id, sum(amount) AS amount, max(value_on) AS value_on
			FROM added WHERE payment_id IS NOT NULL
			GROUP BY tenant_id, payment_id) s
		WHERE p.tenant_id = s.tenant_id AND p.id = s.payment_id';
	RETURN NULL;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION apply_applications FROM PUBLIC;
CREATE TRIGGER applied AFTER INSERT ON applications REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION apply_applications();

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
-- +goose StatementBegin
-- open_credits: what was received and not applied as of the day, a row a payment.
CREATE FUNCTION open_credits(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, payment_id bigint, number text, value_on date, currency char(3), unapplied bigint)
LANGUAGE sql STABLE AS $$
	SELECT o.* FROM (
		SELECT p.tenant_id, p.customer_id, p.account_id, p.id, p.number, p.value_on, p.currency,
			(CASE WHEN p.returned_on <= as_of THEN 0 ELSE p.amount - p.applied END
				+ CASE WHEN p.last_value_on > as_of AND (p.returned_on IS NULL OR p.returned_on > as_of) THEN (
				SELECT coalesce(sum(a.amount), 0)::bigint
				FROM applications a
				WHERE a.tenant_id = p.tenant_id AND a.payment_id = p.id AND a.value_on > as_of) ELSE 0 END) AS unapplied
		FROM payments p
		WHERE p.tenant_id = (SELECT current_setting('app.tenant_id')::bigint)
			AND p.value_on <= as_of
			AND (p.unapplied <> 0 OR p.last_value_on > as_of OR p.returned_on > as_of)) o
	WHERE o.unapplied <> 0
$$;
-- +goose StatementEnd

-- Figures a customer and currency, for lists that sort. Brought up to date by
-- the hook before commit and every night. Everybody has a row in the tenant's
-- own currency, so that a list sorted by it leaves nobody out.
CREATE TABLE customer_totals (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	customer_id bigint NOT NULL,
	currency char(3) NOT NULL,
	items integer NOT NULL DEFAULT 0,
	open_amount bigint NOT NULL DEFAULT 0, -- positive items
	overdue bigint NOT NULL DEFAULT 0,
	held bigint NOT NULL DEFAULT 0, -- of the overdue, what may not be chased now
	credit bigint NOT NULL DEFAULT 0,
	to_collect bigint NOT NULL DEFAULT 0,
	oldest_due_on date, -- of the overdue items
	PRIMARY KEY (tenant_id, customer_id, currency),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE INDEX customer_totals_by_overdue ON customer_totals (tenant_id, currency, overdue DESC, customer_id);
CREATE INDEX customer_totals_by_oldest ON customer_totals (tenant_id, currency, (coalesce(oldest_due_on, 'infinity')), customer_id);
CALL tenant_table('customer_totals', 'SELECT, INSERT, UPDATE, DELETE');

-- +goose StatementBegin
-- After a bulk load the planner's figures are days off: app may not ANALYZE
-- what it does not own, so the owner lends it this.
CREATE FUNCTION analyze_ledger() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	ANALYZE customers, accounts, items, payments, applications, customer_totals;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION analyze_ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analyze_ledger TO app;

-- +goose Down
DROP FUNCTION analyze_ledger;
DROP FUNCTION open_credits;
DROP FUNCTION open_items;
DROP FUNCTION items_as_of;
DROP TABLE customer_totals, applications, payments, item_status_changes, items, item_statuses;
DROP FUNCTION apply_applications;
