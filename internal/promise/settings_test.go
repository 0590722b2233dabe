package promise_test

import (
	"testing"

	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	read := func() (s promise.Settings) {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) (err error) {
			s, err = promise.SettingsOf(t.Context(), tx)
			return err
		})
		return s
	}
	save := func(who tenant.Who, s promise.Settings) error {
		return d.Write(t.Context(), who, func(tx *tenant.Tx) error { return promise.SaveSettings(t.Context(), tx, s) })
	}
	s := read()
	if s.GraceDays != 3 || s.Replacements != 2 || len(s.Tolerances) != 0 {
		t.Errorf("a new company has %+v", s)
	}
	if err := save(d.acme.Manager, s); !forbidden(err) {
		t.Errorf("by a manager: %v", err)
	}
	eur, jpy := money.New(50, "EUR"), money.New(3, "JPY")
	for _, c := range []struct {
		change promise.Settings
		field  string
	}{
		{promise.Settings{GraceDays: 31, Replacements: 1}, "grace_days"},
		{promise.Settings{GraceDays: -1, Replacements: 1}, "grace_days"},
		{promise.Settings{GraceDays: 1, Replacements: 21}, "replacements"},
		{promise.Settings{Tolerances: []money.Amount{money.New(0, "EUR")}}, "tolerances"},
		{promise.Settings{Tolerances: []money.Amount{money.New(1, "EURO")}}, "tolerances"},
		{promise.Settings{Tolerances: []money.Amount{eur, jpy, money.New(7, "EUR")}}, "tolerances"},
	} {
		c.change.Version = s.Version
		if err := save(d.acme.Admin, c.change); !invalid(err, c.field) {
			t.Errorf("%+v: %v, want a message at %s", c.change, err, c.field)
		}
	}
	s.GraceDays, s.Replacements, s.Tolerances = 5, 0, []money.Amount{jpy, eur}
	if err := save(d.acme.Admin, s); err != nil {
		t.Fatal(err)
	}
	if err := save(d.acme.Admin, s); !conflict(err, "5 days of grace, replaced 0 times") {
		t.Errorf("with the version of before: %v", err)
	}
	s = read()
	if s.GraceDays != 5 || s.Replacements != 0 || s.Tolerance("EUR") != 50 || s.Tolerance("JPY") != 3 || s.Tolerance("USD") != 0 {
		t.Errorf("read back: %+v", s)
	}
	s.Tolerances = []money.Amount{money.New(60, "EUR")}
	if err := save(d.acme.Admin, s); err != nil {
		t.Fatal(err)
	}
	if s = read(); len(s.Tolerances) != 1 || s.Tolerance("EUR") != 60 {
		t.Errorf("read back: %+v", s)
	}
	var n int
	err := d.Owner(t).QueryRow(t.Context(), `
		SELECT count(*) FROM audit_events
		WHERE kind = 'promises.settings_changed' AND data->'before'->>'grace_days' = '3' AND data->'after'->'tolerances'->>0 = 'EUR 0.50'`).Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("%d audit events of the first change, %v", n, err)
	}
}
