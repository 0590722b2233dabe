-- +goose Up
-- What the agenda is read from, its lists and its counters, without the rows.

DROP INDEX agenda_entries_of_owner, agenda_entries_ranked;
CREATE INDEX agenda_entries_of_owner ON agenda_entries (tenant_id, owner_id, level_number DESC, due_on, id)
	INCLUDE (customer_id, later_on, opened_on, currency, to_collect) WHERE state = 'open';
CREATE INDEX agenda_entries_ranked ON agenda_entries (tenant_id, level_number DESC, due_on, id)
	INCLUDE (customer_id, later_on, currency, to_collect) WHERE state = 'open';
CREATE INDEX agenda_entries_later ON agenda_entries (tenant_id, later_on)
	INCLUDE (owner_id, customer_id) WHERE state = 'open' AND later_on IS NOT NULL;
-- Those that did not come of a level by itself are few, and looked for first.
CREATE INDEX agenda_entries_urgent ON agenda_entries (tenant_id, why)
	INCLUDE (owner_id, customer_id, later_on) WHERE state = 'open' AND why NOT IN ('level', 'repeat', 'chosen_day');

-- Whose credit covers what could be collected: it is to be applied.
CREATE INDEX customer_totals_cash ON customer_totals (tenant_id, customer_id) WHERE to_collect = 0 AND overdue > held;
-- From whom something is to be collected.
CREATE INDEX customer_totals_to_collect ON customer_totals (tenant_id, customer_id) WHERE to_collect > 0;

-- Entries are read some at a time, so the branch's policy looks up their customers
-- one by one; OFFSET 0 keeps the planner from reading all customers of the branch.
DROP POLICY branch ON agenda_entries;
CALL branch_limited('agenda_entries', 'EXISTS (SELECT FROM customers c WHERE c.tenant_id = agenda_entries.tenant_id AND c.id = agenda_entries.customer_id OFFSET 0)');

-- A walk goes through a member's day, or through the agenda.
ALTER TABLE walks ADD COLUMN list text NOT NULL DEFAULT 'day' CHECK (list IN ('day', 'agenda'));

-- +goose Down
ALTER TABLE walks DROP COLUMN list;
DROP POLICY branch ON agenda_entries;
CALL branch_limited('agenda_entries');
DROP INDEX customer_totals_to_collect, customer_totals_cash, agenda_entries_urgent, agenda_entries_later, agenda_entries_ranked, agenda_entries_of_owner;
CREATE INDEX agenda_entries_ranked ON agenda_entries (tenant_id, level_number DESC, due_on, id) WHERE state = 'open';
CREATE INDEX agenda_entries_of_owner ON agenda_entries (tenant_id, owner_id, level_number DESC, due_on, id) WHERE state = 'open';
