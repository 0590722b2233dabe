package dunning

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// MaxRetagged is how many customers Retag changes at once: each is looked at anew, as
// another policy may remind it now.
const MaxRetagged = 10_000

// Retag gives the chosen customers tags, as typed with commas between, and takes others
// away, with a note for each who changes. It tells how many these are, and how many stay
// as they are because they would have too many.
func Retag(ctx context.Context, tx *tenant.Tx, ch customer.Choice, give, take string) (changed, left int, err error) {
	ids, err := customer.Chosen(ctx, tx, ch)
	if err != nil {
		return 0, 0, err
	}
	var inv errs.Invalid
	added, gone := customer.ReadTags(&inv, "give", give), customer.ReadTags(&inv, "take", take)
	inv.Check(len(added)+len(gone) > 0, "give", "Give a tag, or one to be taken away.")
	for _, t := range gone {
		inv.Check(!slices.Contains(added, t), "take", fmt.Sprintf("The tag %s is to be given as well. Decide for one.", t))
	}
	inv.Check(len(ids) <= MaxRetagged, "give", fmt.Sprintf("At most %d customers get tags at once. Choose fewer, by the filter of the list.", MaxRetagged))
	if err := inv.Err(); err != nil {
		return 0, 0, err
	}
	if err := ledger.Hold(ctx, tx, ids); err != nil {
		return 0, 0, err
	}
	rows, _ := tx.Query(ctx, `
		WITH asked AS (
			SELECT c.id, c.tags AS had, ARRAY(
					SELECT DISTINCT t COLLATE "C" AS t FROM unnest(c.tags || @give::text[]) t WHERE t <> ALL(@take::text[]) ORDER BY t) AS tags
			FROM customers c
			WHERE c.tenant_id = @tenant AND c.id = ANY(@ids) AND c.merged_into IS NULL
		), changed AS (
			UPDATE customers c
			SET tags = a.tags, version = c.version + 1
			FROM asked a
			WHERE c.tenant_id = @tenant AND c.id = a.id AND a.tags <> a.had AND cardinality(a.tags) <= @most
		)
		SELECT a.id, a.had, a.tags FROM asked a WHERE a.tags <> a.had ORDER BY a.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "give": added, "take": gone, "most": customer.MaxTags})
	var notes []note.New
	var id int64
	var had, tags []string
	_, err = pgx.ForEachRow(rows, []any{&id, &had, &tags}, func() error {
		if len(tags) > customer.MaxTags {
			left++
			return nil
		}
		tx.Touch(id)
		notes = append(notes, note.New{CustomerID: id, Kind: "changed",
			Text: fmt.Sprintf("Changed tags from “%s” to “%s”.", strings.Join(had, ", "), strings.Join(tags, ", "))})
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("tag customers: %w", err)
	}
	return len(notes), left, note.AddMany(ctx, tx, notes)
}
