package ledger_test

import (
	"errors"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// loadApplication loads one row and returns what the items INV-1 and INV-2 and
// the credit note CN-1 are then open by.
func (b *books) loadApplication(t *testing.T, item string, payment, credit *string, minor int64) (open []int64, err error) {
	t.Helper()
	err = b.Write(t.Context(), b.System(), func(tx *tenant.Tx) error {
		if err := ledger.StageApplications(t.Context(), tx); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `
			INSERT INTO load_applications (item_number, payment_number, credit_number, amount, value_on)
			VALUES ($1, $2, $3, $4, '2026-03-15')`, item, payment, credit, minor)
		if err != nil {
			return err
		}
		if err := ledger.LoadApplications(t.Context(), tx); err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `
			SELECT array_agg(open_amount ORDER BY number)
			FROM items
			WHERE tenant_id = $1 AND number IN ('CN-1', 'INV-1', 'INV-2')`, b.ID).Scan(&open)
	})
	return open, err
}

func TestLoadApplications(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.do(t, b.System(), func(tx *tenant.Tx) error {
		dbtest.Item(t, tx, b.account, "CN-1", "2026-03-01", -4_000, "EUR")
		return nil
	})
	b.pay(t, "BANK-1", "2026-03-15", 6_000)
	bank, note, none := "BANK-1", "CN-1", "BANK-9"

	got, err := b.loadApplication(t, "INV-1", &bank, nil, 5_000)
	if want := [3]int64{-4_000, 5_001, 20_003}; err != nil || [3]int64(got) != want {
		t.Errorf("a payment: CN-1, INV-1, INV-2 are open by %v, %v; want %v", got, err, want)
	}
	got, err = b.loadApplication(t, "INV-2", nil, &note, 3_000)
	if want := [3]int64{-1_000, 5_001, 17_003}; err != nil || [3]int64(got) != want {
		t.Errorf("a credit note: CN-1, INV-1, INV-2 are open by %v, %v; want %v", got, err, want)
	}
	if _, err := b.loadApplication(t, "INV-9", &bank, nil, 100); !errors.Is(err, errs.NotFound) {
		t.Errorf("an item that is not there: %v; want not found", err)
	}
	for what, try := range map[string]func() ([]int64, error){
		"a payment that is not there": func() ([]int64, error) { return b.loadApplication(t, "INV-1", &none, nil, 100) },
		"more than the payment has":   func() ([]int64, error) { return b.loadApplication(t, "INV-2", &bank, nil, 1_001) },
		"another currency":            func() ([]int64, error) { return b.loadApplication(t, "INV-3", &bank, nil, 100) },
		"another account":             func() ([]int64, error) { return b.loadApplication(t, "INV-4", &bank, nil, 100) },
	} {
		if _, err := try(); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}
