-- +goose Up
-- How every later table is protected, said once.

-- +goose StatementBegin
-- tenant_table gives a table of tenants its row security: app sees its own
-- tenant's rows and no others, the owner sees all of them, so that migrations
-- and dumps work. The setting is read without "missing is fine": a query that
-- forgot its tenant fails instead of finding nothing.
CREATE PROCEDURE tenant_table(t regclass, grants text DEFAULT 'SELECT, INSERT, UPDATE', key text DEFAULT 'tenant_id')
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

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
		USING ERRCODE = 'restrict_violation', HINT = 'Add a new row that corrects the old one.';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
-- record_table protects a table whose rows nobody may ever change or remove:
-- app may read and add, and a trigger refuses the rest to everyone, the owner
-- and cascades included. It fires for the statement, so also where no row
-- matches, and ALWAYS, so also where replication's role would skip triggers.
CREATE PROCEDURE record_table(t regclass)
LANGUAGE plpgsql AS $$
BEGIN
	CALL tenant_table(t, 'SELECT, INSERT');
	EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
		FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t);
	EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', t);
END $$;
-- +goose StatementEnd

-- +goose Down
DROP PROCEDURE record_table;
DROP FUNCTION refuse_change;
DROP PROCEDURE tenant_table;
