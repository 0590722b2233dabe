-- +goose Up
-- The policies of tenants compare with the setting itself. As a sub-select it was a
-- plan of its own for each table of a statement, to be set up each time: a third of
-- what the database had to do for a page. Statements name their tenant besides, so
-- that the two are compared once and never row by row.

-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE tenant_table(t regclass, grants text DEFAULT 'SELECT, INSERT, UPDATE', key text DEFAULT 'tenant_id')
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
	EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
	EXECUTE format('CREATE POLICY tenant ON %s TO app USING (%I = current_setting(''app.tenant_id'')::bigint)', t, key);
	EXECUTE format('CREATE POLICY migrate ON %s TO owner USING (true)', t);
	IF grants <> '' THEN
		EXECUTE format('GRANT %s ON %s TO app', grants, t);
	END IF;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE
	t regclass;
BEGIN
	FOR t IN SELECT polrelid FROM pg_policy WHERE polname = 'tenant' LOOP
		EXECUTE format('ALTER POLICY tenant ON %s USING (%I = current_setting(''app.tenant_id'')::bigint)', t,
			CASE t WHEN 'tenants'::regclass THEN 'id' ELSE 'tenant_id' END);
	END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE
	t regclass;
BEGIN
	FOR t IN SELECT polrelid FROM pg_policy WHERE polname = 'tenant' LOOP
		EXECUTE format('ALTER POLICY tenant ON %s USING (%I = (SELECT current_setting(''app.tenant_id'')::bigint))', t,
			CASE t WHEN 'tenants'::regclass THEN 'id' ELSE 'tenant_id' END);
	END LOOP;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE tenant_table(t regclass, grants text DEFAULT 'SELECT, INSERT, UPDATE', key text DEFAULT 'tenant_id')
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
	EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
	EXECUTE format('CREATE POLICY tenant ON %s TO app USING (%I = (SELECT current_setting(''app.tenant_id'')::bigint))', t, key);
	EXECUTE format('CREATE POLICY migrate ON %s TO owner USING (true)', t);
	IF grants <> '' THEN
		EXECUTE format('GRANT %s ON %s TO app', grants, t);
	END IF;
END $$;
-- +goose StatementEnd
