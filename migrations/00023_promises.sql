-- +goose Up
-- Promises to pay: what was promised, what came of it, and what may not be chased
-- meanwhile.

-- How many days of work after its date a promise waits for the money, and how often
-- it may be replaced. Both are asked when a promise is made: those that are made
-- already stay as they were agreed.
ALTER TABLE tenants
	ADD COLUMN promise_grace_days smallint NOT NULL DEFAULT 3 CHECK (promise_grace_days BETWEEN 0 AND 30),
	ADD COLUMN promise_replacements smallint NOT NULL DEFAULT 2 CHECK (promise_replacements BETWEEN 0 AND 20);
GRANT UPDATE (promise_grace_days, promise_replacements) ON tenants TO app;

-- An instalment of the currency that is short by no more than this is kept all the same.
CREATE TABLE promise_tolerances (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	amount bigint NOT NULL CHECK (amount > 0 AND amount <= 1000000000000000),
	PRIMARY KEY (tenant_id, currency)
);
CALL tenant_table('promise_tolerances', 'SELECT, INSERT, UPDATE, DELETE');

-- A promise is open while one of its instalments is. What it is otherwise follows
-- from them too.
CREATE TABLE promises (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	account_id bigint NOT NULL,
	currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	amount bigint NOT NULL CHECK (amount > 0 AND amount <= 1000000000000000),
	tolerance bigint NOT NULL CHECK (tolerance >= 0),
	collectable bigint NOT NULL, -- what could be collected when it was made
	-- The newest payment of that account and currency that was in the ledger then:
	-- those after it are what the promise is kept with.
	known_to bigint NOT NULL,
	assignee_id bigint NOT NULL,
	text text NOT NULL DEFAULT '' CHECK (char_length(text) <= 2000),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'part_kept', 'broken', 'replaced', 'withdrawn')),
	open boolean NOT NULL GENERATED ALWAYS AS (state = 'open') STORED,
	replacements integer NOT NULL DEFAULT 0, -- how many promises before it were replaced one by the next
	followed_by bigint, -- the promise that was made instead of this one, or after its date
	-- While a consumer has an open promise on an account nothing of it is chased: one
	-- of those promises stands for them all. Kept up to date by the hook before commit.
	holds_account boolean NOT NULL DEFAULT false CHECK (NOT holds_account OR state = 'open'),
	author_id bigint, -- NULL: the program itself
	made_on date NOT NULL,
	made_at timestamptz NOT NULL,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, id),
	UNIQUE (tenant_id, account_id, currency, id),
	UNIQUE (tenant_id, id, open),
	UNIQUE (tenant_id, id, assignee_id),
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, account_id, currency, followed_by) REFERENCES promises (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, assignee_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX promises_of_customer ON promises (tenant_id, customer_id, id DESC);
CREATE INDEX promises_open ON promises (tenant_id, account_id, id) WHERE open;
CREATE UNIQUE INDEX promises_holding ON promises (tenant_id, account_id) WHERE holds_account;
CALL tenant_table('promises', 'SELECT, INSERT');
GRANT UPDATE (assignee_id, state, followed_by, holds_account, version) ON promises TO app;
CALL branch_limited('promises');

-- The parts of a promise by their dates; a promise that is paid at once has one.
-- Money counts that is value-dated up to grace_on. received is as much of it as
-- there is now, no more than the amount.
CREATE TABLE instalments (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	promise_id bigint NOT NULL,
	assignee_id bigint NOT NULL, -- the promise's
	number smallint NOT NULL CHECK (number > 0), -- within the promise, by due dates
	due_on date NOT NULL,
	grace_on date NOT NULL CHECK (grace_on >= due_on),
	amount bigint NOT NULL CHECK (amount > 0),
	received bigint NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND amount),
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'part_kept', 'broken', 'replaced', 'withdrawn')),
	follow_up_id bigint, -- put on the assignee when it was not kept
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, promise_id, number),
	FOREIGN KEY (tenant_id, customer_id, promise_id) REFERENCES promises (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, promise_id, assignee_id) REFERENCES promises (tenant_id, id, assignee_id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, follow_up_id) REFERENCES follow_ups (tenant_id, id)
);
CREATE INDEX instalments_by_state ON instalments (tenant_id, state, due_on, id);
CREATE INDEX instalments_of_member ON instalments (tenant_id, assignee_id, state, due_on, id);
CREATE INDEX instalments_to_decide ON instalments (tenant_id, grace_on) WHERE state = 'open';
CALL tenant_table('instalments', 'SELECT, INSERT');
GRANT UPDATE (received, state, follow_up_id) ON instalments TO app;
CALL branch_limited('instalments');

-- What is promised of which item. An item is in one open promise at most; one that
-- went on to a later promise, passed_on, is not claimed by the earlier any more,
-- even where that is open or opens again.
CREATE TABLE promise_items (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	promise_id bigint NOT NULL,
	item_id bigint NOT NULL,
	customer_id bigint NOT NULL,
	account_id bigint NOT NULL,
	currency char(3) NOT NULL,
	place integer NOT NULL CHECK (place > 0), -- within the promise, the oldest first
	amount bigint NOT NULL CHECK (amount > 0),
	-- What of it is still to come, and owed. Money pays the oldest item first, so that
	-- what is to come stands on the newest. Kept up to date by the hook before commit.
	still bigint NOT NULL CHECK (still BETWEEN 0 AND amount),
	open boolean NOT NULL DEFAULT true, -- the promise is
	passed_on boolean NOT NULL DEFAULT false,
	PRIMARY KEY (tenant_id, promise_id, item_id),
	FOREIGN KEY (tenant_id, promise_id, open) REFERENCES promises (tenant_id, id, open) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, customer_id, promise_id) REFERENCES promises (tenant_id, customer_id, id) ON UPDATE CASCADE,
	FOREIGN KEY (tenant_id, account_id, currency, promise_id) REFERENCES promises (tenant_id, account_id, currency, id),
	FOREIGN KEY (tenant_id, account_id, currency, item_id) REFERENCES items (tenant_id, account_id, currency, id)
);
CREATE UNIQUE INDEX promise_items_once ON promise_items (tenant_id, item_id) WHERE open AND NOT passed_on;
CALL tenant_table('promise_items', 'SELECT, INSERT');
GRANT UPDATE (still, passed_on) ON promise_items TO app;
CALL branch_limited('promise_items');

-- What was decided about an instalment, when, and from what.
CREATE TABLE promise_decisions (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	instalment_id bigint NOT NULL,
	from_state text NOT NULL,
	state text NOT NULL,
	received bigint NOT NULL,
	inputs jsonb NOT NULL,
	member_id bigint, -- whose change it followed from; NULL: the program itself
	on_day date NOT NULL, -- of the company
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, instalment_id) REFERENCES instalments (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX promise_decisions_of_customer ON promise_decisions (tenant_id, customer_id, at);
CREATE INDEX promise_decisions_of_instalment ON promise_decisions (tenant_id, instalment_id, id);
CALL record_table('promise_decisions');
CALL branch_limited('promise_decisions');

-- +goose Down
DROP TABLE promise_decisions, promise_items, instalments, promises, promise_tolerances;
ALTER TABLE tenants DROP COLUMN promise_grace_days, DROP COLUMN promise_replacements;
