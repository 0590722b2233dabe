-- Compares each staged item to what the ledger has and says what is to be done
-- with it, or why it is refused: field, value, reason. The first fault counts.
INSERT INTO load_items (line, fault, outcome, number, customer_number, customer_id, account_id, item_id, seen_version, seen_applied,
	kind, issued_on, due_on, currency, decimals, amount, from_status_id, status_id, pay, pay_on, pay_number, pay_origin)
WITH repeats AS MATERIALIZED (
	SELECT s.number, min(s.line) AS line
	FROM staged_items s
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
	SELECT s.line, s.fault, s.number, s.customer_number, s.account_number, s.issued_on, s.currency, s.decimals, s.amount, s.open_amount, s.settled_on,
		coalesce(s.kind, CASE WHEN s.amount < 0 THEN 'credit_note' WHEN i.kind <> 'credit_note' THEN i.kind ELSE 'invoice' END) AS kind,
		CASE WHEN @has_due OR i.id IS NULL THEN s.due_on ELSE i.due_on END AS due_on,
		r.line AS first_line,
		coalesce(c.merged_into, c.id) AS customer_id,
		taken.id AS taken_id,
		named.id AS named_id,
		named.customer_id AS named_customer_id,
		coalesce(i.account_id, named.id, CASE WHEN c.merged_into IS NOT NULL THEN taken.id END, t.id) AS account_id,
		i.id AS item_id,
		i.version AS item_version,
		i.customer_id AS item_customer_id,
		i.account_id AS item_account_id,
		i.kind AS item_kind,
		i.issued_on AS item_issued_on,
		i.due_on AS item_due_on,
		i.currency AS item_currency,
		i.amount AS item_amount,
		coalesce(i.applied, 0) AS applied,
		coalesce(i.status_id, @ongoing) AS from_status_id,
		CASE
			WHEN s.disputed AND coalesce(st.family, 'ongoing') IN ('ongoing', 'promise') THEN @dispute::bigint
			WHEN NOT s.disputed AND st.family = 'dispute' AND @reason = (
				SELECT h.reason
				FROM item_status_changes h
				WHERE h.tenant_id = @tenant AND h.item_id = i.id
				ORDER BY h.id DESC
				LIMIT 1) THEN @ongoing::bigint
			ELSE coalesce(i.status_id, @ongoing)
		END AS status_id,
		s.amount - coalesce(i.applied, 0) - CASE WHEN s.settled_on IS NULL THEN coalesce(s.open_amount, s.amount - coalesce(i.applied, 0)) ELSE 0 END AS pay,
		p.id AS settled_id,
		p.value_on AS settled_before,
		round(s.amount / 10::numeric ^ s.decimals, s.decimals) AS says_amount,
		round(s.open_amount / 10::numeric ^ s.decimals, s.decimals) AS says_open,
		round(coalesce(i.applied, 0) / 10::numeric ^ s.decimals, s.decimals) AS says_applied
	FROM staged_items s
	LEFT JOIN repeats r ON r.number = s.number AND r.line < s.line
	LEFT JOIN customers c ON c.tenant_id = @tenant AND c.number = s.customer_number
	-- what the number of nobody, or of one who was merged into another, is an account of
	LEFT JOIN accounts taken ON taken.tenant_id = @tenant AND taken.number = s.customer_number AND (c.id IS NULL OR taken.customer_id = c.merged_into)
	LEFT JOIN accounts named ON named.tenant_id = @tenant AND named.number = s.account_number
	LEFT JOIN trade t ON t.customer_id = coalesce(c.merged_into, c.id)
	LEFT JOIN items i ON i.tenant_id = @tenant AND i.number = s.number
	LEFT JOIN item_statuses st ON st.tenant_id = @tenant AND st.id = i.status_id
	LEFT JOIN payments p ON p.tenant_id = @tenant AND @has_settled AND p.number = 'settled:' || s.number
), judged AS (
	SELECT x.*,
		CASE
			WHEN x.fault IS NOT NULL THEN x.fault
			WHEN x.first_line IS NOT NULL THEN
				ARRAY['number', x.number, format('Row %s has this number already. Keep one of the two.', x.first_line)]
			WHEN x.customer_id IS NULL AND NOT @create THEN
				ARRAY['customer_number', x.customer_number, 'No customer has this number. Import the customers first, or have them created.']
			WHEN x.item_id IS NOT NULL AND x.item_customer_id IS DISTINCT FROM x.customer_id THEN
				ARRAY['customer_number', x.customer_number, 'The item with this number belongs to another customer.']
			WHEN x.customer_id IS NULL AND x.taken_id IS NOT NULL THEN
				ARRAY['customer_number', x.customer_number, 'The customer cannot be created: an account of another customer has this number.']
			WHEN x.account_number <> '' AND x.named_customer_id IS DISTINCT FROM x.customer_id
				OR x.account_number <> '' AND x.named_id IS NULL AND x.account_number <> x.customer_number THEN
				ARRAY['account_number', x.account_number, 'This customer has no account with this number. Accounts are not made by an import of items.']
			WHEN x.account_number <> '' AND x.item_account_id <> x.named_id THEN
				ARRAY['account_number', x.account_number, 'The item stands on another account of this customer, and does not move.']
			WHEN x.customer_id IS NOT NULL AND x.account_id IS NULL THEN
				ARRAY['customer_number', x.customer_number, 'This customer has no trade account. Name the account in the file.']
			WHEN x.item_currency <> x.currency THEN
				ARRAY['currency', x.currency, format('The item is in %s, and does not change its currency.', x.item_currency)]
			WHEN (x.item_kind = 'credit_note') <> (x.amount < 0) THEN
				ARRAY['amount', x.says_amount::text, 'The amount would change its sign. A credit note and what is owed do not turn into each other.']
			WHEN x.item_kind <> x.kind THEN
				ARRAY['kind', x.kind, format('The item is of the kind %s, and does not change it.', x.item_kind)]
			WHEN x.due_on < x.issued_on THEN
				ARRAY['issued_on', x.issued_on::text, format('The item is due on %s, before it would be issued.', x.due_on)]
			WHEN abs(x.amount) < abs(x.applied) THEN
				ARRAY['amount', x.says_amount::text, format('%s of the item is paid already, which is more. Reverse a payment first.', x.says_applied)]
			WHEN x.kind = 'credit_note' AND x.pay <> 0 THEN
				ARRAY['open_amount', x.says_open::text, 'The open amount of a credit note changes by setting it against an item, not by an import.']
			WHEN x.pay < 0 THEN
				ARRAY['open_amount', x.says_open::text, format('%s of the item is paid here, so less than that is open. Reverse a payment first.', x.says_applied)]
			WHEN x.settled_on IS NOT NULL AND x.pay > 0 AND x.settled_id IS NOT NULL THEN
				ARRAY['settled_on', x.settled_on::text, format('The payment settled:%s stands in the ledger already and does not settle the item now. Record the payment that does.', x.number)]
			WHEN x.settled_on <> x.settled_before THEN
				ARRAY['settled_on', x.settled_on::text, format('The item was settled on %s, and a payment does not change its day. Reverse it and record another.', x.settled_before)]
		END AS verdict
	FROM seen x
)
SELECT x.line, x.verdict,
	CASE
		WHEN x.verdict IS NOT NULL THEN 'refused'
		WHEN x.item_id IS NULL THEN 'new'
		WHEN (x.issued_on, x.due_on, x.amount, x.from_status_id) IS DISTINCT FROM (x.item_issued_on, x.item_due_on, x.item_amount, x.status_id) OR x.pay > 0 THEN 'changed'
		ELSE 'unchanged'
	END,
	x.number, x.customer_number, x.customer_id, x.account_id, x.item_id, x.item_version, x.applied,
	x.kind, x.issued_on, x.due_on, x.currency, x.decimals, x.amount, x.from_status_id, x.status_id,
	x.pay, coalesce(x.settled_on, @today),
	CASE WHEN x.pay > 0 THEN CASE WHEN x.settled_on IS NULL THEN format('open:%s:%s', @import::bigint, x.number) ELSE 'settled:' || x.number END END,
	CASE WHEN x.pay IS NULL OR x.pay <= 0 THEN 'recorded' WHEN x.item_id IS NOT NULL THEN 'reported' WHEN x.settled_on IS NULL THEN 'carried' ELSE 'settled_before' END
FROM judged x
