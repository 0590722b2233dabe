-- +goose Up
-- A long journal by kinds and by authors, however rare one of them is in it. Both
-- go on to the number, so that the newest ones are read and no others.
CREATE INDEX notes_by_kind ON notes (tenant_id, customer_id, kind, seq);
CREATE INDEX notes_by_author ON notes (tenant_id, customer_id, author_id, seq);

-- Who looked at a customer or a document, and what was refused.
CREATE INDEX audit_events_of_subject ON audit_events (tenant_id, subject, subject_id, id) WHERE subject_id IS NOT NULL;

-- +goose Down
DROP INDEX audit_events_of_subject, notes_by_author, notes_by_kind;
