-- +goose Up
-- Calls that the telephone system places: where it reaches the member who calls, and
-- what it says of each of the two ends.

ALTER TABLE members ADD COLUMN phone text NOT NULL DEFAULT '' CHECK (phone = '' OR phone ~ '^\+[1-9][0-9]{5,14}$');

-- Which end an event is about: the member who is rung first, or the customer. What
-- is about the call as a whole is about neither.
ALTER TABLE call_events ADD COLUMN leg text NOT NULL DEFAULT '' CHECK (leg IN ('', 'member', 'customer'));

-- The telephone system says a thing again when it likes, and in any order: each is
-- kept once. Of two programs that dial, one does.
CREATE UNIQUE INDEX call_events_said_once ON call_events (tenant_id, call_attempt_id, kind, leg) WHERE kind <> 'outcome';

-- What was handed to the telephone system and may have been lost on the way.
CREATE INDEX call_events_asked ON call_events (tenant_id, at) WHERE kind = 'asked';

-- +goose Down
DROP INDEX call_events_asked, call_events_said_once;
ALTER TABLE call_events DROP COLUMN leg;
ALTER TABLE members DROP COLUMN phone;
