-- +goose Up
-- Where one member had all that there was, the database took every member for one who
-- has all, and went through the whole agenda for somebody who has nothing of it. Whose
-- something is divides it, however few there are who have any.
ALTER TABLE agenda_entries ALTER COLUMN owner_id SET (n_distinct = 50);
ALTER TABLE cases ALTER COLUMN owner_id SET (n_distinct = 50);

-- +goose Down
ALTER TABLE agenda_entries ALTER COLUMN owner_id RESET (n_distinct);
ALTER TABLE cases ALTER COLUMN owner_id RESET (n_distinct);
