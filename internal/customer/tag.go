package customer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dunwell/internal/errs"
)

// How many tags a customer has at most, and how many characters each.
const (
	MaxTags = 20
	MaxTag  = 40
)

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
