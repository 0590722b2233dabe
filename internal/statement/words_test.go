package statement

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"dunwell/internal/language"
	"dunwell/internal/ledger"
)

var verb = regexp.MustCompile(`%.`)

// No language lacks a word, and each word takes what the English one takes.
func TestEveryLanguageIsWhole(t *testing.T) {
	t.Parallel()
	if got, want := slices.Sorted(maps.Keys(catalogue)), slices.Sorted(slices.Values(language.Codes)); !slices.Equal(got, want) {
		t.Fatalf("words in %v, want %v", got, want)
	}
	first := reflect.ValueOf(english)
	for code, w := range catalogue {
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			name, text := v.Type().Field(i).Name, v.Field(i).String()
			if text == "" {
				t.Errorf("%s lacks the word %s", code, name)
			}
			if got, want := verb.FindAllString(text, -1), verb.FindAllString(first.Field(i).String(), -1); !slices.Equal(got, want) {
				t.Errorf("%s of %s takes %v, want %v", name, code, got, want)
			}
		}
		if !regexp.MustCompile(`^[a-z]+$`).MatchString(w.StatementFileName) {
			t.Errorf("%s: a file may not be called %q", code, w.StatementFileName)
		}
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"en": {"Not yet due", "1–30 days", "31–60 days", "61–90 days", "Over 90 days"},
		"cs": {"Před splatností", "1–30 dnů", "31–60 dnů", "61–90 dnů", "Nad 90 dnů"},
	} {
		for i := range ledger.BucketNames {
			if got := catalogue[code].Bucket(i); got != want[i] {
				t.Errorf("%s: range %d is called %q, want %q", code, i, got, want[i])
			}
		}
	}
}
