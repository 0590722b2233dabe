-- +goose Up
-- UK was taken for a country's code, which is GB.
UPDATE customers SET country = 'GB' WHERE country = 'UK';

-- +goose Down
SELECT 1;
