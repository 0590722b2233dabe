-- +goose Up
-- Who calls is there: an outcome may say that nobody was, and then no call that came in
-- ends so. Of the outcomes that a company began with only No answer says it; of a message
-- that was left nobody knows on whose machine.
ALTER TABLE dispositions
	ADD COLUMN nobody boolean NOT NULL DEFAULT false, -- nobody was there
	ADD CONSTRAINT dispositions_nobody CHECK (NOT (nobody AND right_party));
UPDATE dispositions SET nobody = true WHERE name = 'No answer' AND NOT right_party;

-- +goose Down
ALTER TABLE dispositions DROP COLUMN nobody;
