-- +goose Up
-- +goose StatementBegin
-- index_words keeps the words of a table's changed rows. Its arguments: the column that
-- names the customer, and those that are searched, each with the prefix n. Planned anew
-- each time: a plan kept from one row would not do for a hundred thousand. Those of a few
-- rows are looked up row by row: joined, all customers of all companies were read for
-- each one that changed.
CREATE OR REPLACE FUNCTION index_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	changed text := 'SELECT n.tenant_id, n.id FROM added n';
	theirs text := 's.tenant_id = c.tenant_id AND s.of = %L AND s.source = c.id';
	found boolean;
BEGIN
	IF TG_OP = 'UPDATE' THEN
		changed := format('SELECT o.tenant_id, o.id, o.%I AS customer_id FROM removed o JOIN added n USING (tenant_id, id)
			WHERE ROW(%s) IS DISTINCT FROM ROW(%s)', TG_ARGV[0], replace(TG_ARGV[1], 'n.', 'o.'), TG_ARGV[1]);
		EXECUTE format('SELECT EXISTS (%s)', changed) INTO found;
		IF NOT found THEN
			RETURN NULL;
		END IF;
		EXECUTE format('DELETE FROM search_words w USING (%s) c
			WHERE w.tenant_id = c.tenant_id AND w.customer_id = c.customer_id AND w.of = %L AND w.source = c.id', changed, TG_TABLE_NAME);
	END IF;
	IF (SELECT count(*) FROM (SELECT FROM added LIMIT 1001) a) <= 1000 THEN
		theirs := 'CROSS JOIN LATERAL (SELECT s.* FROM searchable s WHERE ' || theirs || ' OFFSET 0) s';
	ELSE
		theirs := 'JOIN searchable s ON ' || theirs;
	END IF;
	EXECUTE format('INSERT INTO search_words (tenant_id, word, customer_id, kind, of, source)
		SELECT s.tenant_id, w.word, s.customer_id, s.kind, s.of, s.source
		FROM (%s) c ' || theirs || ',
		LATERAL search_words_of(s.kind, s.value) w (word)', changed, TG_TABLE_NAME);
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION index_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	changed text := 'SELECT n.tenant_id, n.id FROM added n';
BEGIN
	IF TG_OP = 'UPDATE' THEN
		changed := format('SELECT o.tenant_id, o.id, o.%I AS customer_id FROM removed o JOIN added n USING (tenant_id, id)
			WHERE ROW(%s) IS DISTINCT FROM ROW(%s)', TG_ARGV[0], replace(TG_ARGV[1], 'n.', 'o.'), TG_ARGV[1]);
		EXECUTE format('DELETE FROM search_words w USING (%s) c
			WHERE w.tenant_id = c.tenant_id AND w.customer_id = c.customer_id AND w.of = %L AND w.source = c.id', changed, TG_TABLE_NAME);
	END IF;
	EXECUTE format('INSERT INTO search_words (tenant_id, word, customer_id, kind, of, source)
		SELECT s.tenant_id, w.word, s.customer_id, s.kind, s.of, s.source
		FROM (%s) c
		JOIN searchable s ON s.tenant_id = c.tenant_id AND s.of = %L AND s.source = c.id,
		LATERAL search_words_of(s.kind, s.value) w (word)', changed, TG_TABLE_NAME);
	RETURN NULL;
END $$;
-- +goose StatementEnd
