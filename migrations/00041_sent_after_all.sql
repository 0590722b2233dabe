-- +goose Up
-- Done that was taken back because its message was not sent is not forgotten: it is
-- said once that message, or another that it waited for, is sent after all.
ALTER TABLE agenda_entries
	ADD COLUMN done_action_id bigint, -- the last action that it waited for when it was taken back
	ADD CHECK (done_action_id IS NULL OR done_asked_at IS NULL),
	ADD FOREIGN KEY (tenant_id, done_action_id) REFERENCES agenda_actions (tenant_id, id);

-- +goose Down
ALTER TABLE agenda_entries DROP COLUMN done_action_id;
