-- +goose Up
-- Who is away, and who does the work meanwhile; and a member's diary in a calendar
-- outside.

-- Nothing moves while a member is away: the cover sees and works that day and diary.
CREATE TABLE absences (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	member_id bigint NOT NULL,
	cover_id bigint NOT NULL,
	from_on date NOT NULL,
	until_on date NOT NULL, -- the last day
	note text NOT NULL DEFAULT '' CHECK (char_length(note) <= 500),
	author_id bigint,
	created_at timestamptz NOT NULL DEFAULT now(),
	version integer NOT NULL DEFAULT 1,
	PRIMARY KEY (tenant_id, id),
	CHECK (until_on >= from_on),
	CHECK (cover_id <> member_id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, cover_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX absences_of_member ON absences (tenant_id, member_id, until_on, from_on);
CREATE INDEX absences_of_cover ON absences (tenant_id, cover_id, until_on, from_on);
CALL tenant_table('absences', 'SELECT, INSERT, UPDATE, DELETE');

-- The secret link under which a calendar reads a member's diary: the hash of its
-- token, which is kept nowhere. A new one replaces it.
CREATE TABLE feeds (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	member_id bigint NOT NULL,
	token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
	made_at timestamptz NOT NULL DEFAULT now(),
	read_at timestamptz, -- the last time, to the hour or so
	PRIMARY KEY (tenant_id, member_id),
	UNIQUE (tenant_id, token_hash),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CALL tenant_table('feeds', 'SELECT, INSERT, UPDATE, DELETE');

-- What leaves for a calendar elsewhere names nobody, unless the company wants it.
ALTER TABLE tenants ADD COLUMN feed_names boolean NOT NULL DEFAULT false;
GRANT UPDATE (feed_names) ON tenants TO app;

-- When a member is busy, for everybody: also with customers of another branch, of
-- whom nothing else is said. It keeps to the tenant and the branches of the
-- transaction itself, since no policy does it for search.
GRANT SELECT (tenant_id, id, customer_id, assignee_id, due_on, due_at, ended) ON follow_ups TO search;
GRANT SELECT (tenant_id, id, customer_id, assignee_id, due_on, due_at, ended) ON contacts TO search;
CREATE POLICY search ON follow_ups TO search USING (true);
CREATE POLICY search ON contacts TO search USING (true);
CREATE FUNCTION busy_elsewhere(member bigint, day date) RETURNS TABLE (kind text, due_at time(0))
LANGUAGE sql STABLE ROWS 10 SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT w.kind, w.due_at
	FROM (
		SELECT 'follow_up', f.due_at, f.customer_id
		FROM public.follow_ups f
		WHERE f.tenant_id = current_setting('app.tenant_id')::bigint AND f.assignee_id = member AND f.ended IS NULL AND f.due_on = day
		UNION ALL
		SELECT 'contact', k.due_at, k.customer_id
		FROM public.contacts k
		WHERE k.tenant_id = current_setting('app.tenant_id')::bigint AND k.assignee_id = member AND k.ended IS NULL AND k.due_on = day) w (kind, due_at, customer_id)
	WHERE w.due_at IS NOT NULL AND current_setting('app.branches') <> 'all' AND NOT EXISTS (
		SELECT
		FROM public.customers c
		WHERE c.tenant_id = current_setting('app.tenant_id')::bigint AND c.id = w.customer_id
			AND c.branch_id = nullif(current_setting('app.branches'), 'all')::bigint)
$$;
REVOKE ALL ON FUNCTION busy_elsewhere FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO search;
ALTER FUNCTION busy_elsewhere OWNER TO search;
REVOKE CREATE ON SCHEMA public FROM search;
GRANT EXECUTE ON FUNCTION busy_elsewhere TO app;

-- +goose Down
DROP FUNCTION busy_elsewhere;
DROP POLICY search ON contacts;
DROP POLICY search ON follow_ups;
REVOKE SELECT (tenant_id, id, customer_id, assignee_id, due_on, due_at, ended) ON contacts FROM search;
REVOKE SELECT (tenant_id, id, customer_id, assignee_id, due_on, due_at, ended) ON follow_ups FROM search;
ALTER TABLE tenants DROP COLUMN feed_names;
DROP TABLE feeds, absences;
