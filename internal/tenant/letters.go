package tenant

import (
	"strings"
	"unicode"
)

// PlainLetters tells what an e-mail address is written with: mail servers take no others,
// and signs that turn letters round would make it read as another one.
func PlainLetters(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool { return r > unicode.MaxASCII })
}
