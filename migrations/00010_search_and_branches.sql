-- +goose Up
-- Finding a customer while one types, and collectors who see their branch only.

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- search_key: what a word or number is compared by. Case, accents, punctuation
-- and the two ways of writing an umlaut do not matter: Müller, Mueller and MULLER
-- are one. The key of a text's beginning is the beginning of its key, so that it
-- holds while one types.
CREATE FUNCTION search_key(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
	replace(replace(replace(replace(
		lower(regexp_replace(public.unaccent('public.unaccent', normalize(t, NFKC)), '[\s!-/:-@\[-`{-~‐-‧«»·]+', '', 'g')),
		'ae', 'a'), 'oe', 'o'), 'ue', 'u'), 'aa', 'a');

-- item_key is a cheaper one for the numbers of items, of which there are many.
CREATE FUNCTION item_key(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN lower(translate(t, ' -/._#:', ''));

-- item_tail: the digits at the end of a number that does not consist of digits,
-- without leading zeros: people say 90046 for INV-2026-090046.
CREATE FUNCTION item_tail(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ltrim(substring(t FROM '\D(\d+)$'), '0');

CREATE INDEX items_by_key ON items (tenant_id, item_key(number) COLLATE "C");
CREATE INDEX items_by_tail ON items (tenant_id, item_tail(number) COLLATE "C") WHERE item_tail(number) IS NOT NULL;

-- search_words_of: the words under which a value is found, by their beginning.
-- A name: each word, also where punctuation parts or joins them. A phone number:
-- from each of its digits to the end, four at least. An e-mail address: from each
-- of its parts but the last to the end. Any other number: whole, and the digits
-- at its end without leading zeros.
CREATE FUNCTION search_words_of(kind text, value text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 4 AS $$
	SELECT DISTINCT w.word
	FROM unnest(CASE
		WHEN kind IN ('name', 'person') THEN ARRAY(
			SELECT public.search_key(p)
			FROM unnest(regexp_split_to_array(value, '\s+')
				|| CASE WHEN value ~ '[!-/:-@\[-`{-~‐-‧«»·]' THEN regexp_split_to_array(value, '[\s!-/:-@\[-`{-~‐-‧«»·]+') END) p)
		WHEN kind = 'phone' THEN ARRAY(SELECT substr(value, n) FROM generate_series(2, length(value) - 3) n)
		WHEN kind = 'email' THEN ARRAY(
			SELECT public.search_key(array_to_string(p.parts[n:], ''))
			FROM regexp_split_to_array(value, '[^[:alnum:]]+') p (parts), generate_series(1, cardinality(p.parts) - 1) n)
		ELSE ARRAY[public.search_key(value), ltrim(substring(value FROM '\d+$'), '0')]
	END) w (word)
	WHERE w.word <> ''
$$;

-- What is searched, a row a value. source is the id in the table named.
CREATE VIEW searchable AS
	SELECT tenant_id, id AS customer_id, 'customers' AS of, id AS source, v.kind, v.value
	FROM customers, LATERAL (VALUES ('name', name), ('number', number)) v (kind, value)
	UNION ALL
	SELECT a.tenant_id, a.customer_id, 'accounts', a.id, 'account', a.number
	FROM accounts a
	UNION ALL
	SELECT p.tenant_id, p.customer_id, 'contact_points', p.id, v.kind, v.value
	FROM contact_points p, LATERAL (VALUES (p.kind, p.value), ('person', p.person)) v (kind, value)
	WHERE p.retired_at IS NULL
	UNION ALL
	SELECT tenant_id, customer_id, 'vehicles', id, 'registration', registration
	FROM vehicles
	WHERE retired_at IS NULL;

-- The words, for the search alone: app is granted nothing here. The primary key
-- is what a search reads, the other index serves a search for several words. No
-- foreign key: the words come from the rows themselves, by the triggers below.
CREATE TABLE search_words (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint,
	word text COLLATE "C" NOT NULL,
	customer_id bigint NOT NULL,
	kind text NOT NULL,
	of text NOT NULL,
	source bigint NOT NULL,
	PRIMARY KEY (tenant_id, word, customer_id, kind, source)
);
CREATE INDEX search_words_of_customer ON search_words (tenant_id, customer_id, word);
CALL tenant_table('search_words', '');

INSERT INTO search_words (tenant_id, word, customer_id, kind, of, source)
SELECT s.tenant_id, w.word, s.customer_id, s.kind, s.of, s.source
FROM searchable s, LATERAL search_words_of(s.kind, s.value) w (word);

-- +goose StatementBegin
-- index_words keeps the words of a table's changed rows. Its arguments: the
-- column that names the customer, and those that are searched, each with the
-- prefix n. Planned anew each time: a plan kept from one row would not do for a
-- hundred thousand.
CREATE FUNCTION index_words() RETURNS trigger
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
REVOKE ALL ON FUNCTION index_words FROM PUBLIC;

CREATE TRIGGER words_added AFTER INSERT ON customers REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('id', 'n.name, n.number');
CREATE TRIGGER words_changed AFTER UPDATE ON customers REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('id', 'n.name, n.number');
CREATE TRIGGER words_added AFTER INSERT ON accounts REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('customer_id', 'n.number, n.customer_id');
CREATE TRIGGER words_changed AFTER UPDATE ON accounts REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('customer_id', 'n.number, n.customer_id');
CREATE TRIGGER words_added AFTER INSERT ON contact_points REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('customer_id', 'n.value, n.person, n.retired_at');
CREATE TRIGGER words_changed AFTER UPDATE ON contact_points REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('customer_id', 'n.value, n.person, n.retired_at');
CREATE TRIGGER words_added AFTER INSERT ON vehicles REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('customer_id', 'n.registration, n.retired_at');
CREATE TRIGGER words_changed AFTER UPDATE ON vehicles REFERENCING OLD TABLE AS removed NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION index_words('customer_id', 'n.registration, n.retired_at');

-- A collector of a tenant that limits them sees the customers of one branch.
-- app.branches says of each transaction what it may see: all, or the branch's id.
ALTER TABLE tenants ADD COLUMN branch_limited boolean NOT NULL DEFAULT false;
GRANT UPDATE (branch_limited) ON tenants TO app;
CREATE INDEX customers_by_branch ON customers (tenant_id, branch_id);

-- +goose StatementBegin
-- branch_limited gives a table the second, restrictive policy: its rows are seen
-- where the customer they belong to is. seen says how that is found out; what
-- the sub-select finds has policies of its own. For who may see all, the first
-- half is answered once a query.
CREATE PROCEDURE branch_limited(t regclass, seen text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE POLICY branch ON %1$s AS RESTRICTIVE TO app
		USING ((SELECT current_setting(''app.branches'') = ''all'') OR %2$s)', t,
		coalesce(seen, format('EXISTS (SELECT FROM customers c WHERE c.tenant_id = %1$s.tenant_id AND c.id = %1$s.customer_id)', t)));
END $$;
-- +goose StatementEnd
CALL branch_limited('customers', 'branch_id = (SELECT nullif(current_setting(''app.branches''), ''all'')::bigint)');
CALL branch_limited('accounts');
CALL branch_limited('items');
CALL branch_limited('item_status_changes', 'EXISTS (SELECT FROM items i WHERE i.tenant_id = item_status_changes.tenant_id AND i.id = item_status_changes.item_id)');
CALL branch_limited('payments');
CALL branch_limited('applications', 'EXISTS (SELECT FROM items i WHERE i.tenant_id = applications.tenant_id AND i.id = applications.item_id)');
CALL branch_limited('customer_totals');
CALL branch_limited('note_heads');
CALL branch_limited('notes');
CALL branch_limited('note_pins');
CALL branch_limited('contact_points');
CALL branch_limited('permissions');
CALL branch_limited('contact_times');
CALL branch_limited('vehicles');
CALL branch_limited('stops');
CALL branch_limited('search_words');

GRANT SELECT (tenant_id, word, customer_id, kind, source) ON search_words TO search;
GRANT SELECT (tenant_id, id, branch_id) ON customers TO search;
GRANT SELECT (tenant_id, id, customer_id, number) ON items TO search;
CREATE POLICY search ON search_words TO search USING (true);
CREATE POLICY search ON customers TO search USING (true);
CREATE POLICY search ON items TO search USING (true);

-- +goose StatementBegin
-- search_customers: the customers that what was typed may mean, and by what they
-- were found: each of the words begins one of the customer's, or the whole begins
-- a number of theirs. A customer may be found several ways; place is better the
-- lower. No more than most a way, and no more than twenty times as many are looked
-- at; NULL: all of them. It keeps to the tenant and the branches of the transaction
-- itself, since no policy does it for search.
CREATE FUNCTION search_customers(query text, most integer)
RETURNS TABLE (customer_id bigint, kind text, source bigint, place integer)
LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
	here CONSTANT bigint := current_setting('app.tenant_id')::bigint;
	everywhere CONSTANT boolean := current_setting('app.branches') = 'all';
	branch CONSTANT bigint := nullif(current_setting('app.branches'), 'all')::bigint;
	-- above every text that goes on from a beginning
	z CONSTANT text := chr(1114111);
	typed CONSTANT text := replace(left(query, 200), '(0)', '');
	whole text := public.search_key(typed);
	item CONSTANT text := public.item_key(btrim(typed));
	tail text;
	words text[];
BEGIN
	IF length(whole) < 2 THEN
		RETURN;
	END IF;
	-- the rarest word is looked up, the others are asked for
	SELECT array_agg(w.word ORDER BY w.hits, length(w.word) DESC) INTO words
	FROM (
		SELECT t.word, (
			SELECT count(*) FROM (
				SELECT FROM public.search_words s
				WHERE s.tenant_id = here AND s.word >= t.word AND s.word < t.word || z
				LIMIT 3000) s) AS hits
		FROM (SELECT DISTINCT public.search_key(p) AS word FROM regexp_split_to_table(typed, '\s+') p LIMIT 10) t
		WHERE t.word <> '') w;
	RETURN QUERY
	SELECT w.customer_id, w.kind, w.source,
		CASE w.kind WHEN 'number' THEN 1 WHEN 'name' THEN 2 WHEN 'phone' THEN 5 WHEN 'email' THEN 5 ELSE 4 END - CASE w.word WHEN words[1] THEN 1 ELSE 0 END
	FROM (
		SELECT w.customer_id, w.kind, w.source, w.word
		FROM public.search_words w
		WHERE w.tenant_id = here AND w.word >= words[1] AND w.word < words[1] || z
			AND (w.kind <> 'phone' OR length(words[1]) >= 4)
		ORDER BY w.word
		LIMIT most * 20) w
	WHERE (everywhere OR branch = (SELECT c.branch_id FROM public.customers c WHERE c.tenant_id = here AND c.id = w.customer_id))
		AND NOT EXISTS (
			SELECT FROM unnest(words[2:]) o (word)
			WHERE NOT EXISTS (
				SELECT FROM public.search_words x
				WHERE x.tenant_id = here AND x.customer_id = w.customer_id AND x.word >= o.word AND x.word < o.word || z))
	ORDER BY w.word
	LIMIT most;

	-- numbers are typed in groups, and with zeros that nobody says
	IF whole ~ '^\d+$' THEN
		tail := ltrim(whole, '0');
	END IF;
	IF cardinality(words) > 1 OR length(tail) BETWEEN 2 AND length(whole) - 1 THEN
		RETURN QUERY
		SELECT w.customer_id, w.kind, w.source, CASE w.word WHEN o.word THEN 1 ELSE 4 END
		FROM (SELECT DISTINCT unnest(ARRAY[whole, tail])) o (word), LATERAL (
			SELECT w.customer_id, w.kind, w.source, w.word
			FROM public.search_words w
			WHERE w.tenant_id = here AND w.word >= o.word AND w.word < o.word || z
				AND (w.kind <> 'phone' OR length(o.word) >= 4)
				AND (everywhere OR branch = (SELECT c.branch_id FROM public.customers c WHERE c.tenant_id = here AND c.id = w.customer_id))
			ORDER BY w.word
			LIMIT most) w
		WHERE length(o.word) >= 2;
	END IF;

	-- items: what fits more than a thousand is no item's number
	IF length(item) >= 3 AND item ~ '\d' THEN
		RETURN QUERY
		SELECT i.customer_id, 'item', i.id, CASE i.k WHEN item THEN 2 WHEN tail THEN 3 ELSE 6 END
		FROM (
			(SELECT i.customer_id, i.id, public.item_key(i.number) AS k
			FROM public.items i
			WHERE i.tenant_id = here AND public.item_key(i.number) COLLATE "C" >= item AND public.item_key(i.number) COLLATE "C" < item || z
				AND (everywhere OR branch = (SELECT c.branch_id FROM public.customers c WHERE c.tenant_id = here AND c.id = i.customer_id))
			ORDER BY public.item_key(i.number) COLLATE "C"
			LIMIT least(most, 1000))
			UNION ALL
			(SELECT i.customer_id, i.id, public.item_tail(i.number)
			FROM public.items i
			WHERE i.tenant_id = here AND length(tail) >= 3
				AND public.item_tail(i.number) COLLATE "C" >= tail AND public.item_tail(i.number) COLLATE "C" < tail || z
				AND (everywhere OR branch = (SELECT c.branch_id FROM public.customers c WHERE c.tenant_id = here AND c.id = i.customer_id))
			ORDER BY public.item_tail(i.number) COLLATE "C"
			LIMIT least(most, 1000))) i;
	END IF;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION search_customers FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO search;
ALTER FUNCTION search_customers OWNER TO search;
REVOKE CREATE ON SCHEMA public FROM search;
GRANT EXECUTE ON FUNCTION search_customers TO app;

-- +goose Down
DROP FUNCTION search_customers;
DROP POLICY search ON items;
DROP POLICY search ON customers;
REVOKE SELECT (tenant_id, id, customer_id, number) ON items FROM search;
REVOKE SELECT (tenant_id, id, branch_id) ON customers FROM search;
DROP POLICY branch ON customers;
DROP POLICY branch ON accounts;
DROP POLICY branch ON items;
DROP POLICY branch ON item_status_changes;
DROP POLICY branch ON payments;
DROP POLICY branch ON applications;
DROP POLICY branch ON customer_totals;
DROP POLICY branch ON note_heads;
DROP POLICY branch ON notes;
DROP POLICY branch ON note_pins;
DROP POLICY branch ON contact_points;
DROP POLICY branch ON permissions;
DROP POLICY branch ON contact_times;
DROP POLICY branch ON vehicles;
DROP POLICY branch ON stops;
DROP PROCEDURE branch_limited;
DROP INDEX customers_by_branch;
ALTER TABLE tenants DROP COLUMN branch_limited;
DROP TRIGGER words_added ON customers;
DROP TRIGGER words_changed ON customers;
DROP TRIGGER words_added ON accounts;
DROP TRIGGER words_changed ON accounts;
DROP TRIGGER words_added ON contact_points;
DROP TRIGGER words_changed ON contact_points;
DROP TRIGGER words_added ON vehicles;
DROP TRIGGER words_changed ON vehicles;
DROP FUNCTION index_words;
DROP VIEW searchable;
DROP TABLE search_words;
DROP FUNCTION search_words_of;
DROP INDEX items_by_tail, items_by_key;
DROP FUNCTION item_tail, item_key, search_key;
DROP EXTENSION unaccent;
