-- +goose Up
-- Who asks to be called on Friday at three does not ask to be called tonight: a wish
-- counts from when it was asked for. NULL: from the moment at which it was said.
ALTER TABLE contact_requests
	ADD COLUMN not_before timestamptz,
	ADD CHECK (not_before < until);

-- +goose Down
ALTER TABLE contact_requests DROP COLUMN not_before;
