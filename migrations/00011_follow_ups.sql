-- +goose Up
-- What must not be forgotten about a customer, and the walk through a day's list.

-- The texts that people pick instead of typing them.
CREATE TABLE standard_follow_ups (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
	text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 1000), -- Liquid
	position integer NOT NULL CHECK (position > 0), -- its place in the list; two of one place go by name
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX standard_follow_ups_name ON standard_follow_ups (tenant_id, lower(name)) WHERE retired_at IS NULL;
CALL tenant_table('standard_follow_ups');

-- A dated reminder on a customer. It is active until it ends, done or deleted;
-- the row stays. Day and hour are the tenant's wall clock.
CREATE TABLE follow_ups (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	assignee_id bigint NOT NULL,
	due_on date NOT NULL,
	due_at time(0) CHECK (extract(second FROM due_at) = 0), -- NULL: any time of the day
	text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 2000),
	standard_id bigint, -- the standard text that was picked
	in_notes boolean NOT NULL DEFAULT false, -- its text was copied into the journal, where it stays
	author_id bigint,
	created_at timestamptz NOT NULL DEFAULT now(),
	ended text CHECK (ended IN ('done', 'deleted')),
	ended_at timestamptz,
	ended_by bigint,
	outcome text NOT NULL DEFAULT '' CHECK (char_length(outcome) <= 1000), -- what came of it
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	CHECK ((ended IS NULL) = (ended_at IS NULL) AND (ended IS NOT NULL OR ended_by IS NULL)),
	CHECK (ended IS NOT DISTINCT FROM 'done' OR outcome = ''),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, assignee_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, standard_id) REFERENCES standard_follow_ups (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, ended_by) REFERENCES members (tenant_id, id)
);
CREATE INDEX follow_ups_active ON follow_ups (tenant_id, customer_id, due_on, due_at, id) WHERE ended IS NULL;
CREATE INDEX follow_ups_ended ON follow_ups (tenant_id, customer_id, ended, ended_at DESC, id DESC) WHERE ended IS NOT NULL;
CREATE INDEX follow_ups_of_member ON follow_ups (tenant_id, assignee_id, due_on, due_at, id) WHERE ended IS NULL;
CREATE INDEX follow_ups_of_standard ON follow_ups (tenant_id, standard_id) WHERE standard_id IS NOT NULL;
CALL tenant_table('follow_ups', 'SELECT, INSERT');
GRANT UPDATE (assignee_id, due_on, due_at, text, ended, ended_at, ended_by, outcome, version) ON follow_ups TO app;
CALL branch_limited('follow_ups');

-- The list that a member is walking, one customer after the other, in the order
-- in which it stood when they started. A new start replaces it.
CREATE TABLE walks (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	member_id bigint NOT NULL,
	customers bigint[] NOT NULL CHECK (cardinality(customers) > 0),
	day date NOT NULL, -- whose list it is; it is over with the day
	whose bigint, -- the member whose day it is; NULL: what has no owner
	begun_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, member_id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, whose) REFERENCES members (tenant_id, id)
);
CALL tenant_table('walks', 'SELECT, INSERT, UPDATE, DELETE');

-- The reviews of stops and opt-outs that are due, for the day of the customer's owner.
CREATE INDEX stops_to_review ON stops (tenant_id, review_on) WHERE lifted_at IS NULL;
CREATE INDEX permissions_to_review ON permissions (tenant_id, review_on) WHERE state = 'opt_out';

-- +goose Down
DROP INDEX permissions_to_review, stops_to_review;
DROP TABLE walks, follow_ups, standard_follow_ups;
