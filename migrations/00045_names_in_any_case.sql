-- +goose Up
-- Oslo and oslo are one branch to whoever chooses from a list: names of branches,
-- departments and statuses differ by more than capitals. Of those that do not, the
-- later ones get a number, those out of use first, and the audit record says so. The
-- index is called what the constraint was, so that a name that is taken is refused as
-- before.
-- +goose StatementBegin
DO $$
DECLARE
	tab text;
	twin record;
	n integer;
	free text;
	taken boolean;
BEGIN
	FOREACH tab IN ARRAY ARRAY['branches', 'departments', 'item_statuses'] LOOP
		EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', tab, tab || '_tenant_id_name_key');
		FOR twin IN EXECUTE format('
			SELECT x.tenant_id, x.id, x.name
			FROM (SELECT t.*, row_number() OVER (PARTITION BY t.tenant_id, lower(t.name) ORDER BY t.retired_at IS NOT NULL, t.id) AS nth FROM %I t) x
			WHERE x.nth > 1
			ORDER BY x.id', tab) LOOP
			n := 1;
			LOOP
				n := n + 1;
				-- A status has at most 60 characters, the others have 120.
				free := left(twin.name, CASE tab WHEN 'item_statuses' THEN 50 ELSE 110 END) || ' (' || n || ')';
				EXECUTE format('SELECT EXISTS (SELECT FROM %I t WHERE t.tenant_id = $1 AND lower(t.name) = lower($2))', tab)
					INTO taken USING twin.tenant_id, free;
				EXIT WHEN NOT taken;
			END LOOP;
			EXECUTE format('UPDATE %I SET name = $1 WHERE tenant_id = $2 AND id = $3', tab) USING free, twin.tenant_id, twin.id;
			INSERT INTO audit_events (tenant_id, kind, subject, subject_id, data)
			VALUES (twin.tenant_id, CASE tab WHEN 'branches' THEN 'branch.renamed' WHEN 'departments' THEN 'department.renamed' ELSE 'item_status.saved' END,
				CASE tab WHEN 'branches' THEN 'branch' WHEN 'departments' THEN 'department' ELSE 'item_status' END, twin.id,
				jsonb_build_object('before', jsonb_build_object('name', twin.name), 'after', jsonb_build_object('name', free)));
		END LOOP;
		EXECUTE format('CREATE UNIQUE INDEX %I ON %I (tenant_id, lower(name))', tab || '_tenant_id_name_key', tab);
	END LOOP;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP INDEX branches_tenant_id_name_key, departments_tenant_id_name_key, item_statuses_tenant_id_name_key;
ALTER TABLE branches ADD UNIQUE (tenant_id, name);
ALTER TABLE departments ADD UNIQUE (tenant_id, name);
ALTER TABLE item_statuses ADD UNIQUE (tenant_id, name);
