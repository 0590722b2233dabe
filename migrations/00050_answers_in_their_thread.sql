-- +goose Up
-- The ids of the e-mails that a message follows on, the oldest first; the last is the one
-- that it answers. They come from outside and go into a header: nothing else may be in them.
ALTER TABLE messages ADD COLUMN thread text NOT NULL DEFAULT ''
	CONSTRAINT messages_thread CHECK (char_length(thread) <= 2600 AND thread ~ '^(<[!-;=?-~]+@[!-;=?-~]+>( <[!-;=?-~]+@[!-;=?-~]+>)*)?$'
		AND (thread = '' OR channel = 'email'));

-- +goose Down
ALTER TABLE messages DROP COLUMN thread;
