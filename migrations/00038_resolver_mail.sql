-- +goose Up
-- An e-mail to the colleague who settles a case: it is to nobody outside, so that
-- nothing which counts or bars what customers get sees it. Its link is made as it goes
-- out and is kept nowhere.
ALTER TABLE messages
	ADD COLUMN resolver_id bigint,
	ADD COLUMN case_id bigint,
	DROP CONSTRAINT messages_check1,
	DROP CONSTRAINT messages_check2,
	DROP CONSTRAINT messages_link_check,
	ADD CONSTRAINT messages_to_one CHECK (num_nonnulls(customer_id, member_id, resolver_id) = 1),
	ADD CONSTRAINT messages_of_case CHECK ((resolver_id IS NULL) = (case_id IS NULL)),
	ADD CONSTRAINT messages_link_check CHECK (link IN ('', 'first', 'reset', 'answer')),
	ADD CONSTRAINT messages_link_to CHECK (CASE link WHEN '' THEN true WHEN 'answer' THEN resolver_id IS NOT NULL ELSE member_id IS NOT NULL END),
	ADD CONSTRAINT messages_resolver FOREIGN KEY (tenant_id, resolver_id) REFERENCES resolvers (tenant_id, id),
	ADD CONSTRAINT messages_case FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id);
-- Who sees the case sees what went to its resolver.
ALTER POLICY branch ON messages
	USING (everywhere() OR (SELECT current_setting('app.branches') = 'all')
		OR EXISTS (SELECT FROM customers c WHERE c.tenant_id = messages.tenant_id AND c.id = messages.customer_id)
		OR messages.case_id IS NOT NULL AND EXISTS (SELECT FROM cases k WHERE k.tenant_id = messages.tenant_id AND k.id = messages.case_id));

-- +goose Down
ALTER POLICY branch ON messages
	USING (everywhere() OR (SELECT current_setting('app.branches') = 'all')
		OR EXISTS (SELECT FROM customers c WHERE c.tenant_id = messages.tenant_id AND c.id = messages.customer_id));
ALTER TABLE messages
	DROP CONSTRAINT messages_case,
	DROP CONSTRAINT messages_resolver,
	DROP CONSTRAINT messages_link_to,
	DROP CONSTRAINT messages_link_check,
	DROP CONSTRAINT messages_of_case,
	DROP CONSTRAINT messages_to_one;
-- what went to resolvers stays, and is told from nothing any more
ALTER TABLE messages
	DROP COLUMN case_id,
	DROP COLUMN resolver_id,
	ADD CONSTRAINT messages_link_check CHECK (link IN ('', 'first', 'reset')) NOT VALID,
	ADD CONSTRAINT messages_check1 CHECK ((customer_id IS NULL) <> (member_id IS NULL)) NOT VALID,
	ADD CONSTRAINT messages_check2 CHECK (link = '' OR member_id IS NOT NULL) NOT VALID;
