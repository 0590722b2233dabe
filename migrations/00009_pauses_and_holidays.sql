-- +goose Up
-- A paused item is not chased up to and including that day.
ALTER TABLE items
	ADD COLUMN pause_reason text CHECK (char_length(pause_reason) BETWEEN 1 AND 500),
	ADD COLUMN paused_until date,
	ADD COLUMN paused_by bigint,
	ADD CONSTRAINT items_pause CHECK ((pause_reason IS NULL) = (paused_until IS NULL)),
	ADD FOREIGN KEY (tenant_id, paused_by) REFERENCES members (tenant_id, id);
GRANT UPDATE (pause_reason, paused_until, paused_by) ON items TO app;
CREATE INDEX items_paused ON items (tenant_id, customer_id, paused_until) WHERE paused_until IS NOT NULL;

-- Why what is held may not be chased; each overdue cent stands under the first
-- of them that applies, so that they add up to it.
ALTER TABLE customer_totals
	ADD COLUMN disputed bigint NOT NULL DEFAULT 0, -- or in litigation
	ADD COLUMN paused bigint NOT NULL DEFAULT 0,
	ADD COLUMN stopped bigint NOT NULL DEFAULT 0; -- the customer is, or is archived
UPDATE customer_totals SET disputed = held WHERE held <> 0;
ALTER TABLE customer_totals ADD CONSTRAINT customer_totals_held CHECK (held = disputed + paused + stopped);

-- The tenant's own days off, used wherever a date is proposed.
CREATE TABLE holidays (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	day date NOT NULL,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	PRIMARY KEY (tenant_id, day)
);
CALL tenant_table('holidays', 'SELECT, INSERT, DELETE');

-- +goose Down
DROP TABLE holidays;
ALTER TABLE customer_totals DROP COLUMN disputed, DROP COLUMN paused, DROP COLUMN stopped;
ALTER TABLE items DROP COLUMN pause_reason, DROP COLUMN paused_until, DROP COLUMN paused_by;
