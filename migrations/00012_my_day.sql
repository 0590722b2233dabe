-- +goose Up
-- What the list of a member's day is read from: by member and day, not by customer.

-- The day is ranked from the index alone, without reading the rows.
DROP INDEX follow_ups_of_member;
CREATE INDEX follow_ups_of_member ON follow_ups (tenant_id, assignee_id, due_on, due_at, id) INCLUDE (customer_id) WHERE ended IS NULL;
CREATE INDEX customers_archived ON customers (tenant_id, id) WHERE archived_at IS NOT NULL;

-- Follow-ups are read some at a time, so the branch's policy looks up their
-- customers one by one. OFFSET 0 keeps the planner from reading all customers of
-- the branch first, which would take 20 ms however few the follow-ups are.
DROP POLICY branch ON follow_ups;
CALL branch_limited('follow_ups', 'EXISTS (SELECT FROM customers c WHERE c.tenant_id = follow_ups.tenant_id AND c.id = follow_ups.customer_id OFFSET 0)');

-- The first day on which an opt-out of the contact point is to be reviewed; NULL:
-- none is in force. What was said is append-only, so that what counts of it cannot
-- be told by an index: each review would leave one more row to be passed over.
ALTER TABLE contact_points ADD COLUMN review_on date;

-- +goose StatementBegin
CREATE FUNCTION first_review(tenant bigint, customer bigint, point bigint) RETURNS date
LANGUAGE sql STABLE AS $$
	SELECT min(l.review_on)
	FROM (
		SELECT DISTINCT ON (s.channel) s.state, s.review_on
		FROM permissions s
		WHERE s.tenant_id = tenant AND s.customer_id = customer AND s.contact_point_id = point
		ORDER BY s.channel, s.id DESC) l
	WHERE l.state = 'opt_out'
$$;
-- +goose StatementEnd
UPDATE contact_points p
SET review_on = first_review(p.tenant_id, p.customer_id, p.id)
WHERE EXISTS (SELECT FROM permissions s WHERE s.tenant_id = p.tenant_id AND s.customer_id = p.customer_id AND s.contact_point_id = p.id);

-- +goose StatementBegin
CREATE FUNCTION keep_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE contact_points p
	SET review_on = first_review(p.tenant_id, p.customer_id, p.id)
	FROM (SELECT DISTINCT tenant_id, contact_point_id FROM added) n
	WHERE p.tenant_id = n.tenant_id AND p.id = n.contact_point_id;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER review AFTER INSERT ON permissions REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION keep_review();

DROP INDEX permissions_to_review;
CREATE INDEX contact_points_to_review ON contact_points (tenant_id, review_on) INCLUDE (customer_id)
	WHERE review_on IS NOT NULL AND retired_at IS NULL;

-- What came in lately: money, and follow-ups that others planned for a member.
CREATE INDEX payments_recorded ON payments (tenant_id, created_at);
CREATE INDEX follow_ups_given ON follow_ups (tenant_id, assignee_id, created_at) WHERE ended IS NULL AND author_id <> assignee_id;

-- +goose Down
DROP INDEX follow_ups_given, payments_recorded, contact_points_to_review;
CREATE INDEX permissions_to_review ON permissions (tenant_id, review_on) WHERE state = 'opt_out';
DROP TRIGGER review ON permissions;
DROP FUNCTION keep_review, first_review;
ALTER TABLE contact_points DROP COLUMN review_on;
DROP POLICY branch ON follow_ups;
CALL branch_limited('follow_ups');
DROP INDEX customers_archived, follow_ups_of_member;
CREATE INDEX follow_ups_of_member ON follow_ups (tenant_id, assignee_id, due_on, due_at, id) WHERE ended IS NULL;
