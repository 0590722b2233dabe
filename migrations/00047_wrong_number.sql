-- +goose Up
-- A number that is not the debtor's is called by nobody again: an outcome of a call may
-- ask whether it is taken out of use.
ALTER TABLE dispositions
	DROP CONSTRAINT dispositions_opens_check,
	ADD CONSTRAINT dispositions_opens_check CHECK (opens IN ('', 'promise', 'call_back', 'copies', 'dispute', 'wrong_number')),
	ADD CONSTRAINT dispositions_wrong_number CHECK (opens <> 'wrong_number' OR NOT right_party);
UPDATE dispositions SET opens = 'wrong_number' WHERE name = 'Wrong number' AND opens = '' AND NOT right_party;

-- +goose Down
UPDATE dispositions SET opens = '' WHERE opens = 'wrong_number';
ALTER TABLE dispositions
	DROP CONSTRAINT dispositions_wrong_number,
	DROP CONSTRAINT dispositions_opens_check,
	ADD CONSTRAINT dispositions_opens_check CHECK (opens IN ('', 'promise', 'call_back', 'copies', 'dispute'));
