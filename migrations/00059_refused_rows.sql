-- +goose Up
-- The refused row as the file has it, which is thrown away when the import ends: it is
-- mended and loaded again from here. NULL: refused before this was kept.
ALTER TABLE import_rejects ADD COLUMN cells text[];

-- +goose Down
ALTER TABLE import_rejects DROP COLUMN cells;
