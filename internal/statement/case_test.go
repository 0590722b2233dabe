package statement_test

import (
	"testing"

	"dunwell/internal/language"
	"dunwell/internal/ledger"
	"dunwell/internal/statement"
)

// TestWhatACaseQuestionsIsMarked: an item in a case is disputed whatever its status
// says, as a whole or with the amount in question.
func TestWhatACaseQuestionsIsMarked(t *testing.T) {
	t.Parallel()
	h := statement.Heading{Language: language.Of("en")}
	for want, p := range map[string]ledger.Posting{
		"":                         {Family: ledger.Ongoing},
		"Disputed":                 {Family: ledger.Ongoing, CaseID: 7},
		"Disputed: EUR\u00a040.05": {Family: ledger.Disputed, CaseID: 7, InQuestion: 40_05},
		"In litigation":            {Family: ledger.Litigation, CaseID: 7, InQuestion: 40_05},
	} {
		p.Source, p.Kind, p.Currency, p.Amount, p.Open = ledger.OfItem, ledger.Invoice, "EUR", 100_03, 100_03
		if got := h.Remark(p); got != want {
			t.Errorf("%+v is marked %q, want %q", p, got, want)
		}
	}
	all := ledger.Posting{Source: ledger.OfItem, Kind: ledger.Invoice, Family: ledger.Ongoing, Currency: "EUR", Amount: 100_03, Open: 40_05, CaseID: 7, InQuestion: 40_05}
	if got := h.Remark(all); got != "Disputed" {
		t.Errorf("of which nothing is left but what is in question is marked %q", got)
	}
}
