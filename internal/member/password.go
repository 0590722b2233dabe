package member

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"dunwell/internal/errs"
)

// The lengths of a password, in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

// cost is what one hash takes: 19 MiB and two passes.
var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// slots holds the hashing to two at a time, so that a rush at the door costs
// waiting and not memory.
var slots = make(chan struct{}, 2)

// nobody is compared where there is no such account or no password yet, so that
// the answer takes as long as any other. Nothing matches it.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func inSlot[T any](ctx context.Context, slots chan struct{}, f func() (T, error)) (T, error) {
	var none T
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
		return f()
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

func hashPassword(ctx context.Context, password string) (string, error) {
	return inSlot(ctx, slots, func() (string, error) { return argon2id.CreateHash(password, cost) })
}

// matches compares the password with the hash, which may be nil.
func matches(ctx context.Context, password string, hash *string) (bool, error) {
	against := nobody
	if hash != nil {
		against = *hash
	}
	return inSlot(ctx, slots, func() (bool, error) { return argon2id.ComparePasswordAndHash(password, against) })
}

// checkPassword holds a new password to the rules: long enough, and not what
// everybody knows about the person.
func checkPassword(password, email, name string) error {
	var inv errs.Invalid
	n := utf8.RuneCountInString(password)
	inv.Check(n >= MinPassword, "password", "Use at least 12 characters. Several words in a row do well.")
	inv.Check(n <= MaxPassword, "password", "Use at most 128 characters.")
	mailbox, _, _ := strings.Cut(email, "@")
	for _, known := range []string{email, mailbox, name} {
		inv.Check(bare(password) != bare(known), "password", "Use something else than your name or e-mail address.")
	}
	return inv.Err()
}

// bare leaves out what does not make one text different from another to a
// person who guesses: case, spaces and dots.
func bare(s string) string {
	return strings.NewReplacer(" ", "", ".", "", "-", "", "_", "").Replace(strings.ToLower(s))
}
