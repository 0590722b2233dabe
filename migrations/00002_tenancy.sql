-- +goose Up
CREATE TABLE tenants (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
	time_zone text NOT NULL,
	language text NOT NULL DEFAULT 'en',
	-- The moment up to which the bank's payments are in the ledger.
	payments_loaded_to timestamptz,
	-- A trial tenant may be given another day than today; real books may not.
	trial boolean NOT NULL DEFAULT false,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now()
);
CALL tenant_table('tenants', 'SELECT', 'id');
GRANT UPDATE (name, currency, time_zone, language, payments_loaded_to, version) ON tenants TO app;

-- People who sign in. They belong to no tenant, so they stand outside row
-- security; whoever shows them reaches them through members.
CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text NOT NULL UNIQUE CHECK (email = lower(email) AND char_length(email) BETWEEN 3 AND 254 AND email LIKE '%_@_%'),
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	password_hash text, -- NULL until the first one-time link is used
	-- Counted up to sign the person out everywhere.
	session_epoch integer NOT NULL DEFAULT 1,
	reset_asked_at timestamptz, -- "forgotten password" was pressed and not answered yet
	created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON users TO app;

CREATE TABLE branches (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	retired_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name)
);
CALL tenant_table('branches');

CREATE TABLE departments (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
	retired_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, name)
);
CALL tenant_table('departments');

CREATE TABLE members (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	user_id bigint NOT NULL REFERENCES users,
	role text NOT NULL CHECK (role IN ('collector', 'manager', 'admin')),
	branch_id bigint,
	department_id bigint,
	active boolean NOT NULL DEFAULT true,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, user_id),
	FOREIGN KEY (tenant_id, branch_id) REFERENCES branches (tenant_id, id),
	FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id)
);
CREATE INDEX members_of_user ON members (user_id);
CALL tenant_table('members');

-- +goose StatementBegin
-- A tenant keeps at least one active admin. The lock on the tenant makes two
-- admins who remove each other at the same moment take turns.
CREATE FUNCTION keep_last_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM tenants WHERE id = OLD.tenant_id FOR NO KEY UPDATE;
	IF NOT EXISTS (SELECT 1 FROM members WHERE tenant_id = OLD.tenant_id AND role = 'admin' AND active) THEN
		RAISE EXCEPTION 'the last admin stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'members_last_admin';
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER last_admin_changed AFTER UPDATE ON members FOR EACH ROW
	WHEN (OLD.role = 'admin' AND OLD.active AND NOT (NEW.role = 'admin' AND NEW.active))
	EXECUTE FUNCTION keep_last_admin();
CREATE TRIGGER last_admin_removed AFTER DELETE ON members FOR EACH ROW
	WHEN (OLD.role = 'admin' AND OLD.active)
	EXECUTE FUNCTION keep_last_admin();

-- One row for each time somebody signed in: what scs's session points at, with
-- the limits that are ours. Outside row security: read before a tenant is known.
CREATE TABLE sign_ins (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users,
	session_epoch integer NOT NULL,
	started_at timestamptz NOT NULL DEFAULT now(),
	last_seen_at timestamptz NOT NULL DEFAULT now(),
	ended_at timestamptz,
	address text NOT NULL DEFAULT '',
	browser text NOT NULL DEFAULT '' CHECK (char_length(browser) <= 300)
);
CREATE INDEX sign_ins_of_user ON sign_ins (user_id, started_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_ins TO app;

CREATE TABLE sign_in_attempts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	email text NOT NULL CHECK (char_length(email) <= 254),
	address text NOT NULL,
	ok boolean NOT NULL
);
CREATE INDEX sign_in_attempts_of_email ON sign_in_attempts (email, at);
CREATE INDEX sign_in_attempts_of_address ON sign_in_attempts (address, at);
GRANT SELECT, INSERT, DELETE ON sign_in_attempts TO app;

-- Links that let a person set a password, once. Only the token's hash is kept.
CREATE TABLE user_links (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users,
	token_hash bytea NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at timestamptz
);
CREATE INDEX user_links_of_user ON user_links (user_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON user_links TO app;

-- scs's own table.
CREATE TABLE sessions (
	token text PRIMARY KEY,
	data bytea NOT NULL,
	expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO app;

CREATE TABLE audit_events (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	member_id bigint, -- NULL: the program itself
	kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_.]{0,60}$'),
	subject text NOT NULL DEFAULT '',
	subject_id bigint,
	data jsonb NOT NULL DEFAULT '{}',
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX audit_events_at ON audit_events (tenant_id, at);
CALL record_table('audit_events');

-- What a form's hidden id was answered with: the same form sent twice gets the
-- first one's answer and does nothing again.
CREATE TABLE form_posts (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id uuid NOT NULL,
	member_id bigint NOT NULL,
	path text NOT NULL,
	location text NOT NULL DEFAULT '',
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CREATE INDEX form_posts_at ON form_posts (tenant_id, at);
CALL tenant_table('form_posts', 'SELECT, INSERT, UPDATE, DELETE');

-- +goose StatementBegin
-- create_tenant adds a tenant row, which app may not do by itself; everything
-- else of a new tenant is made inside its own scope.
CREATE FUNCTION create_tenant(slug text, name text, currency text, time_zone text, language text, trial boolean) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	INSERT INTO public.tenants (slug, name, currency, time_zone, language, trial)
	VALUES (slug, name, currency, time_zone, language, trial)
	RETURNING id
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION create_tenant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_tenant TO app;

-- The reviewed functions that look across tenants. Each belongs to search, a
-- role that cannot sign in and is granted just the columns read here.
GRANT SELECT (id, slug, name, time_zone, trial) ON tenants TO search;
GRANT SELECT (tenant_id, id, user_id, role, active) ON members TO search;
CREATE POLICY search ON tenants TO search USING (true);
CREATE POLICY search ON members TO search USING (true);

-- +goose StatementBegin
-- memberships: the tenants that a person may work in, asked for at sign-in and
-- by the switcher.
CREATE FUNCTION memberships(of_user bigint)
RETURNS TABLE (tenant_id bigint, slug text, name text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT t.id, t.slug, t.name, m.role
	FROM public.members m
	JOIN public.tenants t ON t.id = m.tenant_id
	WHERE m.user_id = of_user AND m.active
	ORDER BY t.name, t.id
$$;
-- +goose StatementEnd
-- +goose StatementBegin
-- works_elsewhere: whether a person is or was a member of another company than
-- this one. The administrators of one company may not set the password of such
-- a person: they would get into the other company with it.
CREATE FUNCTION works_elsewhere(of_user bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT EXISTS (
		SELECT 1 FROM public.members m
		WHERE m.user_id = of_user AND m.tenant_id <> current_setting('app.tenant_id')::bigint)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
-- all_tenants: what the schedule fans out over, and how a command finds the
-- tenant it is given by slug.
CREATE FUNCTION all_tenants()
RETURNS TABLE (id bigint, slug text, time_zone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT id, slug, time_zone FROM public.tenants ORDER BY id
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION memberships, works_elsewhere, all_tenants FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO search;
ALTER FUNCTION memberships OWNER TO search;
ALTER FUNCTION works_elsewhere OWNER TO search;
ALTER FUNCTION all_tenants OWNER TO search;
REVOKE CREATE ON SCHEMA public FROM search;
GRANT EXECUTE ON FUNCTION memberships, works_elsewhere, all_tenants TO app;

-- +goose Down
DROP FUNCTION all_tenants;
DROP FUNCTION works_elsewhere;
DROP FUNCTION memberships;
DROP FUNCTION create_tenant;
DROP TABLE form_posts, audit_events, sessions, user_links, sign_in_attempts, sign_ins, members, departments, branches, users, tenants;
DROP FUNCTION keep_last_admin;
