-- +goose Up
-- What a telephone number itself asked for by STOP or START. The last word of a number
-- counts for every customer who has it, and for each who gets it later: so it belongs to
-- no customer and to no branch.
CREATE TABLE number_words (
	tenant_id bigint NOT NULL DEFAULT current_setting('app.tenant_id')::bigint REFERENCES tenants,
	id bigint GENERATED ALWAYS AS IDENTITY,
	number text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{5,14}$'), -- E.164, as contact points have it
	state text NOT NULL CHECK (state IN ('opt_out', 'lifted')), -- of SMS
	given_on date NOT NULL,
	source text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 300), -- how we know
	review_on date,
	evidence text NOT NULL CHECK (char_length(evidence) BETWEEN 1 AND 1000),
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (tenant_id, id),
	CHECK ((state = 'opt_out') = (review_on IS NOT NULL))
);
CREATE INDEX number_words_last ON number_words (tenant_id, number, id DESC);
CALL record_table('number_words');

-- What was said until now: by SMS of their own, and to the provider, who told so when an
-- SMS was refused.
INSERT INTO number_words (tenant_id, number, state, given_on, source, review_on, evidence, at)
SELECT tenant_id, number, state, given_on, source, CASE state WHEN 'opt_out' THEN (given_on + interval '12 months')::date END, evidence, at
FROM (
	SELECT r.tenant_id, r.from_address AS number, CASE r.kind WHEN 'stop' THEN 'opt_out' ELSE 'lifted' END AS state,
		(r.taken_at AT TIME ZONE t.time_zone)::date AS given_on, 'Their own SMS' AS source,
		coalesce(nullif(left(regexp_replace(btrim(r.body), '\s+', ' ', 'g'), 200), ''), upper(r.kind)) AS evidence, r.taken_at AS at
	FROM received r
	JOIN tenants t ON t.id = r.tenant_id
	WHERE r.channel = 'sms' AND r.kind IN ('stop', 'start')
	UNION ALL
	SELECT s.tenant_id, m.address, 'opt_out', s.given_on, s.source, s.evidence, min(s.at)
	FROM permissions s
	JOIN messages m ON m.tenant_id = s.tenant_id AND m.customer_id = s.customer_id AND m.contact_point_id = s.contact_point_id AND m.channel = 'sms'
	WHERE s.channel = 'sms' AND s.state = 'opt_out' AND s.source = 'The provider, which they told so' AND s.evidence <> ''
		AND EXISTS (
			SELECT FROM message_events e
			WHERE e.tenant_id = m.tenant_id AND e.message_id = m.id AND e.state = 'failed' AND e.detail = s.evidence)
	GROUP BY s.tenant_id, m.address, s.given_on, s.source, s.evidence) said
WHERE number ~ '^\+[1-9][0-9]{5,14}$'
ORDER BY at;

-- It counts where it was forgotten: on the numbers that customers got after they had
-- said STOP, unless something was said there since.
INSERT INTO permissions (tenant_id, customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence)
SELECT p.tenant_id, p.customer_id, p.id, 'sms', w.state, w.given_on, w.source, w.review_on, w.evidence
FROM (SELECT DISTINCT ON (tenant_id, number) * FROM number_words ORDER BY tenant_id, number, id DESC) w
JOIN contact_points p ON p.tenant_id = w.tenant_id AND p.kind = 'phone' AND p.value = w.number
WHERE w.state = 'opt_out' AND NOT EXISTS (
	SELECT FROM contact_points o
	JOIN permissions s ON s.tenant_id = o.tenant_id AND s.customer_id = o.customer_id AND s.contact_point_id = o.id
	WHERE o.tenant_id = p.tenant_id AND o.customer_id = p.customer_id AND o.kind = 'phone' AND o.value = p.value
		AND s.channel = 'sms' AND (s.state IN ('opt_out', 'lifted') AND s.at >= w.at
			OR s.contact_point_id = p.id AND s.state = 'opt_out' AND NOT EXISTS (
				SELECT FROM permissions n
				WHERE n.tenant_id = s.tenant_id AND n.customer_id = s.customer_id AND n.contact_point_id = s.contact_point_id AND n.channel = 'sms' AND n.id > s.id)))
ORDER BY p.tenant_id, p.id;

-- +goose Down
DROP TABLE number_words;
