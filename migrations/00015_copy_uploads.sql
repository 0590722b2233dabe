-- +goose Up
-- A ZIP of copies of invoices that was brought in, and what came of each of its
-- files.
CREATE TABLE copy_uploads (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	file_name text NOT NULL CHECK (char_length(file_name) BETWEEN 1 AND 200),
	size bigint NOT NULL CHECK (size > 0), -- bytes
	taken integer NOT NULL,
	there integer NOT NULL, -- the item had the same copy already
	unknown integer NOT NULL, -- no item has the number
	refused integer NOT NULL,
	files jsonb NOT NULL, -- a line a file, in the order of the archive
	member_id bigint,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CALL record_table('copy_uploads');

-- items_numbered: the items of the tenant whose number one of the names is, as the
-- search compares them; place counts the names from 0. Row security would look at
-- every item before its key; search goes by the index, and keeps to the tenant of
-- the transaction. What a person sees of them, the policies say once they are joined.
CREATE FUNCTION items_numbered(names text[]) RETURNS TABLE (place integer, item_id bigint)
LANGUAGE sql STABLE ROWS 1000 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT n.place::integer - 1, i.id
	FROM unnest(names) WITH ORDINALITY AS n (name, place)
	JOIN public.items i ON i.tenant_id = current_setting('app.tenant_id')::bigint
		AND public.item_key(i.number) COLLATE "C" = public.item_key(n.name)
	WHERE public.item_key(n.name) <> ''
$$;
REVOKE ALL ON FUNCTION items_numbered FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO search;
ALTER FUNCTION items_numbered OWNER TO search;
REVOKE CREATE ON SCHEMA public FROM search;
GRANT EXECUTE ON FUNCTION items_numbered TO app;

-- +goose Down
DROP FUNCTION items_numbered;
DROP TABLE copy_uploads;
