package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

func (b *books) setup(t testing.TB, id int64) (s ledger.StatusSetup) {
	t.Helper()
	b.do(t, b.Admin, func(tx *tenant.Tx) (err error) {
		s, err = ledger.FindStatus(t.Context(), tx, id)
		return err
	})
	return s
}

func (b *books) saveStatus(t testing.TB, who tenant.Who, s ledger.StatusSetup) (id int64, err error) {
	t.Helper()
	err = b.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		id, err = ledger.SaveStatus(t.Context(), tx, s)
		return err
	})
	return id, err
}

func TestAStatusIsSetUp(t *testing.T) {
	t.Parallel()
	b := open(t)
	s := ledger.StatusSetup{Name: " Price  dispute ", Family: ledger.Disputed, Colour: "orange", Position: 9, DelayDays: 5, Reasons: []string{"Too much", " ", " Not  agreed"},
		CaseRule: ledger.CaseSuggest, CaseTitle: "Price", CaseOwnerID: b.ManagerID}
	if _, err := b.saveStatus(t, b.Manager, s); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a manager: %v", err)
	}
	id, err := b.saveStatus(t, b.Admin, s)
	if err != nil {
		t.Fatal(err)
	}
	got := b.setup(t, id)
	if got.Name != "Price dispute" || strings.Join(got.Reasons, "|") != "Too much|Not agreed" || got.CaseRule != ledger.CaseSuggest || got.DelayDays != 5 || got.CaseOwnerID != b.ManagerID || got.Version != 1 {
		t.Errorf("the status is %+v", got)
	}
	got.Name, got.Retired = "Price", true
	if _, err := b.saveStatus(t, b.Admin, got); err != nil {
		t.Fatal(err)
	}
	if _, err := b.saveStatus(t, b.Admin, got); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("a second time with the version of before: %v", err)
	}
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		used, err := ledger.StatusSetups(t.Context(), tx, false)
		all, aerr := ledger.StatusSetups(t.Context(), tx, true)
		if len(used) != 5 || len(all) != 6 || all[5].Name != "Price" {
			t.Errorf("in use are %d, in all %+v", len(used), all)
		}
		return errors.Join(err, aerr)
	})
	if err := b.setStatus(t, b.older, id, "x", 1); err == nil {
		t.Error("a retired status was given")
	}
}

func TestAStatusThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	good := ledger.StatusSetup{Name: "X", Family: ledger.Disputed, Colour: "grey", CaseRule: ledger.CaseNone}
	for name, c := range map[string]struct {
		change func(*ledger.StatusSetup)
		field  string
	}{
		"no name":                    {func(s *ledger.StatusSetup) { s.Name = " " }, "name"},
		"a long name":                {func(s *ledger.StatusSetup) { s.Name = strings.Repeat("x", 61) }, "name"},
		"a name that is taken":       {func(s *ledger.StatusSetup) { s.Name = "Disputed" }, "name"},
		"a family of its own":        {func(s *ledger.StatusSetup) { s.Family = "lost" }, "family"},
		"red":                        {func(s *ledger.StatusSetup) { s.Colour = "red" }, "colour"},
		"a day before":               {func(s *ledger.StatusSetup) { s.DelayDays = -1 }, "delay_days"},
		"a day too late":             {func(s *ledger.StatusSetup) { s.DelayDays = 366 }, "delay_days"},
		"a rule of its own":          {func(s *ledger.StatusSetup) { s.CaseRule = "always" }, "case_rule"},
		"a case of what is settled":  {func(s *ledger.StatusSetup) { s.Family, s.CaseRule = ledger.DisputeResolved, ledger.CaseCreate }, "case_rule"},
		"a case of what is promised": {func(s *ledger.StatusSetup) { s.Family, s.CaseRule = ledger.Promised, ledger.CaseSuggest }, "case_rule"},
		"an owner of nobody's":       {func(s *ledger.StatusSetup) { s.CaseOwnerID = 1 << 40 }, "case_owner"},
		"a resolver of nobody's":     {func(s *ledger.StatusSetup) { s.CaseResolverID = 1 << 40 }, "case_resolver"},
	} {
		s := good
		c.change(&s)
		_, err := b.saveStatus(t, b.Admin, s)
		var inv errs.Invalid
		if !errors.As(err, &inv) || len(inv) != 1 || inv[c.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	disputed := b.setup(t, b.status(t, ledger.Disputed))
	moved, retired := disputed, disputed
	moved.Family, retired.Retired = ledger.Ongoing, true
	for field, s := range map[string]ledger.StatusSetup{"family": moved, "retired": retired} {
		_, err := b.saveStatus(t, b.Admin, s)
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[field] == "" {
			t.Errorf("the last one of its family, %s: %v", field, err)
		}
	}
}

func TestAChangeOfFamilyIsShownAndCounts(t *testing.T) {
	t.Parallel()
	b := open(t)
	id, err := b.saveStatus(t, b.Admin, ledger.StatusSetup{Name: "Price", Family: ledger.Disputed, Colour: "grey", CaseRule: ledger.CaseNone})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range []int64{b.older, b.newer, b.yen} {
		if err := b.setStatus(t, item, id, "x", 1); err != nil {
			t.Fatal(err)
		}
	}
	if f := b.figure(t); f.Disputed != 10_001 {
		t.Errorf("before: %+v", f)
	}
	b.do(t, b.Admin, func(tx *tenant.Tx) error {
		e, err := ledger.EffectOf(t.Context(), tx, id)
		if len(e) != 2 || e[0] != (ledger.StatusEffect{Currency: "EUR", Customers: 1, Items: 2, Open: 30_004}) || e[1] != (ledger.StatusEffect{Currency: "JPY", Customers: 1, Items: 1, Open: 7_000}) {
			t.Errorf("it concerns %+v", e)
		}
		return err
	})
	was := b.setup(t, id)
	is := was
	is.Family = ledger.Ongoing
	for want, s := range map[string]ledger.StatusSetup{"chased again": is, "": was} {
		if got := s.Effect(was); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("the effect is %q", got)
		}
	}
	if got := was.Effect(is); !strings.Contains(got, "leave dunning") {
		t.Errorf("the other way round it is %q", got)
	}
	if _, err := b.saveStatus(t, b.Admin, is); err != nil {
		t.Fatal(err)
	}
	if f := b.figure(t); f.Disputed != 0 || f.ToCollect != 13_006 {
		t.Errorf("after: %+v", f)
	}
}

func TestStatusesAreSetTogether(t *testing.T) {
	t.Parallel()
	b := open(t)
	disputed := b.status(t, ledger.Disputed)
	set := func(items ...ledger.Seen) error {
		return b.Write(t.Context(), b.Collector, func(tx *tenant.Tx) error {
			return ledger.SetStatuses(t.Context(), tx, b.customer, ledger.Statused{Items: items, StatusID: disputed, Reason: "x"})
		})
	}
	if err := set(ledger.Seen{ID: b.older, Version: 1}, ledger.Seen{ID: b.yen, Version: 2}); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("one was changed meanwhile: %v", err)
	}
	if err := set(ledger.Seen{ID: b.older, Version: 1}, ledger.Seen{ID: 1 << 40, Version: 1}); !errors.Is(err, errs.NotFound) {
		t.Errorf("one is not there: %v", err)
	}
	if err := set(ledger.Seen{ID: b.older, Version: 1}); err != nil {
		t.Fatal(err)
	}
	if err := set(ledger.Seen{ID: b.older, Version: 2}, ledger.Seen{ID: b.yen, Version: 1}); err != nil {
		t.Errorf("one has it already: %v", err)
	}
	var changes int
	if err := b.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM item_status_changes WHERE from_id <> to_id AND reason = 'x'`).Scan(&changes); err != nil || changes != 2 {
		t.Errorf("%d changes are recorded, %v", changes, err)
	}
}
