-- +goose Up
-- Dunning: how far each item has been reminded of, what is to be done about whom
-- today, and what was done.

-- Nobody is dunned until an administrator switches it on. The run of a day starts
-- at its hour. A manager may let automatic levels send although the payments of
-- the day before are not loaded: for that one day.
ALTER TABLE tenants
	ADD COLUMN dunning_on boolean NOT NULL DEFAULT false,
	ADD COLUMN dunning_hour smallint NOT NULL DEFAULT 6 CHECK (dunning_hour BETWEEN 0 AND 23),
	ADD COLUMN payments_waived_on date;
GRANT UPDATE (dunning_on, dunning_hour, payments_waived_on) ON tenants TO app;

CREATE TABLE policies (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
	is_default boolean NOT NULL DEFAULT false,
	climb text NOT NULL DEFAULT 'step' CHECK (climb IN ('step', 'highest')),
	min_gap_days integer NOT NULL DEFAULT 7 CHECK (min_gap_days BETWEEN 0 AND 365),
	after_last text NOT NULL DEFAULT 'manager' CHECK (after_last IN ('repeat', 'case', 'manager')),
	repeat_days integer CHECK (repeat_days BETWEEN 1 AND 365),
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	CHECK ((after_last = 'repeat') = (repeat_days IS NOT NULL)),
	CHECK (NOT (is_default AND retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX policies_name ON policies (tenant_id, lower(name)) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX policies_default ON policies (tenant_id) WHERE is_default;
CALL tenant_table('policies');

-- A customer who owes less than this in a currency, net of credit, is not reminded
-- of it.
CREATE TABLE policy_minimums (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	policy_id bigint NOT NULL,
	currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	amount bigint NOT NULL CHECK (amount > 0 AND amount <= 1000000000000000),
	PRIMARY KEY (tenant_id, policy_id, currency),
	FOREIGN KEY (tenant_id, policy_id) REFERENCES policies (tenant_id, id)
);
CALL tenant_table('policy_minimums', 'SELECT, INSERT, UPDATE, DELETE');

-- Levels are in the order of their days, and numbered so. What an item has reached
-- is kept in days, so that it keeps its rank when levels change.
CREATE TABLE levels (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	policy_id bigint NOT NULL,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
	after_days integer NOT NULL CHECK (after_days BETWEEN -365 AND 3650), -- below zero: before the due date
	wait_days integer NOT NULL DEFAULT 7 CHECK (wait_days BETWEEN 0 AND 365), -- since the item's last reminder
	pay_within_days integer NOT NULL DEFAULT 7 CHECK (pay_within_days BETWEEN 0 AND 365), -- what its letter gives
	mode text NOT NULL DEFAULT 'manual' CHECK (mode IN ('manual', 'confirm', 'automatic')),
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, policy_id) REFERENCES policies (tenant_id, id)
);
CREATE UNIQUE INDEX levels_once ON levels (tenant_id, policy_id, after_days) WHERE retired_at IS NULL;
CALL tenant_table('levels');

-- What is to be done at a level, the first one first.
CREATE TABLE level_actions (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	level_id bigint NOT NULL,
	position integer NOT NULL DEFAULT 0,
	kind text NOT NULL CHECK (kind IN ('letter', 'email', 'sms', 'call', 'manual')),
	template_id bigint,
	text text NOT NULL DEFAULT '' CHECK (char_length(text) <= 500), -- of a manual action: what to do
	member_id bigint, -- who does a manual action; NULL: the customer's owner
	PRIMARY KEY (tenant_id, id),
	CHECK ((kind IN ('letter', 'email', 'sms')) = (template_id IS NOT NULL)),
	CHECK ((kind = 'manual') = (text <> '')),
	CHECK (kind = 'manual' OR member_id IS NULL),
	FOREIGN KEY (tenant_id, level_id) REFERENCES levels (tenant_id, id),
	FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX level_actions_of_level ON level_actions (tenant_id, level_id, position, id);
CALL tenant_table('level_actions', 'SELECT, INSERT, UPDATE, DELETE');

-- How a customer without a policy of its own gets one: by the first rule that
-- fits, else it is the default. What a rule does not name fits all.
CREATE TABLE policy_rules (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	position integer NOT NULL,
	policy_id bigint NOT NULL,
	kind text CHECK (kind IN ('business', 'consumer')),
	branch_id bigint,
	tag text CHECK (char_length(tag) BETWEEN 1 AND 40),
	currency char(3) CHECK (currency ~ '^[A-Z]{3}$'),
	open_from bigint CHECK (open_from > 0), -- owes this much in the currency, or more
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	CHECK ((currency IS NULL) = (open_from IS NULL)),
	CHECK (num_nonnulls(kind, branch_id, tag, open_from) > 0),
	FOREIGN KEY (tenant_id, policy_id) REFERENCES policies (tenant_id, id),
	FOREIGN KEY (tenant_id, branch_id) REFERENCES branches (tenant_id, id)
);
CALL tenant_table('policy_rules', 'SELECT, INSERT, UPDATE, DELETE');

-- Of the customer: the policy that somebody chose; whether it comes up by itself or
-- on a chosen day; up to when nobody dunns it; when it was last reminded.
ALTER TABLE customers
	ADD COLUMN policy_id bigint,
	ADD COLUMN tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 20),
	ADD COLUMN reminder_mode text NOT NULL DEFAULT 'auto' CHECK (reminder_mode IN ('auto', 'manual')),
	ADD COLUMN next_reminder_on date,
	ADD COLUMN reminder_by bigint, -- who chose mode and day; NULL: the program
	ADD COLUMN reminder_at timestamptz,
	ADD COLUMN last_reminded_on date,
	ADD COLUMN dunning_paused_until date,
	ADD COLUMN dunning_pause_reason text CHECK (char_length(dunning_pause_reason) BETWEEN 1 AND 500),
	ADD COLUMN dunning_paused_by bigint,
	ADD CONSTRAINT customers_dunning_pause CHECK ((dunning_paused_until IS NULL) = (dunning_pause_reason IS NULL)),
	ADD FOREIGN KEY (tenant_id, policy_id) REFERENCES policies (tenant_id, id),
	ADD FOREIGN KEY (tenant_id, reminder_by) REFERENCES members (tenant_id, id),
	ADD FOREIGN KEY (tenant_id, dunning_paused_by) REFERENCES members (tenant_id, id);
CREATE INDEX customers_by_policy ON customers (tenant_id, policy_id) WHERE policy_id IS NOT NULL;
CREATE INDEX customers_reminded_by_hand ON customers (tenant_id, next_reminder_on) WHERE reminder_mode = 'manual';
CREATE INDEX customers_dunning_paused ON customers (tenant_id, dunning_paused_until) WHERE dunning_paused_until IS NOT NULL;
CREATE INDEX customers_tagged ON customers USING gin (tags);

-- What an item has been reminded of; kept by the trigger on reminders alone.
ALTER TABLE items
	ADD COLUMN reached_days integer, -- the days of the level it has reached; NULL: none
	ADD COLUMN reminded_on date,
	ADD COLUMN pay_by date; -- the deadline that was given with it

CREATE TABLE dispositions (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
	right_party boolean NOT NULL DEFAULT false, -- it was the debtor, or who speaks for it
	conversation boolean NOT NULL DEFAULT false, -- the debt was spoken about
	delay_days integer CHECK (delay_days BETWEEN 0 AND 365), -- when to try again, in working days; NULL: it is not proposed
	position integer NOT NULL DEFAULT 0,
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	CHECK (right_party OR NOT conversation)
);
CREATE UNIQUE INDEX dispositions_name ON dispositions (tenant_id, lower(name)) WHERE retired_at IS NULL;
CALL tenant_table('dispositions');

-- Each run that was made, with what it did.
CREATE TABLE dunning_runs (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	as_of date NOT NULL,
	items_examined integer NOT NULL,
	opened integer NOT NULL,
	updated integer NOT NULL,
	withdrawn integer NOT NULL,
	took_ms integer NOT NULL,
	member_id bigint, -- NULL: the night's
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX dunning_runs_by_day ON dunning_runs (tenant_id, as_of DESC, id DESC);
CALL record_table('dunning_runs');

-- A customer needs dunning now. Its lines are not stored: they are what may be
-- chased of the customer's items now. What the list sorts by is.
CREATE TABLE agenda_entries (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint, -- of the customer
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	owner_id bigint, -- the customer's, kept by the trigger on customers
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'withdrawn')),
	opened_on date NOT NULL,
	as_of date NOT NULL, -- when it was last looked at
	-- What the evaluation found. Policies, levels and items are never deleted; foreign
	-- keys would lock a row of each for every entry that a run opens, which takes a
	-- third as long as the run, and rewrite the rows of the items.
	policy_id bigint NOT NULL,
	level_id bigint, -- NULL: a chosen day has come, and no level is reached
	level_number integer NOT NULL DEFAULT 0,
	why text NOT NULL CHECK (why IN ('level', 'repeat', 'last', 'chosen_day', 'broken_promise', 'reply', 'bounce', 'reversal')),
	item_id bigint NOT NULL, -- the oldest of those that are due for the level
	due_on date NOT NULL, -- of that item
	items integer NOT NULL, -- how many are due for the level
	currency char(3) NOT NULL, -- the tenant's own where something is owed in it
	to_collect bigint NOT NULL, -- net of credit, in that currency
	currencies integer NOT NULL, -- in how many something is to be collected
	later_on date, -- put away until this day
	later_reason text NOT NULL DEFAULT '' CHECK (char_length(later_reason) <= 500),
	later_by bigint,
	done_asked_at timestamptz, -- Done was said while something was still on its way
	done_asked_by bigint,
	done_next_on date, -- the next day that was chosen with it
	closed_at timestamptz,
	closed_by bigint,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, id),
	CHECK ((state = 'open') = (closed_at IS NULL)),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, owner_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, later_by) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, done_asked_by) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, closed_by) REFERENCES members (tenant_id, id)
);
CREATE UNIQUE INDEX agenda_entries_open ON agenda_entries (tenant_id, customer_id) WHERE state = 'open';
CREATE INDEX agenda_entries_ranked ON agenda_entries (tenant_id, level_number DESC, due_on, id) WHERE state = 'open';
CREATE INDEX agenda_entries_of_owner ON agenda_entries (tenant_id, owner_id, level_number DESC, due_on, id) WHERE state = 'open';
CALL tenant_table('agenda_entries');
CALL branch_limited('agenda_entries');

-- +goose StatementBegin
CREATE FUNCTION entries_follow_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE agenda_entries e SET owner_id = n.owner_id
	FROM added n JOIN removed o ON o.tenant_id = n.tenant_id AND o.id = n.id
	WHERE o.owner_id IS DISTINCT FROM n.owner_id
		AND e.tenant_id = n.tenant_id AND e.customer_id = n.id AND e.state = 'open';
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_follow_owner AFTER UPDATE ON customers
	REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION entries_follow_owner();

-- What was done about an entry. Whether an action counts follows from its message:
-- a call or a manual one counts at once, a letter and a message when they are sent.
CREATE TABLE agenda_actions (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	entry_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('letter', 'email', 'sms', 'call', 'manual')),
	level_id bigint,
	level_number integer NOT NULL,
	level_name text NOT NULL, -- as it was called then
	message_id bigint,
	call_attempt_id bigint,
	answered boolean, -- of a call: whether somebody was spoken to
	text text NOT NULL DEFAULT '' CHECK (char_length(text) <= 2000),
	member_id bigint, -- NULL: the program
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, id),
	CONSTRAINT agenda_actions_message UNIQUE (tenant_id, message_id),
	CONSTRAINT agenda_actions_call UNIQUE (tenant_id, call_attempt_id),
	CHECK ((kind IN ('letter', 'email', 'sms')) = (message_id IS NOT NULL)),
	CHECK ((kind = 'call') = (answered IS NOT NULL)),
	FOREIGN KEY (tenant_id, customer_id, entry_id) REFERENCES agenda_entries (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, level_id) REFERENCES levels (tenant_id, id),
	FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, call_attempt_id) REFERENCES call_attempts (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX agenda_actions_of_entry ON agenda_actions (tenant_id, entry_id, id);
CALL record_table('agenda_actions');
CALL branch_limited('agenda_actions');

-- The items that an action named, with the level and the amount it named.
CREATE TABLE agenda_action_items (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	customer_id bigint NOT NULL,
	action_id bigint NOT NULL,
	item_id bigint NOT NULL,
	level_id bigint NOT NULL,
	level_number integer NOT NULL,
	after_days integer NOT NULL, -- of the level
	pay_by date NOT NULL,
	amount bigint NOT NULL CHECK (amount > 0),
	currency char(3) NOT NULL,
	PRIMARY KEY (tenant_id, action_id, item_id),
	FOREIGN KEY (tenant_id, customer_id, action_id) REFERENCES agenda_actions (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, item_id) REFERENCES items (tenant_id, id),
	FOREIGN KEY (tenant_id, level_id) REFERENCES levels (tenant_id, id)
);
CALL record_table('agenda_action_items');
CALL branch_limited('agenda_action_items');

-- Each reminder of an item that was completed; a second row takes it back.
CREATE TABLE reminders (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	item_id bigint NOT NULL,
	entry_id bigint NOT NULL,
	action_id bigint NOT NULL,
	from_days integer, -- what the item had reached before
	level_id bigint NOT NULL,
	level_number integer NOT NULL,
	after_days integer NOT NULL,
	reminded_on date NOT NULL,
	pay_by date NOT NULL,
	amount bigint NOT NULL CHECK (amount > 0),
	currency char(3) NOT NULL,
	reverses bigint,
	reason text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 500),
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, item_id, id),
	CONSTRAINT reminders_reversed_once UNIQUE (tenant_id, reverses),
	CHECK ((reverses IS NULL) = (reason = '')),
	FOREIGN KEY (tenant_id, customer_id, entry_id) REFERENCES agenda_entries (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, customer_id, action_id) REFERENCES agenda_actions (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, item_id) REFERENCES items (tenant_id, id),
	FOREIGN KEY (tenant_id, item_id, reverses) REFERENCES reminders (tenant_id, item_id, id),
	FOREIGN KEY (tenant_id, level_id) REFERENCES levels (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
-- one reminder of an item an entry, however often it is tried
CREATE UNIQUE INDEX reminders_once ON reminders (tenant_id, entry_id, item_id) WHERE reverses IS NULL;
CREATE INDEX reminders_of_customer ON reminders (tenant_id, customer_id, id DESC);
CALL record_table('reminders');
CALL branch_limited('reminders');

-- +goose StatementBegin
-- keep_reached brings items and customers to what their reminders say: the newest
-- one that was not taken back.
CREATE FUNCTION keep_reached() RETURNS trigger
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
REVOKE ALL ON FUNCTION keep_reached FROM PUBLIC;
CREATE TRIGGER reached AFTER INSERT ON reminders REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION keep_reached();

-- +goose Down
DROP TABLE reminders, agenda_action_items, agenda_actions, agenda_entries, dunning_runs, dispositions;
DROP FUNCTION keep_reached;
DROP TRIGGER entries_follow_owner ON customers;
DROP FUNCTION entries_follow_owner;
ALTER TABLE items DROP COLUMN reached_days, DROP COLUMN reminded_on, DROP COLUMN pay_by;
ALTER TABLE customers DROP COLUMN policy_id, DROP COLUMN tags, DROP COLUMN reminder_mode, DROP COLUMN next_reminder_on,
	DROP COLUMN reminder_by, DROP COLUMN reminder_at, DROP COLUMN last_reminded_on,
	DROP COLUMN dunning_paused_until, DROP COLUMN dunning_pause_reason, DROP COLUMN dunning_paused_by;
DROP TABLE policy_rules, level_actions, levels, policy_minimums, policies;
ALTER TABLE tenants DROP COLUMN dunning_on, DROP COLUMN dunning_hour, DROP COLUMN payments_waived_on;
