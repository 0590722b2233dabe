package document

import (
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dunwell/internal/note"
)

// A name is cut to these, its ending kept: some disks count characters, others
// bytes.
const (
	maxNameRunes = 120
	maxNameBytes = 240
)

// safeName makes of a name as it came one that is fit for every disk and screen:
// without folders, without what is not seen or turns the writing round, and none
// that Windows keeps for itself. It is never empty.
func safeName(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(visible, note.MaskCards(s))
	s = strings.Trim(strings.Join(strings.Fields(s), " "), ". ")
	if s == "" {
		s = "document"
	}
	if reserved.MatchString(s) {
		s = "_" + s
	}
	return shorten(s)
}

// Slug is what of a text can stand in the name of any download: ASCII letters and
// digits, a hyphen for what is between them. It is empty where there are none.
func Slug(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}), "-")
}

// visible replaces what a disk refuses and drops what is not seen.
func visible(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	case unicode.IsSpace(r):
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
		return -1
	}
	return r
}

// reserved are the names of devices in Windows, whatever they end in.
var reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|(com|lpt)[0-9¹²³])\s*(\.|$)`)

// shorten cuts the name before its ending.
func shorten(s string) string {
	end := ending(s)
	stem := strings.TrimSuffix(s, end)
	for utf8.RuneCountInString(stem)+utf8.RuneCountInString(end) > maxNameRunes || len(stem)+len(end) > maxNameBytes {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return strings.TrimRight(stem, ". ") + end
}

// ending is what a name ends in, with its dot: ".pdf"; empty where that is not
// short and plain.
func ending(name string) string {
	end := path.Ext(name)
	if len(end) < 2 || len(end) > 10 || len(end) == len(name) {
		return ""
	}
	for _, r := range end[1:] {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return ""
		}
	}
	return end
}
