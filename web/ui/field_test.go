package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"dunwell/internal/errs"
)

func TestFields(t *testing.T) {
	t.Parallel()
	wrong := Field{Label: "Amount", Name: "amount", Value: "twelve", Error: "Give an amount.", Hint: "In NOK.", Required: true}
	for name, c := range map[string]struct {
		c    templ.Component
		want []string
		not  []string
	}{
		"wrong":                          {Input(wrong), []string{`value="twelve"`, `aria-invalid="true"`, `aria-describedby="field-amount-error field-amount-hint"`, ` required`}, nil},
		"right":                          {Input(Field{Name: "name"}), []string{`type="text"`}, []string{"aria-", " required", "autofocus", "disabled", "maxlength"}},
		"a password is not written back": {Input(Field{Name: "password", Type: "password", Value: "hunter22"}), nil, []string{"hunter22"}},
		"lines stay as typed":            {TextArea(Field{Name: "text", Value: "\n a\nb "}), []string{">\n\n a\nb </textarea>"}, nil},
		"chosen":                         {Select(Field{Name: "branch", Value: "2"}, []Option{{"1", "North"}, {"2", "South"}}), []string{`<option value="2" selected>South`}, []string{`value="1" selected`}},
		"ticked":                         {Check(Field{Name: "journal", Value: "on"}), []string{" checked"}, nil},
		"not ticked":                     {Check(Field{Name: "journal", Value: ""}), nil, []string{" checked"}},
		"its own id":                     {Input(Field{Name: "text", ID: "second-text", Error: "Say why."}), []string{`id="second-text"`, `id="second-text-error"`}, []string{"field-text"}},
	} {
		got := render(t, Page{}, c.c)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %s", name, want, got)
			}
		}
		for _, not := range c.not {
			if strings.Contains(got, not) {
				t.Errorf("%s: %q in %s", name, not, got)
			}
		}
	}
}

func TestFormErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inv  errs.Invalid
		want []problem
	}{
		"none":           {nil, nil},
		"one field":      {errs.Invalid{"a": "A."}, nil},
		"the whole form": {errs.Invalid{"": "W."}, []problem{{"", "W."}}},
		"two fields":     {errs.Invalid{"b": "B.", "a": "A."}, []problem{{"a", "A."}, {"b", "B."}}},
		"whole and one":  {errs.Invalid{"b": "B.", "": "W."}, []problem{{"", "W."}, {"b", "B."}}},
	} {
		if got := problems(c.inv); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFormIDsDiffer(t *testing.T) {
	t.Parallel()
	one, other := render(t, Page{}, FormID()), render(t, Page{}, FormID())
	if one == other {
		t.Error("two forms with one id")
	}
}
