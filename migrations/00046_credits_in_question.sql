-- +goose Up
-- A credit note may have been for what is in question, or for something else: only a
-- person knows, and is asked. What was applied to the item up to here is answered: the
-- newest application of which whoever gave the amount could know.
ALTER TABLE case_items ADD COLUMN credits_to bigint NOT NULL DEFAULT 0;
UPDATE case_items q
SET credits_to = a.id
FROM (
	SELECT q.tenant_id, q.id AS case_item_id, max(a.id) AS id
	FROM case_items q
	JOIN applications a ON a.tenant_id = q.tenant_id AND a.item_id = q.item_id AND a.made_at <= q.joined_at
	WHERE q.open AND q.amount IS NOT NULL
	GROUP BY q.tenant_id, q.id) a
WHERE q.tenant_id = a.tenant_id AND q.id = a.case_item_id;
GRANT UPDATE (credits_to) ON case_items TO app;

-- +goose Down
ALTER TABLE case_items DROP COLUMN credits_to;
