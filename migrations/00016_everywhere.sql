-- +goose Up
-- everywhere: whether this connection is for people who see all branches. That is
-- said when the connection is made and never changes, so the function may call
-- itself immutable; then it is answered when a statement is planned, and the plans
-- of such a connection do without the branch limit: it was a quarter of the time
-- that the database took for a page. On other connections nothing has changed.
CREATE FUNCTION everywhere() RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT current_setting('app.everywhere', true) IS NOT DISTINCT FROM 'on' $$;

-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE branch_limited(t regclass, seen text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE POLICY branch ON %1$s AS RESTRICTIVE TO app
		USING (everywhere() OR (SELECT current_setting(''app.branches'') = ''all'') OR %2$s)', t,
		coalesce(seen, format('EXISTS (SELECT FROM customers c WHERE c.tenant_id = %1$s.tenant_id AND c.id = %1$s.customer_id)', t)));
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
DECLARE
	p record;
BEGIN
	FOR p IN SELECT polrelid::regclass AS t, pg_get_expr(polqual, polrelid) AS seen FROM pg_policy WHERE polname = 'branch' LOOP
		EXECUTE format('ALTER POLICY branch ON %s USING (everywhere() OR %s)', p.t, p.seen);
	END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE
	p record;
BEGIN
	FOR p IN SELECT polrelid::regclass AS t, pg_get_expr(polqual, polrelid) AS seen FROM pg_policy WHERE polname = 'branch' LOOP
		EXECUTE format('ALTER POLICY branch ON %s USING (%s)', p.t, regexp_replace(p.seen, '^\(everywhere\(\) OR (.*)\)$', '\1'));
	END LOOP;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE branch_limited(t regclass, seen text DEFAULT NULL)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE POLICY branch ON %1$s AS RESTRICTIVE TO app
		USING ((SELECT current_setting(''app.branches'') = ''all'') OR %2$s)', t,
		coalesce(seen, format('EXISTS (SELECT FROM customers c WHERE c.tenant_id = %1$s.tenant_id AND c.id = %1$s.customer_id)', t)));
END $$;
-- +goose StatementEnd
DROP FUNCTION everywhere;
