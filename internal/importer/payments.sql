-- Compares each staged payment to what the ledger has and says what is to be
-- done with it, or why it is refused: field, value, reason. A payment is never
-- edited: one whose number is known is the same or refused. Several payments of
-- one item take what is open in the order of their value dates.
INSERT INTO load_payments (line, fault, outcome, number, customer_id, account_id, value_on, currency, decimals, amount,
	item_id, seen_applied, apply, apply_on)
WITH repeats AS MATERIALIZED (
	SELECT s.number, min(s.line) AS line
	FROM staged_payments s
	WHERE s.fault IS NULL
	GROUP BY s.number
	HAVING count(*) > 1
), trade AS MATERIALIZED (
	-- a customer's own, never one that came along from another who was merged into it
	SELECT a.customer_id, coalesce(min(a.id) FILTER (WHERE a.number = c.number), min(a.id)) AS id
	FROM accounts a
	JOIN customers c ON c.tenant_id = @tenant AND c.id = a.customer_id
	LEFT JOIN customers d ON d.tenant_id = @tenant AND d.merged_into = a.customer_id AND d.number = a.number
	WHERE a.tenant_id = @tenant AND a.kind = 'trade' AND d.id IS NULL
	GROUP BY a.customer_id
), seen AS (
	SELECT s.line, s.fault, s.number, s.customer_number, s.account_number, s.item_number, s.value_on, s.currency, s.decimals, s.amount,
		r.line AS first_line,
		coalesce(c.merged_into, c.id) AS customer_id,
		named.id AS named_id,
		named.customer_id AS named_customer_id,
		coalesce(named.id, i.account_id, old.id, t.id) AS account_id,
		i.id AS item_id,
		i.customer_id AS item_customer_id,
		i.account_id AS item_account_id,
		i.currency AS item_currency,
		i.kind AS item_kind,
		i.applied AS item_applied,
		i.open_amount AS item_open,
		i.issued_on AS item_issued_on,
		p.id AS payment_id,
		(p.customer_id, p.value_on, p.currency::text, p.amount) IS NOT DISTINCT FROM (coalesce(c.merged_into, c.id), s.value_on, s.currency, s.amount)
			AND (s.account_number = '' OR p.account_id = named.id) AS same
	FROM staged_payments s
	LEFT JOIN repeats r ON r.number = s.number AND r.line < s.line
	LEFT JOIN customers c ON c.tenant_id = @tenant AND c.number = s.customer_number
	LEFT JOIN accounts named ON named.tenant_id = @tenant AND named.number = s.account_number
	-- the account that came along from one who was merged into another
	LEFT JOIN accounts old ON old.tenant_id = @tenant AND old.number = s.customer_number AND old.customer_id = c.merged_into
	LEFT JOIN trade t ON t.customer_id = coalesce(c.merged_into, c.id)
	LEFT JOIN items i ON i.tenant_id = @tenant AND i.number = s.item_number
	LEFT JOIN payments p ON p.tenant_id = @tenant AND p.number = s.number
), judged AS (
	SELECT x.*,
		CASE
			WHEN x.fault IS NOT NULL THEN x.fault
			WHEN x.first_line IS NOT NULL THEN
				ARRAY['number', x.number, format('Row %s has this number already. Keep one of the two.', x.first_line)]
			WHEN x.customer_id IS NULL THEN
				ARRAY['customer_number', x.customer_number, 'No customer has this number. Import the customers first.']
			WHEN x.payment_id IS NOT NULL AND NOT x.same THEN
				ARRAY['number', x.number, 'A payment with this number is in the ledger and differs. A payment is never edited: reverse it, and import it under another number.']
			WHEN x.payment_id IS NOT NULL THEN NULL
			WHEN x.account_number <> '' AND x.named_customer_id IS DISTINCT FROM x.customer_id THEN
				ARRAY['account_number', x.account_number, 'This customer has no account with this number.']
			WHEN x.item_number <> '' AND x.item_customer_id IS DISTINCT FROM x.customer_id THEN
				ARRAY['item_number', x.item_number, 'This customer has no item with this number. Leave it empty to take the money as credit.']
			WHEN x.item_account_id <> x.account_id THEN
				ARRAY['item_number', x.item_number, 'The item stands on another account than the payment.']
			WHEN x.account_id IS NULL THEN
				ARRAY['customer_number', x.customer_number, 'This customer has no trade account. Name the account in the file.']
			WHEN x.item_currency <> x.currency THEN
				ARRAY['currency', x.currency, format('The item is in %s, and a payment of another currency cannot be set against it.', x.item_currency)]
			WHEN x.item_kind = 'credit_note' THEN
				ARRAY['item_number', x.item_number, 'This is a credit note, which no payment is set against.']
		END AS verdict
	FROM seen x
), shared AS (
	SELECT x.*,
		CASE WHEN x.item_id IS NULL OR x.verdict IS NOT NULL OR x.payment_id IS NOT NULL THEN 0
		ELSE sum(x.amount) OVER (PARTITION BY x.item_id, x.verdict IS NULL, x.payment_id IS NULL ORDER BY x.value_on, x.line) END AS so_far
	FROM judged x
)
SELECT x.line, x.verdict,
	CASE WHEN x.verdict IS NOT NULL THEN 'refused' WHEN x.payment_id IS NULL THEN 'new' ELSE 'unchanged' END,
	x.number, x.customer_id, x.account_id, x.value_on, x.currency, x.decimals, x.amount,
	x.item_id, x.item_applied,
	CASE WHEN x.so_far > 0 THEN greatest(least(x.amount, x.item_open - x.so_far + x.amount), 0) ELSE 0 END,
	greatest(x.value_on, x.item_issued_on)
FROM shared x
