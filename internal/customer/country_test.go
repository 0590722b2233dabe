package customer_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
)

func TestReadCountry(t *testing.T) {
	t.Parallel()
	for text := range strings.FieldsSeq("NO DE AT GB US FR IT PL SE CH LI AX PN GF TF UM CW TL ME RS SS XK") {
		if got, err := customer.ReadCountry(" " + strings.ToLower(text)); got != text || err != nil {
			t.Errorf("%s is read as %q, %v", text, got, err)
		}
	}
	if got, err := customer.ReadCountry("uk"); got != "GB" || err != nil {
		t.Errorf("UK is read as %q, %v", got, err)
	}
	if got, err := customer.ReadCountry("  "); got != "" || err != nil {
		t.Errorf("none is read as %q, %v", got, err)
	}
	for _, c := range []struct{ texts, message string }{
		{"DD", "DD is not in use as a country's code. For Germany give DE."},
		{"TP", "For Timor-Leste give TL."},
		{"BU", "give MM."},
		{"UN SU AN CS YU NT EU EZ QO ZZ XA AC TA IC EA DG QX NOR 578 Norway N 1A", "This is no country. Give its two letters, such as NO."},
	} {
		for text := range strings.FieldsSeq(c.texts) {
			got, err := customer.ReadCountry(text)
			var inv errs.Invalid
			if errors.As(err, &inv); got != "" || !strings.Contains(inv["country"], c.message) {
				t.Errorf("%s is read as %q, %v; want it refused: %s", text, got, err, c.message)
			}
		}
	}
}
