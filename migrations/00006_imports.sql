-- +goose Up
CREATE TABLE imports (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	kind text NOT NULL CHECK (kind IN ('customers', 'items', 'payments')),
	file_name text NOT NULL CHECK (char_length(file_name) BETWEEN 1 AND 255),
	sha256 bytea NOT NULL,
	size bigint NOT NULL CHECK (size > 0), -- bytes
	mapping jsonb NOT NULL,
	options jsonb NOT NULL DEFAULT '{}',
	-- checking and applying are the two jobs; uploaded waits for a person to map
	-- the columns, checked for one to apply it
	state text NOT NULL CHECK (state IN ('uploaded', 'checking', 'checked', 'applying', 'applied', 'unusable', 'discarded')),
	rows_done bigint NOT NULL DEFAULT 0, -- progress of the running job
	result jsonb,
	error text NOT NULL DEFAULT '', -- why the file is unusable, as a sentence
	member_id bigint, -- NULL: the command line
	created_at timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CALL tenant_table('imports');

-- The uploaded file in pieces, kept until the import has ended.
CREATE TABLE import_chunks (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	import_id bigint NOT NULL,
	seq integer NOT NULL,
	content bytea NOT NULL,
	PRIMARY KEY (tenant_id, import_id, seq),
	FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
);
CALL tenant_table('import_chunks', 'SELECT, INSERT, DELETE');

CREATE TABLE import_rejects (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	import_id bigint NOT NULL,
	line bigint NOT NULL, -- row number in the file, the header being 1
	col text NOT NULL, -- the file's own column name; empty: the whole row
	value text NOT NULL CHECK (char_length(value) <= 200),
	reason text NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id)
);
CREATE INDEX import_rejects_of_import ON import_rejects (tenant_id, import_id, line, id);
CALL tenant_table('import_rejects', 'SELECT, INSERT, DELETE');

-- +goose Down
DROP TABLE import_rejects, import_chunks, imports;
