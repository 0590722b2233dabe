-- +goose Up
-- What is done from a customer's Collections tab: calls whose outcome is asked for
-- until it is given, and what the panel of a call has.

-- What an outcome asks for besides the text. A promise is made by who was spoken to.
ALTER TABLE dispositions
	ADD COLUMN opens text NOT NULL DEFAULT '' CHECK (opens IN ('', 'promise', 'call_back', 'copies', 'dispute')),
	ADD CHECK (opens <> 'promise' OR conversation);
UPDATE dispositions
SET opens = CASE name WHEN 'Spoke: will pay' THEN 'promise' WHEN 'Spoke: disputes' THEN 'dispute'
	WHEN 'Asked to be called back' THEN 'call_back' ELSE 'copies' END
WHERE name IN ('Spoke: disputes', 'Asked to be called back', 'Asked for copies') OR name = 'Spoke: will pay' AND conversation;

-- What is said on the telephone, by whom it is said to. A company that has none of its
-- own says what the program has.
CREATE TABLE call_scripts (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	kind text NOT NULL CHECK (kind IN ('business', 'consumer')),
	identity text NOT NULL CHECK (char_length(identity) <= 1000), -- how one makes sure whom one speaks to
	text text NOT NULL CHECK (char_length(text) <= 4000),
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, kind)
);
CALL tenant_table('call_scripts');

-- A call has one outcome.
CREATE UNIQUE INDEX call_events_one_outcome ON call_events (tenant_id, call_attempt_id) WHERE kind = 'outcome';

-- The calls of which nobody has said yet what came of them.
CREATE TABLE open_calls (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	customer_id bigint NOT NULL,
	call_attempt_id bigint NOT NULL,
	member_id bigint NOT NULL, -- who is asked
	at timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, call_attempt_id),
	FOREIGN KEY (tenant_id, customer_id, call_attempt_id) REFERENCES call_attempts (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX open_calls_of_customer ON open_calls (tenant_id, customer_id);
CREATE INDEX open_calls_of_member ON open_calls (tenant_id, member_id, at);
CALL tenant_table('open_calls', 'SELECT, INSERT, DELETE');
CALL branch_limited('open_calls');

-- A wish to be called that is on somebody's list already has its follow-up; the
-- others come up by themselves.
ALTER TABLE contact_requests
	ADD COLUMN follow_up_id bigint,
	ADD FOREIGN KEY (tenant_id, follow_up_id) REFERENCES follow_ups (tenant_id, id);
CREATE INDEX contact_requests_to_call ON contact_requests (tenant_id, until) WHERE channel = 'call' AND follow_up_id IS NULL;

-- A conversation that was no call is a contact too.
DROP INDEX notes_said;
CREATE INDEX notes_said ON notes (tenant_id, customer_id, seq) WHERE kind IN ('note', 'call', 'activity', 'email', 'letter', 'sms');

-- +goose Down
DROP INDEX notes_said;
CREATE INDEX notes_said ON notes (tenant_id, customer_id, seq) WHERE kind IN ('note', 'call', 'email', 'letter', 'sms');
DROP INDEX contact_requests_to_call;
ALTER TABLE contact_requests DROP COLUMN follow_up_id;
DROP TABLE open_calls;
DROP INDEX call_events_one_outcome;
DROP TABLE call_scripts;
ALTER TABLE dispositions DROP COLUMN opens;
