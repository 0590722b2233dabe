-- +goose Up
-- What is said in writing: files, texts, and the messages made of them.

-- A file of any subject. Its content lies in the blob store under its key; what
-- was received stays as it was received.
CREATE TABLE documents (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint, -- NULL: the company's own, such as its logo
	subject text NOT NULL CHECK (subject IN ('customer', 'item', 'message', 'letter', 'letterhead')),
	subject_id bigint, -- NULL: the customer as a whole, or the company
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200 AND name !~ '[/\\[:cntrl:]]'),
	media_type text NOT NULL CHECK (char_length(media_type) BETWEEN 3 AND 120),
	size bigint NOT NULL CHECK (size >= 0),
	sha256 bytea NOT NULL CHECK (length(sha256) = 32),
	blob_key text NOT NULL CHECK (blob_key ~ '^[a-z0-9/_-]{1,200}$'),
	author_id bigint,
	created_at timestamptz NOT NULL DEFAULT now(),
	removed_at timestamptz, -- out of the lists; what was sent keeps it
	removed_by bigint,
	PRIMARY KEY (tenant_id, id),
	CHECK ((removed_at IS NULL) = (removed_by IS NULL)),
	CHECK (subject <> 'item' OR customer_id IS NOT NULL AND subject_id IS NOT NULL),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, removed_by) REFERENCES members (tenant_id, id)
);
CREATE INDEX documents_of_customer ON documents (tenant_id, customer_id, id DESC) WHERE removed_at IS NULL;
CREATE INDEX documents_of_subject ON documents (tenant_id, subject, subject_id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX documents_blob ON documents (tenant_id, blob_key);
CALL tenant_table('documents', 'SELECT, INSERT');
GRANT UPDATE (removed_at, removed_by) ON documents TO app;
-- the company's own are for everybody: its logo stands on each letter
CALL branch_limited('documents', 'customer_id IS NULL OR EXISTS (SELECT FROM customers c WHERE c.tenant_id = documents.tenant_id AND c.id = documents.customer_id)');

-- What stands on everything the company sends.
CREATE TABLE letterheads (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint PRIMARY KEY REFERENCES tenants,
	sender text NOT NULL DEFAULT '' CHECK (char_length(sender) <= 200),
	address text NOT NULL DEFAULT '' CHECK (char_length(address) <= 600), -- in lines
	bank text NOT NULL DEFAULT '' CHECK (char_length(bank) <= 600), -- where to pay, in lines
	phone text NOT NULL DEFAULT '' CHECK (char_length(phone) <= 60),
	reply_to text NOT NULL DEFAULT '' CHECK (char_length(reply_to) <= 254),
	footer text NOT NULL DEFAULT '' CHECK (char_length(footer) <= 600),
	logo_id bigint, -- a PNG or JPEG
	version integer NOT NULL DEFAULT 1,
	FOREIGN KEY (tenant_id, logo_id) REFERENCES documents (tenant_id, id)
);
CALL tenant_table('letterheads');

-- A text to be sent, in Liquid, by channel and in several languages.
CREATE TABLE templates (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	channel text NOT NULL CHECK (channel IN ('email', 'letter', 'sms')),
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	demands boolean NOT NULL DEFAULT false, -- asks for money
	retired_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX templates_name ON templates (tenant_id, channel, lower(name)) WHERE retired_at IS NULL;
CALL tenant_table('templates');

-- Each wording that a template ever had; the newest of a language counts.
CREATE TABLE template_texts (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	template_id bigint NOT NULL,
	language char(2) NOT NULL CHECK (language ~ '^[a-z]{2}$'),
	subject text NOT NULL DEFAULT '' CHECK (char_length(subject) <= 300),
	body text NOT NULL CHECK (char_length(body) <= 20000), -- empty: the language was taken away
	author_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, template_id, id),
	FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX template_texts_newest ON template_texts (tenant_id, template_id, language, id DESC);
CALL record_table('template_texts');

-- A message as it is sent: rendered once, and that copy is what goes out and is
-- shown. Held: no way out is set up. Unknown: it may have been accepted, which
-- only a person can find out.
CREATE TABLE messages (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint, -- NULL: to somebody of the company
	contact_point_id bigint,
	member_id bigint, -- NULL: to a customer
	channel text NOT NULL CHECK (channel IN ('email', 'letter', 'sms')),
	state text NOT NULL CHECK (state IN ('held', 'queued', 'sending', 'sent', 'failed', 'bounced', 'unknown', 'discarded')),
	address text NOT NULL CHECK (char_length(address) BETWEEN 1 AND 600), -- where it goes
	person text NOT NULL DEFAULT '' CHECK (char_length(person) <= 120),
	language char(2) NOT NULL,
	subject text NOT NULL DEFAULT '' CHECK (char_length(subject) <= 500),
	body text NOT NULL CHECK (char_length(body) <= 100000),
	sender text NOT NULL DEFAULT '' CHECK (char_length(sender) <= 200), -- as on the letterhead of that day
	reply_to text NOT NULL DEFAULT '' CHECK (char_length(reply_to) <= 254),
	-- a one-time link to set a password: it is made as the message goes out and
	-- kept nowhere, the body has a place for it
	link text NOT NULL DEFAULT '' CHECK (link IN ('', 'first', 'reset')),
	text_id bigint, -- the wording that it was made of
	reference uuid NOT NULL DEFAULT gen_random_uuid(), -- its message id; sent once under it
	demands boolean NOT NULL DEFAULT false, -- asks for money: not sent when nothing is left to collect
	override text NOT NULL DEFAULT '' CHECK (char_length(override) <= 500), -- why a manager sends it outside the hours
	job_id bigint, -- that sends it; jobs belong to no tenant
	due_at timestamptz NOT NULL DEFAULT now(), -- not before; by the database's clock, as all its moments
	attempts integer NOT NULL DEFAULT 0,
	error text NOT NULL DEFAULT '' CHECK (char_length(error) <= 1000),
	author_id bigint,
	created_at timestamptz NOT NULL DEFAULT now(),
	state_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, reference),
	CHECK (contact_point_id IS NULL OR customer_id IS NOT NULL),
	CHECK ((customer_id IS NULL) <> (member_id IS NULL)),
	CHECK (link = '' OR member_id IS NOT NULL),
	CHECK (state <> 'sent' OR sent_at IS NOT NULL),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, contact_point_id) REFERENCES contact_points (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, text_id) REFERENCES template_texts (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX messages_of_customer ON messages (tenant_id, customer_id, id DESC);
CREATE INDEX messages_not_sent ON messages (tenant_id, state, id DESC) WHERE state <> 'sent';
CALL tenant_table('messages', 'SELECT, INSERT');
GRANT UPDATE (state, job_id, due_at, attempts, error, state_at, sent_at, version) ON messages TO app;
CALL branch_limited('messages');

-- Each state that a message came into, and why.
CREATE TABLE message_events (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	message_id bigint NOT NULL,
	state text NOT NULL,
	detail text NOT NULL DEFAULT '' CHECK (char_length(detail) <= 1000),
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX message_events_of_message ON message_events (tenant_id, message_id, id);
CALL record_table('message_events');
CALL branch_limited('message_events', 'EXISTS (SELECT FROM messages m WHERE m.tenant_id = message_events.tenant_id AND m.id = message_events.message_id)');

-- The files that go with a message.
CREATE TABLE message_documents (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	message_id bigint NOT NULL,
	document_id bigint NOT NULL,
	PRIMARY KEY (tenant_id, message_id, document_id),
	FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id)
);
CALL record_table('message_documents');
CALL branch_limited('message_documents', 'EXISTS (SELECT FROM messages m WHERE m.tenant_id = message_documents.tenant_id AND m.id = message_documents.message_id)');

-- The last contact of a customer: what a person typed, or what was sent.
DROP INDEX notes_typed;
CREATE INDEX notes_said ON notes (tenant_id, customer_id, seq) WHERE kind IN ('note', 'email', 'letter', 'sms');

-- +goose Down
DROP INDEX notes_said;
CREATE INDEX notes_typed ON notes (tenant_id, customer_id, seq) WHERE kind = 'note';
DROP TABLE message_documents, message_events, messages, template_texts, templates, letterheads, documents;
