-- +goose Up
-- Cases: items that cannot simply be chased are taken out of dunning, worked with
-- those who can settle them, and come back.

-- What a status proposes: how it looks, when to look again, and whether items that
-- get it go into a case.
ALTER TABLE item_statuses
	ADD COLUMN colour text NOT NULL DEFAULT 'grey' CHECK (colour IN ('grey', 'blue', 'teal', 'green', 'yellow', 'orange', 'purple')),
	ADD COLUMN delay_days smallint NOT NULL DEFAULT 10 CHECK (delay_days BETWEEN 0 AND 365), -- days of work until somebody looks again
	ADD COLUMN reasons text[] NOT NULL DEFAULT '{}' CHECK (cardinality(reasons) <= 50), -- to choose from when it is set
	ADD COLUMN case_rule text NOT NULL DEFAULT 'none' CHECK (case_rule IN ('none', 'suggest', 'create')),
	ADD COLUMN case_title text NOT NULL DEFAULT '' CHECK (char_length(case_title) <= 120),
	ADD COLUMN case_owner_id bigint, -- NULL: whoever changes the status
	ADD COLUMN case_resolver_id bigint,
	ADD COLUMN version integer NOT NULL DEFAULT 1;
UPDATE item_statuses
SET colour = CASE family WHEN 'promise' THEN 'blue' WHEN 'dispute' THEN 'orange' WHEN 'dispute_resolved' THEN 'green' WHEN 'litigation' THEN 'purple' ELSE 'grey' END;

-- Colleagues who can settle the cause of a dispute. They need not sign in.
CREATE TABLE resolvers (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	email text NOT NULL CHECK (email = lower(email) AND email LIKE '%_@_%' AND char_length(email) <= 254),
	settles text NOT NULL DEFAULT '' CHECK (char_length(settles) <= 120), -- such as prices
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT resolvers_once UNIQUE (tenant_id, email)
);
CALL tenant_table('resolvers');
ALTER TABLE item_statuses
	ADD FOREIGN KEY (tenant_id, case_owner_id) REFERENCES members (tenant_id, id),
	ADD FOREIGN KEY (tenant_id, case_resolver_id) REFERENCES resolvers (tenant_id, id);

-- A case is open until somebody closes it, also when no item is left in it.
CREATE TABLE cases (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 120),
	status text NOT NULL CHECK (status IN ('in_work', 'with_resolver', 'with_customer', 'closed')),
	open boolean NOT NULL GENERATED ALWAYS AS (status <> 'closed') STORED,
	owner_id bigint NOT NULL,
	resolver_id bigint,
	next_on date NOT NULL, -- when somebody looks again; closed: the last one
	-- A complaint has a day by which it is answered, and bars all contact at once: by a
	-- stop, which does not end with the case.
	deadline_on date,
	stop_id bigint,
	complaint boolean NOT NULL GENERATED ALWAYS AS (deadline_on IS NOT NULL) STORED,
	escalated_for date, -- the day of which a manager was told that it had passed
	opened_on date NOT NULL,
	opened_at timestamptz NOT NULL,
	opened_by bigint, -- NULL: the program itself
	closed_at timestamptz,
	closed_on date,
	closed_by bigint,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, id),
	UNIQUE (tenant_id, id, open),
	CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
	CHECK ((closed_at IS NULL) = (closed_on IS NULL)),
	CHECK (closed_by IS NULL OR closed_at IS NOT NULL),
	CHECK (status <> 'with_resolver' OR resolver_id IS NOT NULL),
	CHECK (stop_id IS NULL OR deadline_on IS NOT NULL),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, owner_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, resolver_id) REFERENCES resolvers (tenant_id, id),
	FOREIGN KEY (tenant_id, stop_id) REFERENCES stops (tenant_id, id),
	FOREIGN KEY (tenant_id, opened_by) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, closed_by) REFERENCES members (tenant_id, id)
);
CREATE INDEX cases_of_customer ON cases (tenant_id, customer_id, id DESC);
CREATE INDEX cases_of_owner ON cases (tenant_id, owner_id, next_on, id) WHERE open;
CREATE INDEX cases_by_date ON cases (tenant_id, next_on, id) WHERE open;
CREATE INDEX cases_closed ON cases (tenant_id, closed_on DESC, id DESC) WHERE NOT open;
CALL tenant_table('cases', 'SELECT, INSERT');
GRANT UPDATE (title, status, owner_id, resolver_id, next_on, deadline_on, stop_id, escalated_for, closed_at, closed_on, closed_by, version) ON cases TO app;
CALL branch_limited('cases');

-- The items of a case, also those that left it: one that comes back has a second row.
-- An item is in one open case at most.
CREATE TABLE case_items (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	case_id bigint NOT NULL,
	case_open boolean NOT NULL DEFAULT true, -- the case's own
	customer_id bigint NOT NULL,
	account_id bigint NOT NULL,
	currency char(3) NOT NULL,
	item_id bigint NOT NULL,
	amount bigint CHECK (amount > 0), -- in question; NULL: the whole item
	joined_at timestamptz NOT NULL,
	joined_by bigint,
	left_at timestamptz,
	left_by bigint, -- NULL: it left by itself
	left_why text CHECK (left_why IN ('removed', 'paid', 'resolved', 'closed')),
	open boolean NOT NULL GENERATED ALWAYS AS (case_open AND left_at IS NULL) STORED,
	PRIMARY KEY (tenant_id, id),
	CHECK ((left_at IS NULL) = (left_why IS NULL)),
	CHECK (left_by IS NULL OR left_at IS NOT NULL),
	-- nothing stays behind in a case that is closed
	CHECK (case_open OR left_at IS NOT NULL),
	FOREIGN KEY (tenant_id, case_id, case_open) REFERENCES cases (tenant_id, id, open) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, customer_id, case_id) REFERENCES cases (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (tenant_id, account_id, currency, item_id) REFERENCES items (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, joined_by) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, left_by) REFERENCES members (tenant_id, id)
);
CREATE UNIQUE INDEX case_items_once ON case_items (tenant_id, item_id) WHERE open;
CREATE INDEX case_items_of_case ON case_items (tenant_id, case_id, id);
CREATE INDEX case_items_open ON case_items (tenant_id, customer_id) WHERE open;
CALL tenant_table('case_items', 'SELECT, INSERT');
GRANT UPDATE (amount, left_at, left_by, left_why) ON case_items TO app;
CALL branch_limited('case_items');

-- The messages that went out from a case: what answers them belongs to it.
CREATE TABLE case_messages (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	message_id bigint NOT NULL,
	case_id bigint NOT NULL,
	customer_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, message_id),
	FOREIGN KEY (tenant_id, customer_id, case_id) REFERENCES cases (tenant_id, customer_id, id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
);
CREATE INDEX case_messages_of_case ON case_messages (tenant_id, case_id, message_id);
CALL record_table('case_messages');
CALL branch_limited('case_messages');

-- What is in the journal of a case: comments, changes, answers.
CREATE INDEX notes_of_case ON notes (tenant_id, subject_id, id) WHERE subject = 'case';

-- Links by which a resolver answers one case without signing in. The token itself is
-- kept nowhere.
CREATE TABLE resolver_links (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	case_id bigint NOT NULL,
	resolver_id bigint NOT NULL,
	token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	revoked_by bigint,
	author_id bigint,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, token_hash),
	UNIQUE (tenant_id, customer_id, id),
	CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL),
	FOREIGN KEY (tenant_id, customer_id, case_id) REFERENCES cases (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, resolver_id) REFERENCES resolvers (tenant_id, id),
	FOREIGN KEY (tenant_id, revoked_by) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX resolver_links_of_case ON resolver_links (tenant_id, case_id, id DESC);
CALL tenant_table('resolver_links', 'SELECT, INSERT');
GRANT UPDATE (revoked_at, revoked_by) ON resolver_links TO app;
CALL branch_limited('resolver_links');

-- Each use of a link.
CREATE TABLE resolver_link_uses (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	link_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('looked', 'answered')),
	verdict text CHECK (verdict IN ('accept', 'refuse', 'ask')),
	address text NOT NULL DEFAULT '' CHECK (char_length(address) <= 64), -- of the network
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	CHECK ((kind = 'answered') = (verdict IS NOT NULL)),
	FOREIGN KEY (tenant_id, link_id) REFERENCES resolver_links (tenant_id, id)
);
CREATE INDEX resolver_link_uses_of_link ON resolver_link_uses (tenant_id, link_id, at);
CALL record_table('resolver_link_uses');
CALL branch_limited('resolver_link_uses', 'EXISTS (SELECT FROM resolver_links l WHERE l.tenant_id = resolver_link_uses.tenant_id AND l.id = resolver_link_uses.link_id)');

-- Items that came back into dunning at a level that somebody chose, instead of the one
-- they had. What they are reminded of afterwards counts on from there.
CREATE TABLE item_returns (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	item_id bigint NOT NULL,
	case_id bigint, -- NULL: from a status only
	level_id bigint, -- NULL: from the beginning
	after_days integer, -- the level's
	reminded_on date, -- the item's own then
	since_reminder bigint NOT NULL, -- the newest one of the item then; 0: none
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	CHECK ((level_id IS NULL) = (after_days IS NULL)),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, item_id) REFERENCES items (tenant_id, id),
	FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
	FOREIGN KEY (tenant_id, level_id) REFERENCES levels (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX item_returns_of_item ON item_returns (tenant_id, item_id, id DESC);
CALL record_table('item_returns');
CALL branch_limited('item_returns');

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
CREATE TRIGGER reached AFTER INSERT ON item_returns REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION keep_reached();

-- Files that belong to a case.
ALTER TABLE documents DROP CONSTRAINT documents_subject_check;
ALTER TABLE documents ADD CONSTRAINT documents_subject_check CHECK (subject IN ('customer', 'item', 'message', 'letter', 'letterhead', 'received', 'case'));
ALTER TABLE documents ADD CONSTRAINT documents_of_case CHECK (subject <> 'case' OR customer_id IS NOT NULL AND subject_id IS NOT NULL);
ALTER TABLE inbox_entries ADD CONSTRAINT inbox_entries_case FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id);

DROP FUNCTION collectable;
DROP FUNCTION open_items;
-- +goose StatementBegin
-- open_items: the items that were not settled by the day, each with the one reason
-- for which it may not be chased: disputed before paused before stopped before
-- promised, else free; with what of it is in question, and what of the rest is
-- promised. Disputed is all of an item that is in litigation, in dispute, or in an
-- open case, unless the case states an amount in question: then it is that amount,
-- and the rest is chased. Of a consumer's account with an open promise all is
-- promised, of a business' item what is still to come. Cases and promises are as they
-- are now, whatever the day. Of customers only those are looked up who are paused,
-- stopped or archived.
CREATE FUNCTION open_items(as_of date)
RETURNS TABLE (tenant_id bigint, customer_id bigint, account_id bigint, item_id bigint, kind text, number text,
	issued_on date, due_on date, currency char(3), amount bigint, status_id bigint, open_amount bigint, held text, in_question bigint, promised bigint,
	reached_days integer, reminded_on date, pay_by date)
LANGUAGE sql STABLE AS $$
	SELECT i.tenant_id, i.customer_id, i.account_id, i.item_id, i.kind, i.number, i.issued_on, i.due_on, i.currency, i.amount, i.status_id, i.open_amount,
		CASE
			WHEN s.family = 'litigation' OR (s.id IS NOT NULL OR q.item_id IS NOT NULL) AND (q.amount < i.open_amount) IS NOT TRUE THEN 'disputed'
			WHEN i.paused_until >= as_of OR b.dunning_paused_until >= as_of THEN 'paused'
			WHEN b.id IS NOT NULL THEN 'stopped'
			WHEN h.id IS NOT NULL OR n.item_id IS NOT NULL AND n.still >= i.open_amount - coalesce(q.amount, 0) THEN 'promised'
			ELSE 'free'
		END,
		CASE
			WHEN s.id IS NULL AND q.item_id IS NULL THEN 0
			WHEN s.family = 'litigation' THEN greatest(i.open_amount, 0)
			ELSE least(coalesce(q.amount, i.open_amount), greatest(i.open_amount, 0))
		END,
		CASE
			WHEN h.id IS NOT NULL THEN greatest(i.open_amount - coalesce(q.amount, 0), 0)
			WHEN n.item_id IS NULL THEN 0
			ELSE least(n.still, greatest(i.open_amount - coalesce(q.amount, 0), 0))
		END,
		i.reached_days, i.reminded_on, i.pay_by
	FROM items_as_of(as_of) i
	LEFT JOIN item_statuses s ON s.tenant_id = i.tenant_id AND s.id = i.status_id AND s.family IN ('dispute', 'litigation')
	LEFT JOIN case_items q ON q.tenant_id = i.tenant_id AND q.item_id = i.item_id AND q.open
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
		i.open_amount, CASE i.held WHEN 'free' THEN i.open_amount - i.in_question - i.promised ELSE 0 END, i.held, i.reached_days, i.reminded_on, i.pay_by
	FROM open_items(as_of) i
	WHERE i.open_amount > 0 AND i.due_on IS NOT NULL
$$;
-- +goose StatementEnd

-- +goose Down
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

ALTER TABLE inbox_entries DROP CONSTRAINT inbox_entries_case;
ALTER TABLE documents DROP CONSTRAINT documents_of_case;
ALTER TABLE documents DROP CONSTRAINT documents_subject_check;
ALTER TABLE documents ADD CONSTRAINT documents_subject_check CHECK (subject IN ('customer', 'item', 'message', 'letter', 'letterhead', 'received'));
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
DROP TABLE item_returns, resolver_link_uses, resolver_links, case_messages;
DROP INDEX notes_of_case;
DROP TABLE case_items, cases;
ALTER TABLE item_statuses DROP COLUMN colour, DROP COLUMN delay_days, DROP COLUMN reasons, DROP COLUMN case_rule, DROP COLUMN case_title,
	DROP COLUMN case_owner_id, DROP COLUMN case_resolver_id, DROP COLUMN version;
DROP TABLE resolvers;
