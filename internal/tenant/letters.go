package tenant

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"dunwell/internal/errs"
)

// PlainLetters tells what an e-mail address is written with: mail servers take no others,
// and signs that turn letters round would make it read as another one.
func PlainLetters(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool { return r > unicode.MaxASCII })
}

// Unreadable are control signs, and those that turn the letters after them round, so that
// a name or an address reads as another.
func Unreadable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) && r >= '\u202a'
}

// OneLine brings what was typed in one line into form, with single blanks, and refuses at
// its field what is Unreadable.
func OneLine(inv *errs.Invalid, text *string, field string) {
	*text = strings.Join(strings.Fields(*text), " ")
	if i := strings.IndexFunc(*text, Unreadable); i >= 0 {
		r, _ := utf8.DecodeRuneInString((*text)[i:])
		inv.Check(false, field, fmt.Sprintf("This holds a sign that is not seen and may turn the text round (%U). Type it anew instead of pasting it.", r))
	}
}
