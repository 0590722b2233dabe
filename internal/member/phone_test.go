package member_test

import (
	"errors"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

func TestSetPhone(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	for _, c := range []struct{ typed, want string }{
		{"+47 22 41 09 33", "+4722410933"},
		{" +49 (30) 901820 ", "+4930901820"},
		{"", ""},
		{"22 41 09 33", "!"},
		{"+47 22 41 09 33 ext. 4", "!"},
		{"+47 1", "!"},
		{"reception", "!"},
	} {
		var kept string
		err := db.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
			if err := member.SetPhone(t.Context(), tx, c.typed); err != nil {
				return err
			}
			var err error
			kept, err = member.PhoneOf(t.Context(), tx)
			return err
		})
		if refused := errors.As(err, new(errs.Invalid)); refused != (c.want == "!") || !refused && (err != nil || kept != c.want) {
			t.Errorf("%q: kept %q, %v; want %q", c.typed, kept, err, c.want)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'account.phone_changed' AND data->'before'->>'phone' = '+4722410933' AND data->'after'->>'phone' = '+4930901820' AND member_id = $1`, acme.CollectorID); n != 1 {
		t.Errorf("%d records of the change from one number to the other, want 1", n)
	}
}
