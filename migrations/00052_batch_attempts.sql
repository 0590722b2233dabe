-- +goose Up
-- An entry whose turn fails again and again is left out in the end.
ALTER TABLE batch_entries ADD COLUMN attempts smallint NOT NULL DEFAULT 0; -- that failed
GRANT UPDATE (attempts) ON batch_entries TO app;

-- +goose Down
ALTER TABLE batch_entries DROP COLUMN attempts;
