-- +goose Up
-- Whom to speak to, how and when; what stands in the way.

-- One phone number or e-mail address of a customer, with the person behind it.
CREATE TABLE contact_points (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	account_id bigint, -- NULL: for all accounts; else the person is a party to this one
	kind text NOT NULL CHECK (kind IN ('phone', 'email')),
	value text NOT NULL CHECK (
		CASE kind WHEN 'phone' THEN value ~ '^\+[1-9][0-9]{5,14}$' -- E.164
		ELSE value = lower(value) AND value LIKE '%_@_%' AND char_length(value) <= 254 END),
	person text NOT NULL DEFAULT '' CHECK (char_length(person) <= 120),
	title text NOT NULL DEFAULT '' CHECK (char_length(title) <= 120), -- such as accounts payable
	role text NOT NULL CHECK (role IN ('debtor', 'borrower', 'co_borrower', 'guarantor', 'representative', 'third_party')),
	preferred boolean NOT NULL DEFAULT false,
	retired_at timestamptz, -- no longer in use; what was said through it stays
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE
);
CREATE UNIQUE INDEX contact_points_once ON contact_points (tenant_id, customer_id, kind, value, lower(person)) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX contact_points_preferred ON contact_points (tenant_id, customer_id, kind) WHERE preferred AND retired_at IS NULL;
CREATE INDEX contact_points_by_value ON contact_points (tenant_id, value);
CALL tenant_table('contact_points');

-- What a person allowed or forbade for a point and channel, in order: the last
-- row of each counts. Consent and its withdrawal, an opt-out and its lifting.
CREATE TABLE permissions (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	contact_point_id bigint NOT NULL,
	channel text NOT NULL CHECK (channel IN ('call', 'sms', 'email')),
	state text NOT NULL CHECK (state IN ('consent', 'withdrawn', 'opt_out', 'lifted')),
	given_on date NOT NULL,
	source text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 300), -- how we know
	review_on date,
	evidence text NOT NULL DEFAULT '' CHECK (char_length(evidence) <= 1000),
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	CHECK ((state = 'opt_out') = (review_on IS NOT NULL)),
	CHECK (state <> 'lifted' OR evidence <> ''),
	FOREIGN KEY (tenant_id, customer_id, contact_point_id) REFERENCES contact_points (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX permissions_of_point ON permissions (tenant_id, customer_id, contact_point_id, channel, id DESC);
CALL record_table('permissions');

-- When a customer is best reached, and when it must not be tried. Hours are the
-- customer's own wall clock.
CREATE TABLE contact_times (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	contact_point_id bigint, -- NULL: whichever point
	kind text NOT NULL CHECK (kind IN ('best', 'forbidden')),
	weekdays smallint NOT NULL CHECK (weekdays BETWEEN 1 AND 127), -- bit 0 Monday ... bit 6 Sunday
	from_time time NOT NULL,
	to_time time NOT NULL CHECK (to_time > from_time),
	remark text NOT NULL DEFAULT '' CHECK (char_length(remark) <= 300),
	member_id bigint,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, contact_point_id) REFERENCES contact_points (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX contact_times_of_customer ON contact_times (tenant_id, customer_id);
CALL tenant_table('contact_times', 'SELECT, INSERT, DELETE');

CREATE TABLE vehicles (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	account_id bigint, -- the loan that it secures
	registration text NOT NULL DEFAULT '' CHECK (char_length(registration) <= 20), -- as written on the plate
	registration_key text NOT NULL GENERATED ALWAYS AS (regexp_replace(upper(registration), '[^[:alnum:]]', '', 'g')) STORED,
	make text NOT NULL DEFAULT '' CHECK (char_length(make) <= 60),
	model text NOT NULL DEFAULT '' CHECK (char_length(model) <= 60),
	year integer CHECK (year BETWEEN 1900 AND 2100),
	vin text NOT NULL DEFAULT '' CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{0,17}$'),
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	CHECK (registration <> '' OR vin <> ''),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, account_id) REFERENCES accounts (tenant_id, customer_id, id) ON UPDATE CASCADE
);
CREATE INDEX vehicles_of_customer ON vehicles (tenant_id, customer_id);
CREATE INDEX vehicles_by_registration ON vehicles (tenant_id, registration_key text_pattern_ops);
CALL tenant_table('vehicles');

-- Reasons for which the customer must not be contacted. A stop has a review date
-- and never ends by itself: a manager lifts it, with reason and evidence.
CREATE TABLE stops (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('attorney', 'bankruptcy', 'deceased', 'moratorium', 'cease_contact', 'identity_theft', 'hardship', 'complaint')),
	reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 1000),
	since date NOT NULL,
	review_on date NOT NULL CHECK (review_on >= since),
	placed_by bigint,
	placed_at timestamptz NOT NULL DEFAULT now(),
	lifted_by bigint,
	lifted_at timestamptz,
	lift_reason text NOT NULL DEFAULT '' CHECK (char_length(lift_reason) <= 1000),
	lift_evidence text NOT NULL DEFAULT '' CHECK (char_length(lift_evidence) <= 1000),
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	CHECK (CASE WHEN lifted_at IS NULL THEN lifted_by IS NULL AND lift_reason = '' AND lift_evidence = ''
		ELSE lifted_by IS NOT NULL AND lift_reason <> '' AND lift_evidence <> '' END),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, placed_by) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, lifted_by) REFERENCES members (tenant_id, id)
);
CREATE UNIQUE INDEX stops_in_force ON stops (tenant_id, customer_id, kind) WHERE lifted_at IS NULL;
CALL tenant_table('stops', 'SELECT, INSERT');
GRANT UPDATE (review_on, lifted_by, lifted_at, lift_reason, lift_evidence, version) ON stops TO app;

-- A flag for a customer to be careful with: why, and until when.
ALTER TABLE customers
	ADD COLUMN watch_reason text CHECK (char_length(watch_reason) BETWEEN 1 AND 500),
	ADD COLUMN watch_until date,
	ADD CONSTRAINT customers_watch CHECK ((watch_reason IS NULL) = (watch_until IS NULL));
CREATE INDEX customers_watched ON customers (tenant_id, watch_until) WHERE watch_until IS NOT NULL;

-- The last contact of a customer: what a person typed, however much the program
-- wrote since.
CREATE INDEX notes_typed ON notes (tenant_id, customer_id, seq) WHERE kind = 'note';

-- +goose Down
DROP INDEX notes_typed;
ALTER TABLE customers DROP COLUMN watch_reason, DROP COLUMN watch_until;
DROP TABLE stops, vehicles, contact_times, permissions, contact_points;
