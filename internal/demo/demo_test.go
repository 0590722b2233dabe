package demo

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
)

var (
	monday = day.New(2026, 3, 16)
	small  = Options{Today: monday, Seed: 1, Customers: 400}
	books  = slices.Collect(Generate(small)) // read only
)

func TestSameSeedSameBooks(t *testing.T) {
	t.Parallel()
	if !reflect.DeepEqual(books, slices.Collect(Generate(small))) {
		t.Error("the same seed and day gave other books")
	}
	more := small
	more.Customers = 450
	if !reflect.DeepEqual(books, slices.Collect(Generate(more))[:400]) {
		t.Error("the first customers change when there are more of them")
	}
	other := small
	other.Seed = 2
	if reflect.DeepEqual(books, slices.Collect(Generate(other))) {
		t.Error("another seed gave the same books")
	}
}

// anyDay are books that stand on other days, awkward ones too.
func anyDay(yield func(day.Day, Customer) bool) {
	for seed, today := range []day.Day{monday, day.New(2028, 2, 29), day.New(2027, 1, 3), day.New(2025, 12, 31)} {
		for c := range Generate(Options{Today: today, Seed: uint64(seed), Customers: 300}) {
			if !yield(today, c) {
				return
			}
		}
	}
}

func TestEveryItemIsSound(t *testing.T) {
	t.Parallel()
	for today, c := range anyDay {
		if len(c.Accounts) == 0 {
			t.Errorf("%s has no account", c.Name)
		}
		for _, a := range c.Accounts {
			for _, it := range a.Items {
				if it.IssuedOn.After(today) || it.DueOn.IsZero() || it.DueOn.Before(it.IssuedOn) {
					t.Errorf("%s: issued %s, due %s", it.Number, it.IssuedOn, it.DueOn)
				}
				if it.Amount.Minor == 0 || (it.Amount.Minor < 0) != (it.Kind == ledger.CreditNote) {
					t.Errorf("%s %s has the amount %s", it.Kind, it.Number, it.Amount)
				}
				if a.Loan != (it.Kind == ledger.Instalment) {
					t.Errorf("%s %s stands on account %s", it.Kind, it.Number, a.Number)
				}
			}
		}
	}
}

// What is left of an item is its amount less what was set against it, and only
// money of the same currency, received before today, is set against anything.
func TestMoneyAddsUp(t *testing.T) {
	t.Parallel()
	for today, c := range anyDay {
		for _, a := range c.Accounts {
			left := make([]int64, len(a.Items))
			for i, it := range a.Items {
				left[i] = it.Amount.Minor
			}
			for _, p := range a.Payments {
				var sum int64
				for _, l := range p.Lines {
					if it := a.Items[l.Item]; it.Amount.Currency != p.Amount.Currency || p.ValueOn.Before(it.IssuedOn) || l.Minor <= 0 {
						t.Errorf("%s sets %d on %s against %s %s", p.Number, l.Minor, p.ValueOn, it.Number, it.Amount)
					}
					left[l.Item] -= l.Minor
					sum += l.Minor
				}
				if p.Amount.Minor < sum || p.Amount.Minor <= 0 || !p.ValueOn.Before(today) || p.ValueOn.Weekend() {
					t.Errorf("%s: %s on %s, of it %d set", p.Number, p.Amount, p.ValueOn, sum)
				}
			}
			for _, k := range a.Credits {
				if a.Items[k.Note].Amount.Currency != a.Items[k.Item].Amount.Currency || k.Minor <= 0 {
					t.Errorf("%s: credit note %d set against item %d", a.Number, k.Note, k.Item)
				}
				left[k.Item] -= k.Minor
				left[k.Note] += k.Minor
			}
			for i, it := range a.Items {
				if left[i] != it.Open || it.Amount.Minor > 0 && it.Open < 0 || it.Amount.Minor < 0 && it.Open > 0 {
					t.Errorf("%s: %d left of %s, but open says %d", it.Number, left[i], it.Amount, it.Open)
				}
			}
		}
	}
}

func TestNumbersAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	once := func(kind, number string) {
		if number == "" || seen[kind+number] {
			t.Errorf("%s %q comes twice", kind, number)
		}
		seen[kind+number] = true
	}
	for _, c := range books {
		once("customer", c.Number)
		for _, a := range c.Accounts {
			once("account", a.Number)
			for _, it := range a.Items {
				once("item", it.Number)
			}
			for _, p := range a.Payments {
				once("payment", p.Number)
			}
		}
	}
}

// The demo is worth looking at: every kind of customer, of payer and of
// currency is in it, and about a third have something to be worked.
func TestBooksAreVaried(t *testing.T) {
	t.Parallel()
	var business, consumers, items, overdue, unowned, notes int
	currencies, branches, families, names := map[money.Currency]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range books {
		if c.Business {
			business++
		} else {
			consumers++
		}
		names[c.Name]++
		branches[c.Branch]++
		notes += len(c.Notes)
		for _, a := range c.Accounts {
			items += len(a.Items)
			for _, it := range a.Items {
				currencies[it.Amount.Currency]++
				families[it.Family]++
			}
		}
		if c.overdue(monday) != nil {
			overdue++
			if c.Owner == "" {
				unowned++
			}
		}
	}
	t.Logf("%d businesses, %d consumers, %d items, %d overdue of whom %d without owner, %d notes, %v %v %v %d names",
		business, consumers, items, overdue, unowned, notes, currencies, branches, families, len(names))
	for what, ok := range map[string]bool{
		"both kinds":             business > 180 && consumers > 120,
		"about ten items each":   items > 3600 && items < 5200,
		"a third overdue":        overdue > 100 && overdue < 200,
		"a few without an owner": unowned > 0 && unowned < 10,
		"seven currencies":       len(currencies) == 7 && currencies["EUR"] > items/2 && currencies["JPY"] > 5,
		"four branches":          len(branches) == len(Branches),
		"disputes and lawsuits":  families[ledger.Disputed] > 3 && families[ledger.DisputeResolved] > 0 && families[ledger.Litigation] > 0,
		"names of their own":     len(names) > 380,
		"notes":                  notes > overdue,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
}

func TestNamesAndNotesAreReadable(t *testing.T) {
	t.Parallel()
	for _, c := range books {
		if !utf8.ValidString(c.Name) || utf8.RuneCountInString(c.Name) > 200 || c.Street == "" || c.City == "" || len(c.Country) != 2 || len(c.Language) != 2 {
			t.Errorf("%+v", c)
		}
		for _, text := range append(c.Notes, c.Name, c.Street, c.PostalCode) {
			if strings.ContainsAny(text, "{}#%\x00") {
				t.Errorf("left over in %q", text)
			}
		}
	}
}

func TestSpecials(t *testing.T) {
	t.Parallel()
	by := map[string]Customer{}
	for _, c := range books {
		by[c.Name] = c
	}
	for _, s := range specials {
		if _, ok := by[s.name]; !ok {
			t.Errorf("no %s", s.name)
		}
	}
	three := map[money.Currency]bool{}
	for _, it := range by["Hanseatic Bunkering & Chartering GmbH"].Accounts[0].Items {
		if it.Open > 0 {
			three[it.Amount.Currency] = true
		}
	}
	if len(three) != 3 {
		t.Errorf("open in %v; want three currencies", three)
	}
	a := by["Thüringer Glaswerkstätten eG"].Accounts[0]
	if len(a.Items) != 1 || a.Items[0].Open >= 0 || len(a.Payments) != 1 || a.Payments[0].Lines != nil {
		t.Errorf("only credits: %+v", a)
	}
	if it := by["Wattenmeer Reederei i. L."].overdue(monday); it == nil || it.Family != ledger.Litigation {
		t.Errorf("in court: %+v", it)
	}
}

// Whatever day the books stand on, the loans keep their day of the month.
func TestFirstDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opened string
		dom    int
		want   string
	}{{"2026-01-03", 1, "2026-02-01"}, {"2026-01-04", 1, "2026-02-01"}, {"2026-01-05", 1, "2026-03-01"}, {"2025-12-31", 25, "2026-02-25"}} {
		opened, err := day.Parse(c.opened)
		if err != nil {
			t.Fatal(err)
		}
		if got := firstDue(opened, c.dom).String(); got != c.want {
			t.Errorf("opened %s, day %d: %s, want %s", c.opened, c.dom, got, c.want)
		}
	}
}
