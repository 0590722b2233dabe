package statement_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/language"
	"dunwell/internal/pdftest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// A customer reads French; a clerk and the company do not come into it.
func TestEveryWordIsInTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET language = 'fr', country = 'DE' WHERE id = $1`, b.customer)
		return err
	})
	if _, err := b.db.Owner(t).Exec(t.Context(), `UPDATE tenants SET language = 'de', name = 'X'`); err != nil {
		t.Fatal(err)
	}
	s := b.statement(t, statement.Options{All: true})
	if s.Language != language.Of("fr") {
		t.Fatalf("the statement is in %s", s.Language.Code)
	}
	want := wordsIn(fmt.Sprint(*s.Words()), "X Customer ALLEMAGNE EUR JPY KWD E J K P C T")
	for _, got := range wordsIn(pdftest.Text(t, pdfOf(t, s))) {
		if !slices.Contains(want, got) {
			t.Errorf("the PDF says %q, which is not French", got)
		}
	}
	for _, got := range wordsIn(xlsxText(t, xlsxOf(t, s))) {
		if !slices.Contains(want, got) {
			t.Errorf("the XLSX says %q, which is not French", got)
		}
	}
}

var letters = regexp.MustCompile(`\pL+`)

func wordsIn(texts ...string) []string { return letters.FindAllString(strings.Join(texts, " "), -1) }

func TestLanguage(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, c := range []struct{ asked, customers, companys, want string }{
		{"", "", "da", "da"}, {"", "cs", "da", "cs"}, {"fr", "cs", "da", "fr"}, {"", "pl", "da", "da"}, {"", "pl", "sv", "en"}, {"pl", "cs", "da", "cs"},
	} {
		if _, err := b.db.Owner(t).Exec(t.Context(), fmt.Sprintf(`UPDATE tenants SET language = '%s'; UPDATE customers SET language = '%s'`, c.companys, c.customers)); err != nil {
			t.Fatal(err)
		}
		if got := b.statement(t, statement.Options{Language: c.asked}).Language.Code; got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Of a day to come the statement says what is known today, in every language.
func TestDayToCome(t *testing.T) {
	t.Parallel()
	today := day.New(2026, 3, 16)
	for _, code := range language.Codes {
		s := statement.Statement{Heading: statement.Heading{On: today, Language: language.Of(code)}, AsOf: today}
		about, nothing := s.About(), s.Nothing()
		s.AsOf = today.Add(1)
		if s.About() == strings.Replace(about, s.Language.Day(today), s.Language.Day(s.AsOf), 1) || s.Nothing() == nothing {
			t.Errorf("%s: %s %s", code, s.About(), s.Nothing())
		}
	}
}
