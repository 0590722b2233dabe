-- +goose Up
-- An entry whose turn fails again and again is left out in the end. That it failed is
-- progress too: the job that works the list is alive.
ALTER TABLE batch_entries
	ADD COLUMN attempts smallint NOT NULL DEFAULT 0, -- that failed
	ADD COLUMN tried_at timestamptz; -- when the last of them did
GRANT UPDATE (attempts, tried_at) ON batch_entries TO app;
ALTER TABLE statement_run_customers ADD COLUMN tried_at timestamptz;
GRANT UPDATE (tried_at) ON statement_run_customers TO app;

-- +goose Down
ALTER TABLE statement_run_customers DROP COLUMN tried_at;
ALTER TABLE batch_entries DROP COLUMN tried_at, DROP COLUMN attempts;
