-- +goose Up
-- Statements for many customers at once, made for print by a job, each in its own
-- transaction.

CREATE TABLE statement_runs (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	as_of date NOT NULL,
	whom text NOT NULL CHECK (whom IN ('open', 'overdue')),
	tag text NOT NULL DEFAULT '' CHECK (char_length(tag) <= 40), -- only who has it
	owner_id bigint, -- only whose customers
	branch_id bigint, -- only of it
	member_id bigint NOT NULL, -- who started it
	job_id bigint, -- that works it; jobs belong to no tenant
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	finished_at timestamptz,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, owner_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, branch_id) REFERENCES branches (tenant_id, id),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
-- one goes on at a time, so that two who press at once do not write to everybody twice
CREATE UNIQUE INDEX statement_runs_unfinished ON statement_runs (tenant_id) WHERE finished_at IS NULL;
CALL tenant_table('statement_runs', 'SELECT, INSERT');
GRANT UPDATE (job_id, finished_at) ON statement_runs TO app;

CREATE TABLE statement_run_customers (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	run_id bigint NOT NULL,
	customer_id bigint NOT NULL,
	state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'left')),
	document_id bigint, -- the statement
	why text NOT NULL DEFAULT '' CHECK (char_length(why) <= 1000), -- it was left
	attempts smallint NOT NULL DEFAULT 0, -- that failed
	at timestamptz, -- when it was worked
	PRIMARY KEY (tenant_id, run_id, customer_id),
	CHECK ((state = 'waiting') = (at IS NULL)),
	CHECK ((state = 'done') = (document_id IS NOT NULL)),
	CHECK ((state = 'left') = (why <> '')),
	FOREIGN KEY (tenant_id, run_id) REFERENCES statement_runs (tenant_id, id),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id)
);
CREATE INDEX statement_run_customers_of_run ON statement_run_customers (tenant_id, run_id, state, customer_id);
CALL tenant_table('statement_run_customers', 'SELECT, INSERT');
GRANT UPDATE (state, document_id, why, attempts, at) ON statement_run_customers TO app;
CALL branch_limited('statement_run_customers');

-- A statement that was made for print is a document of the customer, about the run.
ALTER TABLE documents
	DROP CONSTRAINT documents_subject_check,
	ADD CONSTRAINT documents_subject_check CHECK (subject IN ('customer', 'item', 'message', 'letter', 'letterhead', 'received', 'case', 'statement')),
	ADD CONSTRAINT documents_of_statement CHECK (subject <> 'statement' OR customer_id IS NOT NULL AND subject_id IS NOT NULL);

-- +goose Down
UPDATE documents SET subject = 'customer', subject_id = NULL WHERE subject = 'statement';
ALTER TABLE documents
	DROP CONSTRAINT documents_of_statement,
	DROP CONSTRAINT documents_subject_check,
	ADD CONSTRAINT documents_subject_check CHECK (subject IN ('customer', 'item', 'message', 'letter', 'letterhead', 'received', 'case'));
DROP TABLE statement_run_customers, statement_runs;
