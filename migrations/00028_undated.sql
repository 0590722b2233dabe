-- +goose Up
-- What is owed and never due: nobody is reminded of it, so it is listed.
CREATE INDEX items_undated ON items (tenant_id, customer_id) WHERE due_on IS NULL AND open_amount > 0;

-- +goose Down
DROP INDEX items_undated;
