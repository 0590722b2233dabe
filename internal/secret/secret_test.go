package secret_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/secret"
)

func box(t *testing.T) *secret.Box {
	t.Helper()
	b, err := secret.Parse(secret.NewKey() + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What is sealed is read by the same key, for the same company and purpose, and
// shows nothing of itself.
func TestSealed(t *testing.T) {
	t.Parallel()
	b := box(t)
	sealed, err := b.Seal(7, "token", "hunter2")
	again, _ := b.Seal(7, "token", "hunter2")
	if err != nil || strings.Contains(string(sealed), "hunter2") || slices.Equal(sealed, again) {
		t.Errorf("sealed as %q, again as %q (%v)", sealed, again, err)
	}
	if plain, err := b.Open(7, "token", sealed); plain != "hunter2" || err != nil {
		t.Errorf("opened %q, %v", plain, err)
	}
	altered := slices.Clone(sealed)
	altered[len(altered)-1] ^= 1
	for name, open := range map[string]func() (string, error){
		"another company": func() (string, error) { return b.Open(8, "token", sealed) },
		"another purpose": func() (string, error) { return b.Open(7, "password", sealed) },
		"another key":     func() (string, error) { return box(t).Open(7, "token", sealed) },
		"altered":         func() (string, error) { return b.Open(7, "token", altered) },
		"cut":             func() (string, error) { return b.Open(7, "token", sealed[:5]) },
		"nothing":         func() (string, error) { return b.Open(7, "token", nil) },
	} {
		if plain, err := open(); plain != "" || !errors.Is(err, secret.ErrUnreadable) {
			t.Errorf("%s: opened %q, %v", name, plain, err)
		}
	}
}

func TestSigned(t *testing.T) {
	t.Parallel()
	b := box(t)
	token, err := b.Sign("link", 7, 42, -3)
	if err != nil || strings.ContainsAny(token, "/+=") {
		t.Fatalf("the token is %q, %v", token, err)
	}
	if tenant, ids, err := b.Verify("link", token); tenant != 7 || !slices.Equal(ids, []int64{42, -3}) || err != nil {
		t.Errorf("the token is of %d, %v, %v", tenant, ids, err)
	}
	if tenant, ids, err := b.Verify("link", sign(t, b, "link", 9)); tenant != 9 || len(ids) != 0 || err != nil {
		t.Errorf("the token without ids is of %d, %v, %v", tenant, ids, err)
	}
	for name, c := range map[string]struct {
		by             *secret.Box
		purpose, token string
	}{
		"another purpose":  {b, "call", token},
		"another key":      {box(t), "link", token},
		"no key":           {nil, "link", token},
		"altered":          {b, "link", "B" + token[1:]},
		"its end altered":  {b, "link", token[:len(token)-2] + "AA"},
		"cut":              {b, "link", token[:len(token)-4]},
		"lengthened":       {b, "link", token + "AAAA"},
		"a signature only": {b, "link", "AAAAAAAAAAAAAAAAAAAAAA"},
		"no base64":        {b, "link", "ø ? %"},
		"nothing":          {b, "link", ""},
	} {
		if tenant, ids, err := c.by.Verify(c.purpose, c.token); !errors.Is(err, errs.NotFound) || tenant != 0 || ids != nil {
			t.Errorf("%s: of %d, %v, %v", name, tenant, ids, err)
		}
	}
}

func sign(t *testing.T, b *secret.Box, purpose string, ids ...int64) string {
	t.Helper()
	token, err := b.Sign(purpose, ids[0], ids[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestWithoutKey(t *testing.T) {
	t.Parallel()
	var none *secret.Box
	_, sealing := none.Seal(7, "token", "hunter2")
	_, opening := none.Open(7, "token", []byte("x"))
	_, signing := none.Sign("link", 7)
	for _, err := range []error{sealing, opening, signing} {
		if !errors.Is(err, secret.ErrNoKey) {
			t.Errorf("without a key: %v", err)
		}
	}
	for _, text := range []string{"", "ø", "c2hvcnQ=", secret.NewKey() + "AAAA"} {
		if b, err := secret.Parse(text); err == nil || b.Ready() || strings.Contains(err.Error(), text) && text != "" {
			t.Errorf("the key %q: %v", text, err)
		}
	}
}
