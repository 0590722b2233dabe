-- Compares each staged customer to those known and says what is to be done with
-- it, or why it is refused: field, value, reason. What the file has no column for
-- stays as it is, tags are added to those there are, and so do owner and branch where it names one of before.
INSERT INTO load_customers (line, fault, outcome, customer_id, seen_version, number, name, kind, street, postal_code, city, region, country, language, owner_id, branch_id, kept_owner, kept_branch,
	tags, person, phones, mobiles, emails)
WITH repeats AS MATERIALIZED (
	SELECT s.number, min(s.line) AS line
	FROM staged_customers s
	WHERE s.fault IS NULL
	GROUP BY s.number
	HAVING count(*) > 1
), people AS MATERIALIZED (
	SELECT m.id, u.email, u.name, m.role, m.active, m.branch_id, b.name AS branch
	FROM members m
	JOIN users u ON u.id = m.user_id
	LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = m.branch_id
	WHERE m.tenant_id = @tenant
), seen AS (
	SELECT s.line, s.fault, s.number, s.name, s.owner, s.branch, s.contact, s.phones, s.mobiles, s.emails, r.line AS first_line, c.id AS customer_id, c.merged_into IS NOT NULL AS merged,
		c.owner_id AS had_owner_id, c.branch_id AS had_branch_id, c.version AS seen_version, taken.id AS taken_id,
		coalesce(s.kind, c.kind, 'business') AS kind,
		coalesce(s.street, c.street, '') AS street,
		coalesce(s.postal_code, c.postal_code, '') AS postal_code,
		coalesce(s.city, c.city, '') AS city,
		coalesce(s.region, c.region, '') AS region,
		coalesce(s.country, c.country, '') AS country,
		coalesce(s.language, c.language, '') AS language,
		CASE
			WHEN s.tags IS NULL OR s.tags <@ c.tags THEN coalesce(c.tags, '{}')
			ELSE (SELECT coalesce(array_agg(DISTINCT t COLLATE "C"), '{}') FROM unnest(c.tags || s.tags) t) -- a file takes no tag away
		END AS tags,
		o.id AS named_owner_id, b.id AS named_branch_id,
		CASE WHEN NOT o.active THEN s.owner END AS kept_owner,
		CASE WHEN b.retired_at IS NOT NULL THEN s.branch END AS kept_branch,
		CASE WHEN s.owner IS NULL OR NOT o.active THEN c.owner_id ELSE o.id END AS owner_id,
		CASE WHEN s.branch IS NULL OR b.retired_at IS NOT NULL THEN c.branch_id ELSE b.id END AS branch_id,
		(c.name, c.kind, c.street, c.postal_code, c.city, c.region, c.country, c.language, c.owner_id, c.branch_id, c.tags)::text AS was
	FROM staged_customers s
	LEFT JOIN repeats r ON r.number = s.number AND r.line < s.line
	LEFT JOIN customers c ON c.tenant_id = @tenant AND c.number = s.number
	LEFT JOIN accounts taken ON taken.tenant_id = @tenant AND taken.number = s.number AND c.id IS NULL
	LEFT JOIN people o ON o.email = lower(s.owner)
	LEFT JOIN branches b ON b.tenant_id = @tenant AND lower(b.name) = lower(s.branch)
), judged AS (
	SELECT x.*,
		CASE
			WHEN x.fault IS NOT NULL THEN x.fault
			WHEN x.first_line IS NOT NULL THEN
				ARRAY['number', x.number, format('Row %s has this number already. Keep one of the two.', x.first_line)]
			WHEN x.taken_id IS NOT NULL THEN
				ARRAY['number', x.number, 'An account of another customer has this number, and a customer''s trade account is numbered like the customer.']
			WHEN x.owner <> '' AND x.named_owner_id IS NULL THEN
				ARRAY['owner', x.owner, 'No active person here has this e-mail address.']
			WHEN x.branch <> '' AND x.named_branch_id IS NULL THEN
				ARRAY['branch', x.branch, 'There is no branch of this name in use.']
			WHEN cardinality(x.tags) > {tags} THEN
				ARRAY['tags', array_to_string(x.tags, ', '), 'With those here already the customer would have more than {tags} tags.']
			WHEN NOT x.merged AND (x.owner_id, x.branch_id) IS DISTINCT FROM (x.had_owner_id, x.had_branch_id) AND NOT {sees} THEN -- whom it was with it stays with
				CASE WHEN x.owner_id IS DISTINCT FROM x.had_owner_id THEN ARRAY['owner', x.owner] ELSE ARRAY['branch', x.branch] END
				|| (p.name || coalesce(' sees the customers of ' || p.branch || ' only, and this one would be of another branch or of none.', ' is of no branch and sees no customers.')
				|| ' Give as the owner somebody of its branch, a manager or an administrator.')
		END AS verdict
	FROM seen x
	JOIN tenants t ON t.id = @tenant
	LEFT JOIN people p ON p.id = x.owner_id AND p.active
)
SELECT x.line, x.verdict,
	CASE
		WHEN x.verdict IS NOT NULL THEN 'refused'
		WHEN x.customer_id IS NULL THEN 'new'
		WHEN x.merged THEN 'unchanged' -- what the books still say of one who was merged into another
		WHEN x.was <> (x.name, x.kind, x.street, x.postal_code, x.city, x.region, x.country, x.language, x.owner_id, x.branch_id, x.tags)::text THEN 'changed'
		ELSE 'unchanged'
	END,
	x.customer_id, x.seen_version, x.number, x.name, x.kind, x.street, x.postal_code, x.city, x.region, x.country, x.language, x.owner_id, x.branch_id, x.kept_owner, x.kept_branch,
	x.tags, x.contact, CASE WHEN NOT x.merged THEN x.phones END, CASE WHEN NOT x.merged THEN x.mobiles END, CASE WHEN NOT x.merged THEN x.emails END
FROM judged x
