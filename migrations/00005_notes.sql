-- +goose Up
-- The last sequence and hash of each customer's journal, so that losing the
-- newest note is found too. Made with the customer, kept by the notes' trigger.
CREATE TABLE note_heads (
	tenant_id bigint NOT NULL,
	customer_id bigint NOT NULL,
	seq bigint NOT NULL DEFAULT 0,
	hash bytea NOT NULL DEFAULT '',
	PRIMARY KEY (tenant_id, customer_id),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
) WITH (fillfactor = 70);
CALL tenant_table('note_heads', 'SELECT');

-- +goose StatementBegin
CREATE FUNCTION make_note_heads() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO note_heads (tenant_id, customer_id) SELECT tenant_id, id FROM added;
	RETURN NULL;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION make_note_heads FROM PUBLIC;
CREATE TRIGGER note_heads AFTER INSERT ON customers REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION make_note_heads();

-- The journal. Nobody changes or removes a note, ever: see record_table.
CREATE TABLE notes (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	customer_id bigint NOT NULL,
	seq bigint NOT NULL DEFAULT 0, -- within the customer, from 1, set by the trigger
	at timestamptz NOT NULL DEFAULT clock_timestamp(), -- set by the trigger
	author_id bigint, -- NULL: the program itself
	author text NOT NULL CHECK (char_length(author) BETWEEN 1 AND 120), -- the name of that time
	kind text NOT NULL CHECK (kind ~ '^[a-z][a-z_]{0,40}$'),
	text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 10000),
	subject text NOT NULL DEFAULT '' CHECK (subject ~ '^([a-z][a-z_]{0,40})?$'), -- what it is about: item, payment ...
	subject_id bigint,
	data jsonb NOT NULL DEFAULT '{}',
	corrects bigint, -- the sequence of the note that this one corrects
	prev_hash bytea NOT NULL DEFAULT '',
	hash bytea NOT NULL DEFAULT '',
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, customer_id, seq),
	CONSTRAINT notes_corrected_once UNIQUE (tenant_id, customer_id, corrects),
	CHECK ((subject = '') = (subject_id IS NULL)),
	CHECK (corrects < seq),
	FOREIGN KEY (tenant_id, customer_id) REFERENCES note_heads (tenant_id, customer_id),
	FOREIGN KEY (tenant_id, customer_id, corrects) REFERENCES notes (tenant_id, customer_id, seq),
	FOREIGN KEY (tenant_id, author_id) REFERENCES members (tenant_id, id)
);
CALL record_table('notes');

-- +goose StatementBegin
-- note_hash: what a note is sealed with. A moment counts as its epoch and the
-- data as jsonb's own text, so that no session setting changes the answer.
CREATE FUNCTION note_hash(n notes) RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT sha256(n.prev_hash || convert_to(jsonb_build_array(n.tenant_id, n.customer_id, n.seq, extract(epoch FROM n.at),
		n.author_id, n.author, n.kind, n.text, n.subject, n.subject_id, n.data, n.corrects)::text, 'UTF8'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Links a new note to its customer's chain: lock the head, count up, take the
-- moment after the lock (so that it never runs backwards), seal, move the head.
-- Sequential scans are off because a plan kept from an empty table would read
-- all heads for each note.
CREATE FUNCTION chain_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
	SELECT h.seq + 1, h.hash INTO NEW.seq, NEW.prev_hash
	FROM note_heads h
	WHERE h.tenant_id = NEW.tenant_id AND h.customer_id = NEW.customer_id
	FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'customer % has no journal', NEW.customer_id USING ERRCODE = 'foreign_key_violation';
	END IF;
	NEW.at := clock_timestamp();
	NEW.hash := note_hash(NEW);
	UPDATE note_heads h SET seq = NEW.seq, hash = NEW.hash
	WHERE h.tenant_id = NEW.tenant_id AND h.customer_id = NEW.customer_id;
	RETURN NEW;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION chain_note FROM PUBLIC;
CREATE TRIGGER chain BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION chain_note();
ALTER TABLE notes ENABLE ALWAYS TRIGGER chain;

-- +goose StatementBegin
-- note_faults: where the journals are not what was written: a note missing
-- before this one, changed, or lost at the end. One row a fault, in the order
-- of customers and sequences; no row means that every chain is whole.
CREATE FUNCTION note_faults()
RETURNS TABLE (customer_id bigint, number text, seq bigint, fault text)
LANGUAGE sql STABLE AS $$
	WITH chain AS (
		SELECT n.customer_id, n.seq, n.prev_hash, n.hash, note_hash(n) AS sealed,
			lag(n.seq, 1, 0::bigint) OVER w AS before,
			lag(n.hash, 1, ''::bytea) OVER w AS hash_before
		FROM notes n
		WHERE n.tenant_id = (SELECT current_setting('app.tenant_id')::bigint)
		WINDOW w AS (PARTITION BY n.customer_id ORDER BY n.seq)
	), ends AS (
		SELECT DISTINCT ON (c.customer_id) c.customer_id, c.seq, c.hash FROM chain c ORDER BY c.customer_id, c.seq DESC
	), faults AS (
		SELECT c.customer_id, c.before + 1 AS seq, 'missing' AS fault FROM chain c WHERE c.seq <> c.before + 1
		UNION ALL
		SELECT c.customer_id, c.seq, 'changed' FROM chain c
		WHERE c.seq = c.before + 1 AND (c.hash <> c.sealed OR c.prev_hash <> c.hash_before)
		UNION ALL
		SELECT k.id, coalesce(e.seq, 0) + 1, CASE WHEN h.customer_id IS NULL THEN 'head missing' ELSE 'missing at the end' END
		FROM customers k
		LEFT JOIN note_heads h ON h.tenant_id = k.tenant_id AND h.customer_id = k.id
		LEFT JOIN ends e ON e.customer_id = k.id
		WHERE k.tenant_id = (SELECT current_setting('app.tenant_id')::bigint)
			AND (h.customer_id IS NULL OR h.seq <> coalesce(e.seq, 0) OR h.hash <> coalesce(e.hash, ''))
	)
	SELECT f.customer_id, k.number, f.seq, f.fault
	FROM faults f
	JOIN customers k ON k.tenant_id = (SELECT current_setting('app.tenant_id')::bigint) AND k.id = f.customer_id
	ORDER BY f.customer_id, f.seq, f.fault
$$;
-- +goose StatementEnd

-- Pins are not part of the record: they come and go.
CREATE TABLE note_pins (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	customer_id bigint NOT NULL,
	seq bigint NOT NULL,
	member_id bigint NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (tenant_id, customer_id, seq),
	FOREIGN KEY (tenant_id, customer_id, seq) REFERENCES notes (tenant_id, customer_id, seq),
	FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
);
CALL tenant_table('note_pins', 'SELECT, INSERT, DELETE');

-- +goose Down
DROP TABLE note_pins;
DROP FUNCTION note_faults;
DROP TABLE notes CASCADE; -- note_hash takes its row type
DROP TRIGGER note_heads ON customers;
DROP TABLE note_heads;
DROP FUNCTION chain_note, make_note_heads;
