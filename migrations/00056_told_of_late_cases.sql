-- +goose Up
-- What a manager was told of a late case ends once somebody does something about it: the
-- case knows its follow-up, as an instalment does.
ALTER TABLE cases
	ADD COLUMN follow_up_id bigint, -- put on a manager when a date had passed; NULL: none, or it was ended
	ADD FOREIGN KEY (tenant_id, follow_up_id) REFERENCES follow_ups (tenant_id, id);
GRANT UPDATE (follow_up_id) ON cases TO app;
UPDATE cases k
SET follow_up_id = (
	SELECT max(f.id)
	FROM follow_ups f
	WHERE f.tenant_id = k.tenant_id AND f.customer_id = k.customer_id AND f.author_id IS NULL AND f.ended IS NULL
		AND starts_with(f.text, 'Case ' || k.id || ', '))
WHERE k.open AND k.escalated_for IS NOT NULL;

-- +goose Down
ALTER TABLE cases DROP COLUMN follow_up_id;
