package customer

import (
	"fmt"
	"strings"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"dunwell/internal/errs"
)

// ReadCountry reads the two letters of a country of ISO 3166-1 as it is today, and of
// Kosovo; "" is none. The library knows former codes and groups of countries too: those
// have no number of the United Nations or no money of today.
func ReadCountry(text string) (string, error) {
	code := strings.ToUpper(strings.TrimSpace(text))
	switch code {
	case "":
		return "", nil
	case "UK": // as many write it, who mean no other
		return "GB", nil
	}
	r, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 || !r.IsCountry() {
		return "", noCountry
	}
	if now := r.Canonicalize(); now != r {
		return "", errs.Invalid{"country": fmt.Sprintf("%s is not in use as a country's code. For %s give %s.", code, display.English.Regions().Name(now), now)}
	}
	if _, money := currency.FromRegion(r); !money || r.M49() == 0 {
		return "", noCountry
	}
	return code, nil
}

var noCountry = errs.Invalid{"country": "This is no country. Give its two letters, such as NO."}
