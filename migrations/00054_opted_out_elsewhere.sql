-- +goose Up
-- Who reads an address wants no e-mail, whoever of its customers it is about. When
-- another customer gets the address, it is opted out there too.
ALTER TABLE permissions
	ADD COLUMN follows boolean NOT NULL DEFAULT false, -- from what was said with another customer
	ADD CHECK (NOT follows OR state = 'opt_out');
GRANT SELECT (tenant_id, id, customer_id, kind, value, former) ON contact_points TO search;
GRANT SELECT (tenant_id, id, customer_id, contact_point_id, channel, state, given_on, review_on, follows, at) ON permissions TO search;
GRANT SELECT (number, merged_into) ON customers TO search;
GRANT SELECT (branch_limited) ON tenants TO search;
CREATE POLICY search ON contact_points TO search USING (true);
CREATE POLICY search ON permissions TO search USING (true);

-- opted_out_of_email: those of the addresses that a customer of the transaction's
-- tenant opted out with, in whatever branch, once each: with the customer who did so
-- last. What only follows from that with others does not count, so that it ends with
-- the word itself. Where branches are limited the number is said of the writer's own
-- only: it is written down, and others read it. The function keeps to the tenant of the
-- transaction itself, since no policy does it for search.
CREATE FUNCTION opted_out_of_email(wanted text[]) RETURNS TABLE (value text, number text, given_on date, review_on date, at timestamptz)
LANGUAGE sql STABLE ROWS 10 SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT DISTINCT ON (p.value) p.value,
		CASE WHEN c.branch_id::text = current_setting('app.branches') OR NOT (
			SELECT t.branch_limited FROM public.tenants t WHERE t.id = current_setting('app.tenant_id')::bigint) THEN c.number END,
		s.given_on, s.review_on, s.at
	FROM public.contact_points p
	JOIN public.customers c ON c.tenant_id = current_setting('app.tenant_id')::bigint AND c.id = p.customer_id AND c.merged_into IS NULL
	CROSS JOIN LATERAL (
		SELECT s.id, s.state, s.given_on, s.review_on, s.follows, s.at
		FROM public.permissions s
		WHERE s.tenant_id = current_setting('app.tenant_id')::bigint AND s.customer_id = p.customer_id AND s.contact_point_id = p.id AND s.channel = 'email'
		ORDER BY s.id DESC
		LIMIT 1) s
	WHERE p.tenant_id = current_setting('app.tenant_id')::bigint AND p.kind = 'email' AND p.value = ANY (wanted) AND NOT p.former
		AND s.state = 'opt_out' AND NOT s.follows
	ORDER BY p.value, s.id DESC
$$;
REVOKE ALL ON FUNCTION opted_out_of_email FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO search;
ALTER FUNCTION opted_out_of_email OWNER TO search;
REVOKE CREATE ON SCHEMA public FROM search;
GRANT EXECUTE ON FUNCTION opted_out_of_email TO app;

-- +goose Down
DROP FUNCTION opted_out_of_email;
DROP POLICY search ON permissions;
DROP POLICY search ON contact_points;
REVOKE SELECT (branch_limited) ON tenants FROM search;
REVOKE SELECT (number, merged_into) ON customers FROM search;
REVOKE SELECT (tenant_id, id, customer_id, contact_point_id, channel, state, given_on, review_on, follows, at) ON permissions FROM search;
REVOKE SELECT (tenant_id, id, customer_id, kind, value, former) ON contact_points FROM search;
ALTER TABLE permissions DROP COLUMN follows;
