// Package errs names the four ways a request is refused. Domains return them,
// the web turns each into one status; anything else is a fault of ours.
package errs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NotFound is returned where no row is visible to the tenant; another tenant's
// id is answered the same way as an id that never was.
var NotFound = errors.New("not found")

// Forbidden refuses an actor who may see the thing but not do this with it.
// Its text is shown to the person: who may, and what to do instead.
type Forbidden string

func (f Forbidden) Error() string { return string(f) }

// Conflict refuses a change because the record moved on meanwhile.
// Its text is shown to the person.
type Conflict string

func (c Conflict) Error() string { return string(c) }

// Invalid refuses input: a message for each field, shown beside it. The empty
// field name holds a message about the input as a whole.
type Invalid map[string]string

func (v Invalid) Error() string {
	parts := make([]string, 0, len(v))
	for _, k := range slices.Sorted(maps.Keys(v)) {
		parts = append(parts, strings.TrimPrefix(fmt.Sprintf("%s: %s", k, v[k]), ": "))
	}
	return strings.Join(parts, "; ")
}

// Check records the message for the field unless ok. The first message of a
// field stays.
func (v *Invalid) Check(ok bool, field, message string) {
	if ok {
		return
	}
	if *v == nil {
		*v = Invalid{}
	}
	if _, taken := (*v)[field]; !taken {
		(*v)[field] = message
	}
}

// Err is nil where every check held, else v itself.
func (v Invalid) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}

// Refusal is the sentence of an error that refuses something, false for a fault.
func Refusal(err error) (string, bool) {
	var inv Invalid
	switch {
	case err == nil:
		return "", false
	case errors.As(err, &inv):
		return strings.Join(slices.Sorted(maps.Values(inv)), " "), true
	case errors.As(err, new(Conflict)), errors.As(err, new(Forbidden)):
		return err.Error(), true
	case errors.Is(err, NotFound):
		return "It is not there any more.", true
	}
	return "", false
}
