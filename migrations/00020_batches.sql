-- +goose Up
-- The same done with many agenda entries, and what comes of putting one away.

-- When an entry was put away: a message that does not arrive after that brings it
-- back.
ALTER TABLE agenda_entries ADD COLUMN later_at timestamptz;

-- Something that is done with many entries, by a job, each in its own transaction.
CREATE TABLE batches (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	kind text NOT NULL CHECK (kind IN ('send', 'print', 'mail', 'later', 'approve')),
	until date, -- of later
	reason text NOT NULL DEFAULT '' CHECK (char_length(reason) <= 500),
	member_id bigint, -- NULL: the program, for levels that are automatic
	on_day date NOT NULL, -- of the company, on which it was started
	job_id bigint, -- that works it; jobs belong to no tenant
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	finished_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	CHECK ((kind = 'later') = (until IS NOT NULL)),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX batches_unfinished ON batches (tenant_id, id) WHERE finished_at IS NULL;
CREATE INDEX batches_of_the_program ON batches (tenant_id, on_day) WHERE member_id IS NULL;
CALL tenant_table('batches', 'SELECT, INSERT');
GRANT UPDATE (job_id, finished_at) ON batches TO app;

CREATE TABLE batch_entries (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	batch_id bigint NOT NULL,
	entry_id bigint NOT NULL,
	customer_id bigint NOT NULL,
	state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'left')),
	message_id bigint, -- that was made
	why text NOT NULL DEFAULT '' CHECK (char_length(why) <= 1000), -- it was left
	at timestamptz, -- when it was worked
	PRIMARY KEY (tenant_id, batch_id, entry_id),
	CHECK ((state = 'waiting') = (at IS NULL)),
	CHECK ((state = 'left') = (why <> '')),
	FOREIGN KEY (tenant_id, batch_id) REFERENCES batches (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id, entry_id) REFERENCES agenda_entries (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id)
);
-- an entry waits in one batch only, so that two never do the same with it
CREATE UNIQUE INDEX batch_entries_waiting ON batch_entries (tenant_id, entry_id) WHERE state = 'waiting';
CREATE INDEX batch_entries_of_batch ON batch_entries (tenant_id, batch_id, state, entry_id);
CALL tenant_table('batch_entries', 'SELECT, INSERT');
GRANT UPDATE (state, message_id, why, at) ON batch_entries TO app;
CALL branch_limited('batch_entries');

-- A call is a contact too.
DROP INDEX notes_said;
CREATE INDEX notes_said ON notes (tenant_id, customer_id, seq) WHERE kind IN ('note', 'call', 'email', 'letter', 'sms');

-- +goose Down
DROP INDEX notes_said;
CREATE INDEX notes_said ON notes (tenant_id, customer_id, seq) WHERE kind IN ('note', 'email', 'letter', 'sms');
DROP TABLE batch_entries, batches;
ALTER TABLE agenda_entries DROP COLUMN later_at;
