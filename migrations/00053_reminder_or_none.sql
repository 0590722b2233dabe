-- +goose Up
-- Whether what was written is a reminder is said as it is written, and kept: the text of
-- a level may be another one by the time somebody says Done. A call and what was done by
-- hand always are.
ALTER TABLE agenda_actions
	ADD COLUMN reminds boolean NOT NULL DEFAULT true,
	ADD CONSTRAINT agenda_actions_reminds CHECK (reminds OR message_id IS NOT NULL);
-- What is there already is what it is taken for today. This once the rows are changed,
-- and nobody else can write until they are protected again.
ALTER TABLE agenda_actions DISABLE TRIGGER append_only;
UPDATE agenda_actions a
SET reminds = false
FROM messages m
LEFT JOIN template_texts x ON x.tenant_id = m.tenant_id AND x.id = m.text_id
LEFT JOIN templates t ON t.tenant_id = x.tenant_id AND t.id = x.template_id
WHERE m.tenant_id = a.tenant_id AND m.id = a.message_id AND NOT m.demands AND m.author_id IS NOT NULL AND t.demands IS NOT TRUE
	AND NOT EXISTS (
		SELECT FROM level_actions v
		WHERE v.tenant_id = a.tenant_id AND v.level_id = a.level_id AND v.template_id = t.id);
ALTER TABLE agenda_actions ENABLE ALWAYS TRIGGER append_only;

-- +goose Down
ALTER TABLE agenda_actions DROP COLUMN reminds;
