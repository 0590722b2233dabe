-- +goose Up
-- When a debtor may be contacted: the limits, and what they are counted by.

-- A limit that a law, a court or the company itself sets. It applies to every
-- contact that fits it; where several do, each of them has to be kept.
CREATE TABLE contact_rules (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	-- what it applies to; NULL: whatever
	country char(2) CHECK (country ~ '^[A-Z]{2}$'),
	region text CHECK (char_length(region) BETWEEN 1 AND 60),
	kind text CHECK (kind IN ('business', 'consumer')),
	channel text CHECK (channel IN ('call', 'sms', 'email', 'letter')),
	-- hours, by the clocks of the debtor
	weekdays smallint CHECK (weekdays BETWEEN 1 AND 127), -- bit 0 Monday ... bit 6 Sunday
	from_time time CHECK (from_time < to_time),
	to_time time,
	holidays boolean NOT NULL DEFAULT true, -- also on the company's holidays
	-- frequency, by person and account
	max_attempts integer CHECK (max_attempts > 0), -- in so many days that follow one another
	attempt_days integer CHECK (attempt_days BETWEEN 1 AND 366),
	quiet_days integer CHECK (quiet_days BETWEEN 1 AND 366), -- after a conversation, its day being the first
	max_a_day integer CHECK (max_a_day > 0),
	hours_apart integer CHECK (hours_apart BETWEEN 1 AND 24),
	needs_consent boolean NOT NULL DEFAULT false,
	source text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 500), -- whose rule it is
	as_of date NOT NULL, -- the day of the source's wording
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	CHECK (num_nulls(weekdays, from_time, to_time) IN (0, 3)),
	CHECK ((max_attempts IS NULL) = (attempt_days IS NULL)),
	CHECK (country IS NOT NULL OR region IS NULL),
	CHECK (num_nonnulls(weekdays, max_attempts, quiet_days, max_a_day, hours_apart) > 0 OR needs_consent)
);
CREATE UNIQUE INDEX contact_rules_name ON contact_rules (tenant_id, lower(name)) WHERE retired_at IS NULL;
CALL tenant_table('contact_rules');

-- A call, placed or taken. It is on record from the moment it was tried.
CREATE TABLE call_attempts (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	contact_point_id bigint, -- NULL: a number that is not on file
	direction text NOT NULL CHECK (direction IN ('out', 'in')),
	number text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{5,14}$'),
	asked_for boolean NOT NULL DEFAULT false, -- by the debtor: it counts against no limit
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, contact_point_id) REFERENCES contact_points (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX call_attempts_of_customer ON call_attempts (tenant_id, customer_id, at DESC);
CALL record_table('call_attempts');
CALL branch_limited('call_attempts');

-- The accounts that a call is about, and is counted for.
CREATE TABLE call_attempt_accounts (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	customer_id bigint NOT NULL,
	call_attempt_id bigint NOT NULL,
	account_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, call_attempt_id, account_id),
	FOREIGN KEY (tenant_id, customer_id, call_attempt_id) REFERENCES call_attempts (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id)
);
CALL record_table('call_attempt_accounts');
CALL branch_limited('call_attempt_accounts');

-- What is known of a call afterwards: whether anybody spoke.
CREATE TABLE call_events (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	call_attempt_id bigint NOT NULL,
	kind text NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 40),
	conversation boolean NOT NULL DEFAULT false, -- with the debtor
	data jsonb NOT NULL DEFAULT '{}',
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, call_attempt_id) REFERENCES call_attempts (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX call_events_of_call ON call_events (tenant_id, customer_id, call_attempt_id);
CALL record_table('call_events');
CALL branch_limited('call_events');

-- A debtor asked to be contacted: for seven days at most this goes before hours
-- and frequency.
CREATE TABLE contact_requests (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	contact_point_id bigint NOT NULL,
	channel text NOT NULL CHECK (channel IN ('call', 'sms', 'email')),
	until timestamptz NOT NULL,
	source text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 300), -- who said it, in what
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	CHECK (until <= at + interval '7 days'),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, contact_point_id) REFERENCES contact_points (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX contact_requests_of_customer ON contact_requests (tenant_id, customer_id, until);
CALL record_table('contact_requests');
CALL branch_limited('contact_requests');

-- +goose Down
DROP TABLE contact_requests, call_events, call_attempt_accounts, call_attempts, contact_rules;
