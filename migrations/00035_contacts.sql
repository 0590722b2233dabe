-- +goose Up
-- Conversations with customers, typed, each with what follows it: the chains of
-- contacts and the lists that they choose from.

CREATE TABLE contact_groups (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
	position integer NOT NULL DEFAULT 0,
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX contact_groups_name ON contact_groups (tenant_id, lower(name)) WHERE retired_at IS NULL;
CALL tenant_table('contact_groups');

-- What a contact is, by its code, and what is to be done after it.
CREATE TABLE contact_types (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	group_id bigint NOT NULL,
	code text NOT NULL CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{0,11}$'),
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
	action text NOT NULL DEFAULT '' CHECK (char_length(action) <= 200), -- whether more is to be done, and what
	conversation boolean NOT NULL DEFAULT false, -- the debt was spoken about with who owes it: an action of the customer's entry
	next_type_id bigint, -- proposed for the follow-up; NULL: the same again
	next_delay_days smallint CHECK (next_delay_days BETWEEN 0 AND 365), -- days of work until the follow-up; NULL: no date is proposed
	position integer NOT NULL DEFAULT 0, -- within its group
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, group_id) REFERENCES contact_groups (tenant_id, id),
	FOREIGN KEY (tenant_id, next_type_id) REFERENCES contact_types (tenant_id, id)
);
CREATE UNIQUE INDEX contact_types_code ON contact_types (tenant_id, code) WHERE retired_at IS NULL;
CALL tenant_table('contact_types');

-- Where a contact came from.
CREATE TABLE contact_origins (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
	position integer NOT NULL DEFAULT 0,
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX contact_origins_name ON contact_origins (tenant_id, lower(name)) WHERE retired_at IS NULL;
CALL tenant_table('contact_origins');

-- How important a contact is. The place in the list is the rank: the first is the
-- most important.
CREATE TABLE contact_strengths (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
	position integer NOT NULL DEFAULT 0,
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX contact_strengths_name ON contact_strengths (tenant_id, lower(name)) WHERE retired_at IS NULL;
CALL tenant_table('contact_strengths');

-- A contact is open, and stands in its assignee's diary, until the next one of its
-- chain follows it or somebody closes it. It keeps code, name and action of its type
-- as they were; its day and hour are the tenant's wall clock.
CREATE TABLE contacts (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	department_id bigint,
	type_id bigint NOT NULL,
	code text NOT NULL,
	type_name text NOT NULL,
	action text NOT NULL,
	description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 2000),
	executive_id bigint NOT NULL, -- who made it
	branch_id bigint, -- the executive's then
	origin_id bigint,
	strength_id bigint,
	vehicle_id bigint,
	assignee_id bigint NOT NULL, -- who follows it up
	due_on date, -- NULL: no date yet
	due_at time(0) CHECK (extract(second FROM due_at) = 0), -- NULL: any time of the day
	next_type_id bigint, -- what the follow-up is to be; NULL: nobody has said
	next_id bigint, -- the contact that followed it
	first_id bigint, -- the first one of its chain; NULL: it is that itself
	attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0), -- failed ones in a row
	author_id bigint,
	created_at timestamptz NOT NULL DEFAULT now(),
	ended text CHECK (ended IN ('followed', 'closed')),
	ended_at timestamptz,
	ended_by bigint,
	closing text NOT NULL DEFAULT '' CHECK (char_length(closing) <= 2000), -- what came of it
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, id),
	CHECK (due_at IS NULL OR due_on IS NOT NULL),
	CHECK ((ended IS NOT DISTINCT FROM 'followed') = (next_id IS NOT NULL)),
	CHECK (next_id > id AND first_id < id), -- a chain runs on, never in a circle
	CHECK ((ended IS NULL) = (ended_at IS NULL)),
	CHECK (ended IS NOT NULL OR ended_by IS NULL),
	-- only the program itself closes without saying why
	CHECK (CASE WHEN ended IS NOT DISTINCT FROM 'closed' THEN ended_by IS NULL OR closing <> '' ELSE closing = '' END),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
	FOREIGN KEY (tenant_id, type_id) REFERENCES contact_types (tenant_id, id),
	FOREIGN KEY (tenant_id, executive_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, branch_id) REFERENCES branches (tenant_id, id),
	FOREIGN KEY (tenant_id, origin_id) REFERENCES contact_origins (tenant_id, id),
	FOREIGN KEY (tenant_id, strength_id) REFERENCES contact_strengths (tenant_id, id),
	FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
	FOREIGN KEY (tenant_id, assignee_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, next_type_id) REFERENCES contact_types (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, next_id) REFERENCES contacts (tenant_id, customer_id, id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (tenant_id, customer_id, first_id) REFERENCES contacts (tenant_id, customer_id, id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, ended_by) REFERENCES members (tenant_id, id)
);
CREATE INDEX contacts_of_member ON contacts (tenant_id, assignee_id, due_on, due_at, id) INCLUDE (customer_id) WHERE ended IS NULL;
CREATE INDEX contacts_of_customer ON contacts (tenant_id, customer_id, id DESC);
CREATE INDEX contacts_of_chain ON contacts (tenant_id, first_id) WHERE first_id IS NOT NULL;
-- one contact is followed by one, and follows one
CREATE UNIQUE INDEX contacts_next ON contacts (tenant_id, next_id) WHERE next_id IS NOT NULL;
-- how often each is used, for those who set the lists up
CREATE INDEX contacts_of_type ON contacts (tenant_id, type_id);
CREATE INDEX contacts_of_origin ON contacts (tenant_id, origin_id) WHERE origin_id IS NOT NULL;
CREATE INDEX contacts_of_strength ON contacts (tenant_id, strength_id) WHERE strength_id IS NOT NULL;
CALL tenant_table('contacts', 'SELECT, INSERT');
GRANT UPDATE (department_id, type_id, code, type_name, action, description, executive_id, branch_id, origin_id, strength_id, vehicle_id,
	assignee_id, due_on, due_at, next_type_id, next_id, attempts, ended, ended_at, ended_by, closing, version) ON contacts TO app;
CALL branch_limited('contacts');

-- Branches and departments stand in an order too; 0: by the names.
ALTER TABLE branches ADD COLUMN position integer NOT NULL DEFAULT 0;
ALTER TABLE departments ADD COLUMN position integer NOT NULL DEFAULT 0;

-- A contact is something that was said.
DROP INDEX notes_said;
CREATE INDEX notes_said ON notes (tenant_id, customer_id, seq) WHERE kind IN ('note', 'call', 'activity', 'contact', 'email', 'letter', 'sms');

-- +goose Down
ALTER TABLE departments DROP COLUMN position;
ALTER TABLE branches DROP COLUMN position;
DROP INDEX notes_said;
CREATE INDEX notes_said ON notes (tenant_id, customer_id, seq) WHERE kind IN ('note', 'call', 'activity', 'email', 'letter', 'sms');
DROP TABLE contacts, contact_strengths, contact_origins, contact_types, contact_groups;
