-- +goose Up
CREATE TABLE customers (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	number text NOT NULL CHECK (char_length(number) BETWEEN 1 AND 60),
	name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
	name_key text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED, -- what lists sort by
	kind text NOT NULL CHECK (kind IN ('business', 'consumer')),
	street text NOT NULL DEFAULT '' CHECK (char_length(street) <= 300),
	postal_code text NOT NULL DEFAULT '' CHECK (char_length(postal_code) <= 20),
	city text NOT NULL DEFAULT '' CHECK (char_length(city) <= 120),
	region text NOT NULL DEFAULT '' CHECK (char_length(region) <= 60),
	country text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$'),
	language text NOT NULL DEFAULT '' CHECK (language ~ '^([a-z]{2})?$'), -- empty: the tenant's
	time_zone text NOT NULL DEFAULT '' CHECK (char_length(time_zone) <= 60), -- empty: the tenant's
	owner_id bigint, -- the member who works this customer
	branch_id bigint,
	archived_at timestamptz,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, number),
	FOREIGN KEY (tenant_id, owner_id) REFERENCES members (tenant_id, id),
	FOREIGN KEY (tenant_id, branch_id) REFERENCES branches (tenant_id, id)
);
CREATE INDEX customers_by_name ON customers (tenant_id, name_key, id);
CREATE INDEX customers_by_owner ON customers (tenant_id, owner_id);
CALL tenant_table('customers');

-- What a customer owes under: a trade ledger account, or a loan.
CREATE TABLE accounts (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	kind text NOT NULL CHECK (kind IN ('trade', 'loan')),
	number text NOT NULL CHECK (char_length(number) BETWEEN 1 AND 60),
	opened_on date,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, number),
	UNIQUE (tenant_id, customer_id, id),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CALL tenant_table('accounts');

-- +goose Down
DROP TABLE accounts, customers;
