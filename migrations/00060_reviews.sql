-- +goose Up
-- The first day on which a stop or an opt-out of the customer's is to be looked at again;
-- NULL: none is in force. The day of a member finds by it what is due with the customers
-- that are the member's; to ask whose customer each review of the company is took a third
-- of its ranking.
ALTER TABLE customers ADD COLUMN review_on date;

-- +goose StatementBegin
CREATE FUNCTION first_review_of(tenant bigint, customer bigint) RETURNS date
LANGUAGE sql STABLE AS $$
	SELECT least(
		(SELECT min(s.review_on) FROM stops s WHERE s.tenant_id = tenant AND s.customer_id = customer AND s.lifted_at IS NULL),
		(SELECT min(p.review_on) FROM contact_points p WHERE p.tenant_id = tenant AND p.customer_id = customer AND p.retired_at IS NULL))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The customers are held, in their order, before their first day is looked up: of two who
-- write at once the second one sees what the first wrote.
CREATE FUNCTION keep_review_of_customer() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	changed text := 'SELECT tenant_id, customer_id FROM added WHERE review_on IS NOT NULL';
BEGIN
	IF TG_OP = 'UPDATE' THEN
		IF NOT EXISTS (SELECT FROM added WHERE review_on IS NOT NULL) AND NOT EXISTS (SELECT FROM removed WHERE review_on IS NOT NULL) THEN
			RETURN NULL;
		END IF;
		changed := format('SELECT n.tenant_id, unnest(ARRAY[n.customer_id, o.customer_id]) AS customer_id
			FROM added n
			JOIN removed o ON o.tenant_id = n.tenant_id AND o.id = n.id
			WHERE coalesce(n.review_on, o.review_on) IS NOT NULL
				AND (n.customer_id, n.review_on, n.%1$I) IS DISTINCT FROM (o.customer_id, o.review_on, o.%1$I)', TG_ARGV[0]);
	ELSIF NOT EXISTS (SELECT FROM added WHERE review_on IS NOT NULL) THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT FROM customers c WHERE (c.tenant_id, c.id) IN (%s) ORDER BY c.id FOR NO KEY UPDATE', changed);
	EXECUTE format('UPDATE customers c
		SET review_on = w.first
		FROM (
			SELECT DISTINCT w.tenant_id, w.customer_id, first_review_of(w.tenant_id, w.customer_id) AS first
			FROM (%s) w) w
		WHERE c.tenant_id = w.tenant_id AND c.id = w.customer_id AND c.review_on IS DISTINCT FROM w.first', changed);
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER review_added AFTER INSERT ON stops REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION keep_review_of_customer();
CREATE TRIGGER review_changed AFTER UPDATE ON stops REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION keep_review_of_customer('lifted_at');
CREATE TRIGGER review_added AFTER INSERT ON contact_points REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION keep_review_of_customer();
CREATE TRIGGER review_changed AFTER UPDATE ON contact_points REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION keep_review_of_customer('retired_at');
ALTER TABLE stops ENABLE ALWAYS TRIGGER review_added, ENABLE ALWAYS TRIGGER review_changed;
ALTER TABLE contact_points ENABLE ALWAYS TRIGGER review_added, ENABLE ALWAYS TRIGGER review_changed;

UPDATE customers c
SET review_on = first_review_of(c.tenant_id, c.id)
WHERE first_review_of(c.tenant_id, c.id) IS NOT NULL;

CREATE INDEX customers_to_review ON customers (tenant_id, (least(watch_until, review_on)))
	WHERE archived_at IS NULL AND least(watch_until, review_on) IS NOT NULL;

-- +goose Down
DROP TRIGGER review_changed ON contact_points;
DROP TRIGGER review_added ON contact_points;
DROP TRIGGER review_changed ON stops;
DROP TRIGGER review_added ON stops;
DROP FUNCTION keep_review_of_customer, first_review_of;
ALTER TABLE customers DROP COLUMN review_on; -- with its index
