-- +goose Up
-- What comes in: replies, bounces, and what did not get out.

-- A message as it came in. It stays as it is; whose it turned out to be stands in
-- its entry.
CREATE TABLE received (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	channel text NOT NULL CHECK (channel IN ('email', 'sms')),
	provider_id text NOT NULL CHECK (char_length(provider_id) BETWEEN 1 AND 1000), -- taken in once under it
	kind text NOT NULL CHECK (kind IN ('reply', 'bounce', 'automatic', 'stop', 'start')),
	from_address text NOT NULL DEFAULT '' CHECK (char_length(from_address) <= 320),
	person text NOT NULL DEFAULT '' CHECK (char_length(person) <= 200),
	to_address text NOT NULL DEFAULT '' CHECK (char_length(to_address) <= 320),
	subject text NOT NULL DEFAULT '' CHECK (char_length(subject) <= 500),
	body text NOT NULL DEFAULT '' CHECK (char_length(body) <= 100000),
	customer_id bigint, -- NULL: nobody knew whose it is when it came
	contact_point_id bigint,
	message_id bigint, -- the one that it answers, or that came back
	data jsonb NOT NULL DEFAULT '{}',
	at timestamptz NOT NULL, -- when it was sent, as far as that can be believed
	taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, channel, provider_id),
	CHECK (contact_point_id IS NULL OR customer_id IS NOT NULL),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, contact_point_id) REFERENCES contact_points (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
);
CALL record_table('received');

-- What somebody has to look at: something that came in, or a message that did not
-- get out.
CREATE TABLE inbox_entries (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	kind text NOT NULL CHECK (kind IN ('reply', 'stranger', 'bounce', 'failed', 'unknown', 'answer')),
	customer_id bigint, -- NULL: nobody knows yet, or a message to somebody of the company
	contact_point_id bigint,
	received_id bigint, -- NULL: nothing came in
	message_id bigint,
	case_id bigint,
	why text NOT NULL DEFAULT '' CHECK (char_length(why) <= 1000), -- what happened, where nothing came in that says it
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	assignee_id bigint, -- NULL: the customer's owner's
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'handled')),
	outcome text NOT NULL DEFAULT '' CHECK (char_length(outcome) <= 500),
	handled_at timestamptz,
	handled_by bigint, -- NULL: the program itself
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, received_id),
	CHECK ((state = 'handled') = (handled_at IS NOT NULL)),
	CHECK (handled_by IS NULL OR handled_at IS NOT NULL),
	CHECK (num_nonnulls(received_id, message_id, case_id) > 0),
	CHECK (kind <> 'stranger' OR customer_id IS NULL),
	CHECK (contact_point_id IS NULL OR customer_id IS NOT NULL),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, contact_point_id) REFERENCES contact_points (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, received_id) REFERENCES received (tenant_id, id),
	FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
	FOREIGN KEY (tenant_id, assignee_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, handled_by) REFERENCES members (tenant_id, id)
);
CREATE INDEX inbox_entries_open ON inbox_entries (tenant_id, id DESC) WHERE state = 'open';
CREATE INDEX inbox_entries_waiting ON inbox_entries (tenant_id, customer_id, kind) WHERE state = 'open';
CREATE INDEX inbox_entries_of_customer ON inbox_entries (tenant_id, customer_id, id DESC);
-- one trouble of one message is one entry, however often it is reported
CREATE UNIQUE INDEX inbox_entries_once ON inbox_entries (tenant_id, message_id, kind)
	WHERE state = 'open' AND kind IN ('bounce', 'failed', 'unknown');
CALL tenant_table('inbox_entries', 'SELECT, INSERT');
GRANT UPDATE (kind, customer_id, contact_point_id, assignee_id, state, outcome, handled_at, handled_by, version) ON inbox_entries TO app;
-- whose customer is not known is nobody's branch's
CALL branch_limited('inbox_entries', 'customer_id IS NULL OR EXISTS (SELECT FROM customers c WHERE c.tenant_id = inbox_entries.tenant_id AND c.id = inbox_entries.customer_id)');
CALL branch_limited('received', 'EXISTS (SELECT FROM inbox_entries e WHERE e.tenant_id = received.tenant_id AND e.received_id = received.id)');

-- How far the company's mailbox was read. Written with each message that was taken.
CREATE TABLE mailbox_states (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint PRIMARY KEY REFERENCES tenants,
	mailbox text NOT NULL CHECK (char_length(mailbox) <= 1000), -- which one: another begins anew
	uid_validity bigint NOT NULL DEFAULT 0,
	last_uid bigint NOT NULL DEFAULT 0,
	taken bigint NOT NULL DEFAULT 0, -- how many were taken in from it
	read_at timestamptz, -- to its end
	error text NOT NULL DEFAULT '' CHECK (char_length(error) <= 1000), -- why it could not be read the last time
	error_at timestamptz
);
CALL tenant_table('mailbox_states');

-- A number or an address that turned out not to work.
ALTER TABLE contact_points ADD COLUMN bad_at timestamptz;
ALTER TABLE contact_points ADD COLUMN bad_why text NOT NULL DEFAULT '' CHECK (char_length(bad_why) <= 300);

-- Files that came with a message.
ALTER TABLE documents DROP CONSTRAINT documents_subject_check;
ALTER TABLE documents ADD CONSTRAINT documents_subject_check CHECK (subject IN ('customer', 'item', 'message', 'letter', 'letterhead', 'received'));
GRANT UPDATE (customer_id) ON documents TO app; -- once it is known whose they are

-- +goose Down
REVOKE UPDATE (customer_id) ON documents FROM app;
ALTER TABLE documents DROP CONSTRAINT documents_subject_check;
ALTER TABLE documents ADD CONSTRAINT documents_subject_check CHECK (subject IN ('customer', 'item', 'message', 'letter', 'letterhead'));
ALTER TABLE contact_points DROP COLUMN bad_why;
ALTER TABLE contact_points DROP COLUMN bad_at;
DROP TABLE mailbox_states;
-- the limit of received looks at the entries, and those point at received
DROP POLICY branch ON received;
DROP TABLE inbox_entries, received;
