package note

import (
	"context"
	"strings"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Correctable is nil where the actor may correct the note, else the refusal. A
// note that a person typed can be corrected by that person or a manager, and
// once: after that it is the correction that can be corrected.
func Correctable(a tenant.Actor, n Note) error {
	switch {
	case n.Kind != Typed:
		return errs.Forbidden("Dunwell wrote this line about what was done, so it stays. Add a note that says what is right.")
	case !a.Is(tenant.Manager) && (n.AuthorID == nil || *n.AuthorID != a.MemberID):
		return errs.Forbidden("Only its author or a manager can correct a note. Add a note of your own instead.")
	case n.CorrectedBy != nil:
		return corrected
	}
	return nil
}

const corrected = errs.Conflict("This note has been corrected already. Open the journal again and correct the correction.")

// Correct writes a second note that says what the note seq should have said, and
// names it. The first one stays as it is; journals show it struck out.
func Correct(ctx context.Context, tx *tenant.Tx, customerID, seq int64, text string) (int64, error) {
	n, err := Find(ctx, tx, customerID, seq)
	if err != nil {
		return 0, err
	}
	if err := Correctable(tx.Actor, n); err != nil {
		return 0, err
	}
	if strings.TrimSpace(text) == n.Text {
		return 0, errs.Invalid{"text": "This is what the note says already. Write what it should say."}
	}
	return Add(ctx, tx, New{CustomerID: customerID, Kind: Typed, Text: text, Corrects: seq})
}
