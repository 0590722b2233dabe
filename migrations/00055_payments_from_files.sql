-- +goose Up
-- How a payment came into the ledger. Some were never recorded as such: a file of items
-- said only that something was paid, and the payment has a number of the program's.
ALTER TABLE payments ADD COLUMN origin text NOT NULL DEFAULT 'recorded' CHECK (origin IN (
	'recorded', -- with its reference
	'carried', -- its item was taken over partly paid; nobody knows the day, and it has that of the file
	'settled_before', -- its item was taken over settled, on that day
	'reported')); -- a file said it of an item that was here already
GRANT INSERT (origin) ON payments TO app;

-- The item that a file brought is of the same transaction as its payment.
UPDATE payments p
SET origin = CASE
	WHEN i.created_at <> p.created_at THEN 'reported'
	WHEN p.number LIKE 'open:%' THEN 'carried'
	ELSE 'settled_before' END
FROM applications a
JOIN items i ON i.tenant_id = a.tenant_id AND i.id = a.item_id
WHERE a.tenant_id = p.tenant_id AND a.payment_id = p.id AND a.reverses IS NULL
	AND (p.number = 'settled:' || i.number OR p.number ~ '^open:[0-9]+:' AND p.number = concat('open:', split_part(p.number, ':', 2), ':', i.number));

-- +goose Down
ALTER TABLE payments DROP COLUMN origin;
