-- +goose Up
-- To write down what the provider calls a message holds nobody up who writes down an
-- answer to it. A column of a whole unique index counts as part of a key: changing it
-- locks the row against every new reference. One of a partial index does not.
CREATE UNIQUE INDEX messages_provider_name ON messages (tenant_id, provider_id) WHERE provider_id IS NOT NULL;
ALTER TABLE messages DROP CONSTRAINT messages_provider_id;

-- +goose Down
ALTER TABLE messages ADD CONSTRAINT messages_provider_id UNIQUE (tenant_id, provider_id);
DROP INDEX messages_provider_name;
