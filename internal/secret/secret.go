// Package secret keeps what must not be read in the database readable to the
// program only, and signs what comes back to it from outside: links and the
// addresses of callbacks. It knows nothing of what is sealed or signed.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"dunwell/internal/errs"
)

// KeySize is how many bytes a key has.
const KeySize = 32

// ErrNoKey refuses what needs a key where the program has none.
const ErrNoKey = errs.Conflict("This installation has no key to keep passwords with, so none can be kept. Whoever runs it sets DUNWELL_KEY to 32 random bytes in base64.")

// ErrUnreadable is returned for what this key did not seal, or did not seal for
// this company and purpose.
var ErrUnreadable = errors.New("sealed with another key, or changed since")

// Box seals and signs with one key. A nil Box has no key: it seals and signs
// nothing.
type Box struct {
	seal cipher.AEAD
	sign []byte
}

// New makes a box from a key.
func New(key []byte) (*Box, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("a key has %d bytes, and this has %d", KeySize, len(key))
	}
	sealing, err := hkdf.Expand(sha256.New, key, "dunwell seal", KeySize)
	if err != nil {
		return nil, err
	}
	signing, err := hkdf.Expand(sha256.New, key, "dunwell sign", KeySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	return &Box{gcm, signing}, err
}

// Parse makes a box from a key in base64, as the environment has it.
func Parse(text string) (*Box, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("the key is not written in base64: make one with openssl rand -base64 32") // no more: it is a key
	}
	return New(key)
}

// NewKey makes a key, as Parse reads it.
func NewKey() string {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // it never fails
	return base64.StdEncoding.EncodeToString(key)
}

// Ready tells whether there is a key.
func (b *Box) Ready() bool { return b != nil }

// Seal makes unreadable what a company keeps for a purpose. The same twice looks
// different.
func (b *Box) Seal(tenantID int64, purpose, plain string) ([]byte, error) {
	if !b.Ready() {
		return nil, ErrNoKey
	}
	return b.seal.Seal(nil, nil, []byte(plain), about(tenantID, purpose)), nil
}

// Open reads what was sealed for the same company and purpose.
func (b *Box) Open(tenantID int64, purpose string, sealed []byte) (string, error) {
	if !b.Ready() {
		return "", ErrNoKey
	}
	plain, err := b.seal.Open(nil, nil, sealed, about(tenantID, purpose))
	if err != nil {
		return "", ErrUnreadable
	}
	return string(plain), nil
}

// about is what the sealed text is bound to.
func about(tenantID int64, purpose string) []byte {
	return binary.AppendVarint([]byte(purpose+"\x00"), tenantID)
}

// signed is how many bytes of a signature a token carries.
const signed = 16

// Sign makes a token that names the company and holds the ids. It goes into an
// address as it is. A token is good for one purpose, and for ever: whoever reads it
// looks whether its time has passed.
func (b *Box) Sign(purpose string, tenantID int64, ids ...int64) (string, error) {
	if !b.Ready() {
		return "", ErrNoKey
	}
	body := binary.AppendVarint(nil, tenantID)
	for _, id := range ids {
		body = binary.AppendVarint(body, id)
	}
	return base64.RawURLEncoding.EncodeToString(append(body, b.mac(purpose, body)...)), nil
}

// Verify reads a token of that purpose. One that was made up or altered is not
// found.
func (b *Box) Verify(purpose, token string) (tenantID int64, ids []int64, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || !b.Ready() || len(raw) <= signed {
		return 0, nil, errs.NotFound
	}
	body := raw[:len(raw)-signed]
	if !hmac.Equal(raw[len(body):], b.mac(purpose, body)) {
		return 0, nil, errs.NotFound
	}
	for len(body) > 0 {
		id, n := binary.Varint(body)
		if n <= 0 {
			return 0, nil, errs.NotFound
		}
		ids, body = append(ids, id), body[n:]
	}
	return ids[0], ids[1:], nil
}

func (b *Box) mac(purpose string, body []byte) []byte {
	h := hmac.New(sha256.New, b.sign)
	h.Write([]byte(purpose + "\x00"))
	h.Write(body)
	return h.Sum(nil)[:signed]
}
