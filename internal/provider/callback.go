package provider

import (
	"context"

	"github.com/twilio/twilio-go/client"

	"dunwell/internal/errs"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// errForged refuses what the provider did not sign.
const errForged = errs.Forbidden("The signature of this request is not the provider’s.")

// Signed asks whether the company's provider sent this form to the address, which
// is the whole one that the provider was given. It also has to be of the company's
// own account.
func Signed(ctx context.Context, tx *tenant.Tx, box *secret.Box, url string, form map[string]string, signature string) (Settings, error) {
	s, token, err := withToken(ctx, tx, box)
	if err != nil {
		return s, err
	}
	v := client.NewRequestValidator(token)
	if !v.Validate(url, form, signature) || form["AccountSid"] != s.AccountSID {
		return s, errForged
	}
	return s, nil
}
