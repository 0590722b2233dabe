package tenant_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func save(t testing.TB, db *dbtest.Database, who tenant.Who, s tenant.Settings) error {
	t.Helper()
	return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return tenant.SaveSettings(t.Context(), tx, s) })
}

func load(t testing.TB, db *dbtest.Database, who tenant.Who) (s tenant.Settings) {
	t.Helper()
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		s, err = tenant.LoadSettings(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSaveSettings(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	loaded := dbtest.Monday.Add(-time.Hour)
	want := tenant.Settings{Name: "Acme & Sons", Currency: "NOK", TimeZone: "America/New_York", Language: "da", PaymentsLoadedTo: &loaded, BranchLimited: true, FeedNames: true, Version: 1}
	given := want
	given.Name, given.Currency = " Acme &\n Sons ", "nok"
	if err := save(t, db, acme.Admin, given); err != nil {
		t.Fatal(err)
	}
	got := load(t, db, acme.Collector)
	if got.String() != "Acme & Sons, NOK, America/New_York, Danish, payments loaded to 2026-03-16 04:30, collectors see their own branch, calendars have customers by name" || got.Version != 2 {
		t.Errorf("settings = %+v (%s)", got, got)
	}
	if s := load(t, db, beta.Collector); s.Name != "Company beta" || s.Currency != "EUR" || s.BranchLimited {
		t.Errorf("another company's settings became %+v", s)
	}
	err := save(t, db, acme.Admin, given)
	if conflict := errs.Conflict(""); !errors.As(err, &conflict) || !strings.Contains(string(conflict), "now Acme & Sons, NOK") {
		t.Errorf("the same form again: %v, want to be told what it is now", err)
	}
	if n := events(t, db, acme.Admin, tenant.EventFilter{Group: "settings"}); len(n) != 1 || !strings.Contains(string(n[0].Data), `"currency": "EUR"`) ||
		!strings.Contains(string(n[0].Data), `"collectors_see": "their own branch"`) {
		t.Errorf("audit = %+v", n)
	}
}

func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	now, soon := dbtest.Monday, dbtest.Monday.Add(time.Second)
	for name, c := range map[string]struct {
		who   tenant.Who
		set   func(*tenant.Settings)
		field string // what is refused; empty: nothing
	}{
		"nothing changed":      {acme.Admin, func(*tenant.Settings) {}, ""},
		"by the program":       {acme.System(), func(*tenant.Settings) {}, ""},
		"loaded to now":        {acme.Admin, func(s *tenant.Settings) { s.PaymentsLoadedTo = &now }, ""},
		"loaded to the future": {acme.Admin, func(s *tenant.Settings) { s.PaymentsLoadedTo = &soon }, "payments_loaded_to"},
		"no name":              {acme.Admin, func(s *tenant.Settings) { s.Name = " " }, "name"},
		"a name of 120":        {acme.Admin, func(s *tenant.Settings) { s.Name = strings.Repeat("å", 120) }, ""},
		"a name of 121":        {acme.Admin, func(s *tenant.Settings) { s.Name = strings.Repeat("å", 121) }, "name"},
		"no such currency":     {acme.Admin, func(s *tenant.Settings) { s.Currency = "EURO" }, "currency"},
		"no time zone":         {acme.Admin, func(s *tenant.Settings) { s.TimeZone = "" }, "time_zone"},
		"the server's zone":    {acme.Admin, func(s *tenant.Settings) { s.TimeZone = "Local" }, "time_zone"},
		"a path as zone":       {acme.Admin, func(s *tenant.Settings) { s.TimeZone = "../../etc/passwd" }, "time_zone"},
		"no such language":     {acme.Admin, func(s *tenant.Settings) { s.Language = "xx" }, "language"},
	} {
		t.Run(name, func(t *testing.T) {
			s := load(t, db, acme.Admin)
			c.set(&s)
			err := save(t, db, c.who, s)
			var inv errs.Invalid
			if c.field == "" && err != nil || c.field != "" && (!errors.As(err, &inv) || inv[c.field] == "") {
				t.Errorf("error = %v, want about %q", err, c.field)
			}
		})
	}
	for _, who := range []tenant.Who{acme.Collector, acme.Manager} {
		if err := save(t, db, who, load(t, db, who)); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("error = %v, want forbidden", err)
		}
	}
}

func TestCurrencyStaysOnceThereAreCustomers(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	if _, err := db.Owner(t).Exec(t.Context(), `INSERT INTO customers (tenant_id, number, name, kind) VALUES ($1, 'K-1', 'One', 'business')`, acme.ID); err != nil {
		t.Fatal(err)
	}
	s := load(t, db, acme.Admin)
	s.Currency, s.Name = "SEK", "Acme"
	var inv errs.Invalid
	if err := save(t, db, acme.Admin, s); !errors.As(err, &inv) || inv["currency"] == "" {
		t.Errorf("error = %v, want the currency refused", err)
	}
	s.Currency = "EUR"
	if err := save(t, db, acme.Admin, s); err != nil {
		t.Error(err)
	}
}

func TestTwoSaveSettings(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	s := load(t, db, acme.Admin)
	var group sync.WaitGroup
	results := make([]error, 2)
	for n, name := range []string{"First", "Second"} {
		group.Go(func() {
			mine := s
			mine.Name = name
			results[n] = save(t, db, acme.Admin, mine)
		})
	}
	group.Wait()
	if (results[0] == nil) == (results[1] == nil) || !errors.As(errors.Join(results...), new(errs.Conflict)) {
		t.Errorf("results = %v, want one taken and one told of the other", results)
	}
}

func TestSetPaymentsLoadedTo(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	set := func(who tenant.Who, to time.Time) error {
		return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return tenant.SetPaymentsLoadedTo(t.Context(), tx, to) })
	}
	noon, later := dbtest.Monday.Add(-3*time.Hour), dbtest.Monday.Add(-2*time.Hour)
	if err := set(acme.Collector, noon); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v, want forbidden", err)
	}
	if err := set(acme.Manager, dbtest.Monday.Add(time.Second)); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("to the future: %v, want invalid", err)
	}
	for _, step := range []struct{ to, want time.Time }{{noon, noon}, {later, later}, {noon, later}, {later, later}} {
		if err := set(acme.Manager, step.to); err != nil {
			t.Fatal(err)
		}
		if s := load(t, db, acme.Admin); s.PaymentsLoadedTo == nil || !s.PaymentsLoadedTo.Equal(step.want) {
			t.Errorf("loaded to %v, want %v", s.PaymentsLoadedTo, step.want)
		}
	}
	if n := events(t, db, acme.Admin, tenant.EventFilter{Group: "settings"}); len(n) != 2 {
		t.Errorf("%d audit events, want 2: one for each move forward", len(n))
	}
}
