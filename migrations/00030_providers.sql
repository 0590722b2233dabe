-- +goose Up
-- Who carries SMS and calls, where answers by e-mail arrive, and what becomes of a
-- message after it was taken.

-- The company's account with the provider of SMS and calls. Nothing is set up where
-- there is no account.
CREATE TABLE providers (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint PRIMARY KEY REFERENCES tenants,
	account_sid text NOT NULL DEFAULT '' CHECK (account_sid ~ '^(AC[0-9a-f]{32})?$'),
	sealed_token bytea, -- readable with the program's key only
	sms_from text NOT NULL DEFAULT '' CHECK (sms_from ~ '^(\+[1-9][0-9]{5,14})?$'), -- E.164; empty: no SMS
	call_from text NOT NULL DEFAULT '' CHECK (call_from ~ '^(\+[1-9][0-9]{5,14})?$'), -- empty: no calls
	-- what a part of an SMS costs, as the company knows it; shown while one is written
	part_price numeric(12, 6) CHECK (part_price > 0),
	part_currency char(3) CHECK (part_currency ~ '^[A-Z]{3}$'),
	version integer NOT NULL DEFAULT 1,
	CHECK ((account_sid = '') = (sealed_token IS NULL)),
	CHECK ((part_price IS NULL) = (part_currency IS NULL))
);
CALL tenant_table('providers');

-- The mailbox in which answers and returned e-mail arrive. Nothing is read where
-- there is no host.
CREATE TABLE mailboxes (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint PRIMARY KEY REFERENCES tenants,
	host text NOT NULL DEFAULT '' CHECK (char_length(host) <= 253),
	port integer NOT NULL DEFAULT 993 CHECK (port BETWEEN 1 AND 65535),
	security text NOT NULL DEFAULT 'tls' CHECK (security IN ('tls', 'starttls', 'none')), -- none: within one machine only
	username text NOT NULL DEFAULT '' CHECK (char_length(username) <= 254),
	sealed_password bytea, -- readable with the program's key only
	folder text NOT NULL DEFAULT 'INBOX' CHECK (char_length(folder) BETWEEN 1 AND 200),
	version integer NOT NULL DEFAULT 1,
	CHECK ((host = '') = (sealed_password IS NULL)),
	CHECK ((host = '') = (username = ''))
);
CALL tenant_table('mailboxes');

-- Delivered: the provider says that it arrived. Sent says no more than that it was
-- taken.
ALTER TABLE messages DROP CONSTRAINT messages_state_check;
ALTER TABLE messages ADD CONSTRAINT messages_state_check
	CHECK (state IN ('held', 'queued', 'sending', 'sent', 'delivered', 'failed', 'bounced', 'unknown', 'discarded'));
ALTER TABLE messages
	ADD COLUMN provider_id text CHECK (char_length(provider_id) BETWEEN 1 AND 64), -- what the provider calls it
	ADD COLUMN segments smallint CHECK (segments > 0), -- in how many parts an SMS goes
	ADD COLUMN price numeric(12, 6), -- where the provider says it
	ADD COLUMN price_currency char(3) CHECK (price_currency ~ '^[A-Z]{3}$'),
	-- the one answer to a debtor who opted out or in by SMS, which goes out all the same
	ADD COLUMN confirms text NOT NULL DEFAULT '' CHECK (confirms IN ('', 'stop', 'start')),
	ADD CONSTRAINT messages_provider_id UNIQUE (tenant_id, provider_id),
	ADD CONSTRAINT messages_priced CHECK ((price IS NULL) = (price_currency IS NULL)),
	ADD CONSTRAINT messages_in_parts CHECK ((channel = 'sms') = (segments IS NOT NULL));
GRANT UPDATE (provider_id, price, price_currency) ON messages TO app;
DROP INDEX messages_not_sent;
CREATE INDEX messages_not_sent ON messages (tenant_id, state, id DESC) WHERE state NOT IN ('sent', 'delivered');
-- whom of several customers an answer comes from: the one last written to
CREATE INDEX messages_to_point ON messages (tenant_id, contact_point_id, id DESC) WHERE channel = 'sms';

-- +goose Down
DROP INDEX messages_to_point, messages_not_sent;
REVOKE UPDATE (provider_id, price, price_currency) ON messages FROM app;
ALTER TABLE messages
	DROP CONSTRAINT messages_in_parts,
	DROP COLUMN confirms,
	DROP COLUMN price_currency,
	DROP COLUMN price,
	DROP COLUMN segments,
	DROP COLUMN provider_id,
	DROP CONSTRAINT messages_state_check;
UPDATE messages SET state = 'sent' WHERE state = 'delivered';
ALTER TABLE messages ADD CONSTRAINT messages_state_check
	CHECK (state IN ('held', 'queued', 'sending', 'sent', 'failed', 'bounced', 'unknown', 'discarded'));
CREATE INDEX messages_not_sent ON messages (tenant_id, state, id DESC) WHERE state <> 'sent';
DROP TABLE mailboxes, providers;
