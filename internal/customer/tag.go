package customer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// How many tags a customer has at most, and how many characters each.
const (
	MaxTags = 20
	MaxTag  = 40
)

// MostTags is how many tags QueueTags lists at most.
const MostTags = 500

// QueueTags reads the tags of customers who are not archived, in the order of the
// alphabet.
func QueueTags(b *tenant.Batch, into *[]string) {
	b.Queue("list tags", `
		SELECT DISTINCT unnest(c.tags) AS tag
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.archived_at IS NULL AND c.tags <> '{}'
		ORDER BY tag
		LIMIT @most`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "most": MostTags}, func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
}

// TidyTag brings a tag into the form in which it is kept and compared: small
// letters, single spaces.
func TidyTag(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// tidyTags brings tags as typed into form.
func tidyTags(inv *errs.Invalid, typed *string) {
	*typed = strings.Join(ReadTags(inv, "tags", *typed), ", ")
}

// ReadTags reads tags as typed, with commas between: each once, in the order of the
// alphabet. What no customer can have is refused at the field.
func ReadTags(inv *errs.Invalid, field, typed string) []string {
	tags := splitTags(typed)
	for _, t := range tags {
		tenant.OneLine(inv, &t, field)
		inv.Check(utf8.RuneCountInString(t) <= MaxTag, field, fmt.Sprintf("A tag has %d characters at most. Put commas between tags.", MaxTag))
	}
	inv.Check(len(tags) <= MaxTags, field, fmt.Sprintf("A customer has %d tags at most.", MaxTags))
	return tags
}

func splitTags(typed string) []string {
	tags := []string{}
	for part := range strings.SplitSeq(typed, ",") {
		if t := TidyTag(part); t != "" {
			tags = append(tags, t)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}
