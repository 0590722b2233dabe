-- +goose Up
-- What a contact point was before it was changed: a number or address that is out of use
-- and that nobody sees, kept so that no file brings it back and an opt-out of it is met.
-- Often it was a slip, and is somebody else's.
ALTER TABLE contact_points
	ADD COLUMN former boolean NOT NULL DEFAULT false,
	ADD CONSTRAINT contact_points_former CHECK (NOT former OR retired_at IS NOT NULL);

-- +goose Down
ALTER TABLE contact_points DROP COLUMN former;
