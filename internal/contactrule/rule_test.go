package contactrule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// in runs f in a transaction of that actor and returns its error.
func in(t *testing.T, db *dbtest.Database, who tenant.Who, f func(*tenant.Tx) error) error {
	t.Helper()
	return db.Write(t.Context(), who, f)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	must(t, in(t, db, acme.Manager, func(tx *tenant.Tx) error {
		must(t, contactrule.Seed(t.Context(), tx))
		list, err := contactrule.List(t.Context(), tx)
		var said []string
		for _, r := range list {
			said = append(said, r.String())
			if r.Source == "" || r.AsOf.IsZero() || r.Version != 1 {
				t.Errorf("%s: source %q of %s, version %d", r.Name, r.Source, r.AsOf, r.Version)
			}
		}
		want := []string{
			"Calls to businesses: Mon–Fri 08:00–17:00; not on holidays",
			"Calls to consumers: Mon–Sun 08:00–21:00; not on holidays",
			"Calls to consumers: at most 7 attempts in 7 days; none for 7 days after a conversation",
			"Calls to consumers: at most 2 a day; 3 hours apart",
			"E-mails to consumers: Mon–Sun 08:00–21:00; not on holidays",
			"SMS to businesses: Mon–Fri 08:00–17:00; not on holidays",
			"SMS to consumers: Mon–Sun 08:00–21:00; not on holidays",
		}
		if got := strings.Join(said, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("the first rules are\n%s", got)
		}
		return err
	}))
}

// rule is one that is right in all its parts.
func rule() contactrule.Rule {
	return contactrule.Rule{Name: " Texts  in California ", Country: "us", Region: "California", Kind: customer.Consumer, Channel: customer.SMS,
		Weekdays: customer.Workdays | 1<<6, From: "09:00", To: "20:00", NeedsConsent: true, Source: "A law", AsOf: day.New(2026, 1, 2)}
}

func TestRulesAreKept(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	var id int64
	must(t, in(t, db, acme.Admin, func(tx *tenant.Tx) (err error) {
		id, err = contactrule.Add(t.Context(), tx, rule())
		return err
	}))
	find := func(who tenant.Who) (r contactrule.Rule, err error) {
		err = db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
			r, err = contactrule.Find(t.Context(), tx, id)
			return err
		})
		return r, err
	}
	want := rule()
	want.ID, want.Name, want.Country, want.Version = id, "Texts in California", "US", 1
	r, err := find(acme.Manager)
	if err != nil || r != want {
		t.Errorf("kept %+v, want %+v (%v)", r, want, err)
	}
	if said := r.String(); said != "SMS to consumers in US, California: Mon–Fri, Sun 09:00–20:00; not on holidays; only with consent" {
		t.Errorf("it says %q", said)
	}
	if _, err := find(beta.Admin); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's: %v", err)
	}
	if _, err := find(acme.Collector); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v", err)
	}

	r = contactrule.Rule{ID: id, Version: 1, Name: "Calls", Channel: customer.Call, MaxAttempts: 3, AttemptDays: 14, QuietDays: 1, MaxADay: 1, HoursApart: 1, Source: "Ours", AsOf: day.New(2026, 3, 1)}
	change := func(tx *tenant.Tx) error { return contactrule.Change(t.Context(), tx, r) }
	must(t, in(t, db, acme.Admin, change))
	if err := in(t, db, acme.Admin, change); !errors.As(err, new(errs.Conflict)) || !strings.Contains(err.Error(), "Calls: at most 3 attempts in 14 days; none for 1 day after a conversation; at most 1 a day; 1 hour apart") {
		t.Errorf("changed twice: %v", err)
	}
	r.Version = 2
	must(t, in(t, db, acme.Admin, change)) // the same again: nothing to do
	retire := func(tx *tenant.Tx) error { return contactrule.Retire(t.Context(), tx, id) }
	must(t, in(t, db, acme.Admin, retire))
	must(t, in(t, db, acme.Admin, retire))
	if r, err := find(acme.Admin); err != nil || !r.Retired || r.Version != 3 {
		t.Errorf("retired: %+v, %v", r, err)
	}
	must(t, in(t, db, acme.Admin, func(tx *tenant.Tx) error { return contactrule.Reopen(t.Context(), tx, id) }))
	if r, err := find(acme.Admin); err != nil || r.Retired || r.Version != 4 {
		t.Errorf("reopened: %+v, %v", r, err)
	}
	var kinds string
	err = db.Owner(t).QueryRow(t.Context(), `
		SELECT string_agg(kind || ' ' || (data ? 'before')::int || (data ? 'after')::int, ', ' ORDER BY id)
		FROM audit_events WHERE subject = 'contact_rule' AND subject_id = $1`, id).Scan(&kinds)
	if err != nil || kinds != "contact_rule.added 01, contact_rule.changed 11, contact_rule.retired 10, contact_rule.reopened 01" {
		t.Errorf("on record: %s (%v)", kinds, err)
	}
}

func TestWhoSetsRules(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	var theirs int64
	must(t, in(t, db, beta.Admin, func(tx *tenant.Tx) (err error) {
		theirs, err = contactrule.Add(t.Context(), tx, rule())
		return err
	}))
	ctx := t.Context()
	for name, f := range map[string]func(*tenant.Tx) error{
		"add":    func(tx *tenant.Tx) error { _, err := contactrule.Add(ctx, tx, rule()); return err },
		"change": func(tx *tenant.Tx) error { r := rule(); r.ID = theirs; return contactrule.Change(ctx, tx, r) },
		"retire": func(tx *tenant.Tx) error { return contactrule.Retire(ctx, tx, theirs) },
		"reopen": func(tx *tenant.Tx) error { return contactrule.Reopen(ctx, tx, theirs) },
	} {
		for _, who := range []tenant.Who{acme.Collector, acme.Manager} {
			if err := in(t, db, who, f); !errors.As(err, new(errs.Forbidden)) {
				t.Errorf("%s: %v, want a refusal", name, err)
			}
		}
		if err := in(t, db, acme.Admin, f); name != "add" && !errors.Is(err, errs.NotFound) {
			t.Errorf("%s another company's: %v", name, err)
		}
	}
	err := db.Read(ctx, acme.Collector, func(tx *tenant.Tx) error { _, err := contactrule.List(ctx, tx); return err })
	if !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector lists them: %v", err)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	for i, c := range []struct {
		field string
		spoil func(*contactrule.Rule)
	}{
		{"name", func(r *contactrule.Rule) { r.Name = " " }},
		{"name", func(r *contactrule.Rule) { r.Name = strings.Repeat("x", 121) }},
		{"country", func(r *contactrule.Rule) { r.Country = "XX" }},
		{"country", func(r *contactrule.Rule) { r.Country = "" }}, // but a region
		{"region", func(r *contactrule.Rule) { r.Region = strings.Repeat("x", 61) }},
		{"kind", func(r *contactrule.Rule) { r.Kind = "state" }},
		{"channel", func(r *contactrule.Rule) { r.Channel = "fax" }},
		{"weekdays", func(r *contactrule.Rule) { r.Weekdays = 0 }}, // but hours
		{"weekdays", func(r *contactrule.Rule) { r.Weekdays = 128 }},
		{"from", func(r *contactrule.Rule) { r.From = "8" }},
		{"from", func(r *contactrule.Rule) { r.From = "" }},
		{"to", func(r *contactrule.Rule) { r.To = "25:00" }},
		{"to", func(r *contactrule.Rule) { r.To = "09:00" }},
		{"max_attempts", func(r *contactrule.Rule) { r.Channel, r.MaxAttempts, r.AttemptDays = customer.Call, -1, 1 }},
		{"attempt_days", func(r *contactrule.Rule) { r.Channel, r.MaxAttempts = customer.Call, 3 }},
		{"attempt_days", func(r *contactrule.Rule) { r.Channel, r.MaxAttempts, r.AttemptDays = customer.Call, 3, 367 }},
		{"quiet_days", func(r *contactrule.Rule) { r.Channel, r.QuietDays = customer.Call, 367 }},
		{"max_a_day", func(r *contactrule.Rule) { r.Channel, r.MaxADay = customer.Call, 1000 }},
		{"hours_apart", func(r *contactrule.Rule) { r.Channel, r.HoursApart = customer.Call, 25 }},
		{"channel", func(r *contactrule.Rule) { r.HoursApart = 1 }}, // of SMS
		{"needs_consent", func(r *contactrule.Rule) { r.Channel = customer.Letter }},
		{"", func(r *contactrule.Rule) { r.Weekdays, r.From, r.To, r.NeedsConsent = 0, "", "", false }},
		{"source", func(r *contactrule.Rule) { r.Source = "" }},
		{"as_of", func(r *contactrule.Rule) { r.AsOf = day.New(2026, 3, 17) }},
		{"as_of", func(r *contactrule.Rule) { r.AsOf = day.Day{} }},
	} {
		r := rule()
		c.spoil(&r)
		err := in(t, db, acme.Admin, func(tx *tenant.Tx) error { _, err := contactrule.Add(t.Context(), tx, r); return err })
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[c.field] == "" || len(inv) != 1 {
			t.Errorf("case %d: %v, want a message for %q alone", i, err, c.field)
		}
	}
	must(t, in(t, db, acme.Admin, func(tx *tenant.Tx) error {
		r := rule()
		r.From, r.To = "", "" // the whole day
		id, err := contactrule.Add(t.Context(), tx, r)
		must(t, err)
		kept, err := contactrule.Find(t.Context(), tx, id)
		if !strings.Contains(kept.String(), "Sun all day") {
			t.Errorf("it says %q", kept)
		}
		return err
	}))
}

func TestNamesInForceDiffer(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	add := func(tx *tenant.Tx) (id int64, err error) { return contactrule.Add(t.Context(), tx, rule()) }
	var ids [2]int64
	must(t, in(t, db, acme.Admin, func(tx *tenant.Tx) (err error) { ids[0], err = add(tx); return err }))
	err := in(t, db, acme.Admin, func(tx *tenant.Tx) error { _, err := add(tx); return err })
	var inv errs.Invalid
	if !errors.As(err, &inv) || inv["name"] == "" {
		t.Errorf("the same name: %v", err)
	}
	must(t, in(t, db, acme.Admin, func(tx *tenant.Tx) (err error) {
		must(t, contactrule.Retire(t.Context(), tx, ids[0]))
		ids[1], err = add(tx)
		return err
	}))
	err = in(t, db, acme.Admin, func(tx *tenant.Tx) error { return contactrule.Reopen(t.Context(), tx, ids[0]) })
	if !errors.As(err, &inv) {
		t.Errorf("taken back beside one of the same name: %v", err)
	}
	must(t, db.Read(t.Context(), acme.Admin, func(tx *tenant.Tx) error {
		list, err := contactrule.List(t.Context(), tx)
		if got := fmt.Sprint(list[0].ID, list[1].ID); got != fmt.Sprint(ids[1], ids[0]) {
			t.Errorf("listed %s, want the one in force first", got)
		}
		return err
	}))
}
