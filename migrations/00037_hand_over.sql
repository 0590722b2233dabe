-- +goose Up
-- What one member had is given to others, whole: who gave what to whom, and what was
-- said to those who have it now.

CREATE TABLE hand_overs (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	member_id bigint, -- whose it was; NULL: of everybody who had left
	rule text NOT NULL CHECK (rule IN ('people', 'branch', 'owner')),
	note text NOT NULL DEFAULT '' CHECK (char_length(note) <= 2000), -- to those who have it now
	author_id bigint NOT NULL,
	at timestamptz NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id)
);
CALL record_table('hand_overs');

-- What each of them got, counted by kind: the work itself carries its new name.
CREATE TABLE hand_over_shares (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	hand_over_id bigint NOT NULL,
	member_id bigint NOT NULL,
	counts jsonb NOT NULL,
	read_at timestamptz, -- by the member
	PRIMARY KEY (tenant_id, hand_over_id, member_id),
	FOREIGN KEY (tenant_id, hand_over_id) REFERENCES hand_overs (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX hand_over_shares_unread ON hand_over_shares (tenant_id, member_id, hand_over_id) WHERE read_at IS NULL;
CALL tenant_table('hand_over_shares', 'SELECT, INSERT');
GRANT UPDATE (read_at) ON hand_over_shares TO app;

-- Whoever takes over is asked what came of the calls.
GRANT UPDATE (member_id) ON open_calls TO app;
CREATE INDEX promises_of_member ON promises (tenant_id, assignee_id) WHERE open;

-- +goose Down
DROP INDEX promises_of_member;
REVOKE UPDATE (member_id) ON open_calls FROM app;
DROP TABLE hand_over_shares, hand_overs;
