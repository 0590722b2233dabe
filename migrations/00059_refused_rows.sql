-- +goose Up
-- The refused row as the file has it, which is thrown away when the import ends: it is
-- mended and loaded again from here. NULL: refused before this was kept.
ALTER TABLE import_rejects ADD COLUMN cells text[];
GRANT UPDATE (cells) ON import_rejects TO app; -- which are thrown away after a while
CREATE INDEX import_rejects_with_rows ON import_rejects (tenant_id, import_id) WHERE cells IS NOT NULL;

-- +goose Down
DROP INDEX import_rejects_with_rows;
REVOKE UPDATE (cells) ON import_rejects FROM app;
ALTER TABLE import_rejects DROP COLUMN cells;
