-- +goose Up
-- Customers by a tag.

GRANT SELECT (tags) ON customers TO search;

-- tagged_customers: those of the transaction's tenant and branches that have the
-- tag. Under row security the index on tags cannot be used, for search it can.
CREATE FUNCTION tagged_customers(wanted text) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 1000 SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT c.id
	FROM public.customers c
	WHERE c.tenant_id = current_setting('app.tenant_id')::bigint AND c.tags @> ARRAY[wanted]
		AND (current_setting('app.branches') = 'all' OR c.branch_id = nullif(current_setting('app.branches'), 'all')::bigint)
$$;
REVOKE ALL ON FUNCTION tagged_customers FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO search;
ALTER FUNCTION tagged_customers OWNER TO search;
REVOKE CREATE ON SCHEMA public FROM search;
GRANT EXECUTE ON FUNCTION tagged_customers TO app;

-- +goose Down
DROP FUNCTION tagged_customers;
REVOKE SELECT (tags) ON customers FROM search;
