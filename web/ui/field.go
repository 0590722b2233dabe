package ui

import (
	"maps"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"dunwell/internal/errs"
)

// Field is one control of a form: what it is called and holds, as typed, and
// what is wrong with it.
type Field struct {
	Label, Name, Value, Error, Hint string
	// ID is made of the name where empty; give one where a page has two forms
	// with a field of that name.
	ID string
	// Type is the type of an Input; empty means text.
	Type, Autocomplete            string
	Required, Autofocus, Disabled bool
	// Multiple lets a File take several.
	Multiple bool
	// MaxLength and Rows are left to the browser where 0.
	MaxLength, Rows int
	// Known are values that an Input offers; others can be typed.
	Known []string
}

// Option is a choice of a Select.
type Option struct{ Value, Label string }

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return "field-" + f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// describedBy names the hint and the message to screen readers.
func (f Field) describedBy() string {
	switch {
	case f.Error != "" && f.Hint != "":
		return f.id() + "-error " + f.id() + "-hint"
	case f.Error != "":
		return f.id() + "-error"
	case f.Hint != "":
		return f.id() + "-hint"
	}
	return ""
}

// problem is one line of FormErrors; field is empty for the form as a whole.
type problem struct{ field, message string }

// problems lists what is wrong: the form as a whole first, then by field name.
// One message that stands beside its field already is not said twice.
func problems(inv errs.Invalid) []problem {
	if _, whole := inv[""]; len(inv) < 2 && !whole {
		return nil
	}
	var list []problem
	for _, name := range slices.Sorted(maps.Keys(inv)) {
		list = append(list, problem{name, inv[name]})
	}
	return list
}

func newFormID() string { return uuid.NewString() }

// attributes are those that every control may have.
func (f Field) attributes() templ.Attributes {
	attrs := templ.Attributes{
		"required": f.Required, "autofocus": f.Autofocus, "disabled": f.Disabled, "multiple": f.Multiple,
	}
	if f.Error != "" {
		attrs["aria-invalid"] = "true"
	}
	if by := f.describedBy(); by != "" {
		attrs["aria-describedby"] = by
	}
	return attrs
}
