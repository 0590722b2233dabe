package statement_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dunwell/internal/dbtest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

func xlsxOf(t *testing.T, s statement.Statement) *excelize.File {
	t.Helper()
	var out bytes.Buffer
	if err := s.XLSX(&out); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// xlsxText is all that one reads in the file, a line a row.
func xlsxText(t *testing.T, f *excelize.File) string {
	t.Helper()
	var b strings.Builder
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, name)
		for _, row := range rows {
			fmt.Fprintln(&b, strings.Join(row, "|"))
		}
	}
	return b.String()
}

// What was paid before its item was taken over reads so in the customer's language, and
// not by the program's number.
func TestPaidBefore(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount, origin)
			VALUES ($1, $2, 'open:6:R2', '2026-03-04', 'EUR', 1212, 'carried'), ($1, $2, 'settled:R3', '2026-03-05', 'EUR', 1313, 'reported')`, b.customer, b.account)
		return err
	})
	for code, want := range map[string][]string{"en": {"|Paid before it was taken over|Payment|2026-03-04|", "|Payment without a reference|Payment|2026-03-05|"},
		"de": {"|Vor der Übernahme bezahlt|Zahlung|2026-03-04|", "|Zahlung ohne Referenz|Zahlung|2026-03-05|"}} {
		text := xlsxText(t, xlsxOf(t, b.statement(t, statement.Options{All: true, Language: code})))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", code, w, text)
			}
		}
		if strings.Contains(text, "open:") || strings.Contains(text, "settled:") {
			t.Errorf("%s has a number of the program's:\n%s", code, text)
		}
	}
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute') WHERE number = 'E-1'`)
		return err
	})
	f := xlsxOf(t, b.statement(t, statement.Options{}))
	want := `Statement of account
Account|Currency|Number|Kind|Issued|Due|Days overdue|Amount|Open|Remark
C-1|EUR|E-1|Invoice|2025-12-06|2026-01-05|70|1,000.01|1,000.01|Disputed
C-1|EUR|E-2|Invoice|2026-01-21|2026-02-20|24|2,000.02|1,500.02
C-1|EUR|E-4|Invoice|2026-03-11|2026-04-10||4,000.04|4,000.04
C-1|EUR|E-5|Invoice|2025-01-01|||5,000.05|5,000.05
C-1|EUR|E-6|Credit note|2026-01-30|||-600.06|-600.06
C-1|EUR|P-1|Payment|2026-03-02|||-3,512.34|-12.31
T-2|EUR|E-7|Invoice|2026-02-14|2026-03-16||990.09|990.09
C-1|JPY|J-1|Invoice|2025-10-31|2025-11-30|106|777,777|777,777
T-2|KWD|K-1|Invoice|2026-02-13|2026-03-15|1|8,888.888|8,888.888
Totals
Company acme
Customer number|C-1|Customer C-1
What was open on 16 Mar 2026.

Currency|Not yet due|1–30 days|31–60 days|61–90 days|Over 90 days|Open items|of it overdue|Credits not yet applied|Balance
EUR|9,990.18|1,500.02|0.00|1,000.01|0.00|12,490.21|2,500.03|-612.37|11,877.84
JPY|0|0|0|0|777,777|777,777|777,777|0|777,777
KWD|0.000|8,888.888|0.000|0.000|0.000|8,888.888|8,888.888|0.000|8,888.888
`
	got := strings.ReplaceAll(xlsxText(t, f), "|\n", "\n")
	if got != want {
		t.Errorf("the workbook says\n%s\nwant\n%s", got, want)
	}
	for cell, want := range map[string]string{"H2": "1000.01", "I10": "8888.888", "I9": "777777", "I6": "-600.06"} {
		kind, err := f.GetCellType("Statement of account", cell)
		if err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s is of type %v, %v", cell, kind, err)
		}
		raw, err := f.GetCellValue("Statement of account", cell, excelize.Options{RawCellValue: true})
		if err != nil || raw != want {
			t.Errorf("%s holds %q, want %q", cell, raw, want)
		}
	}
}

// What looks like a formula is a text.
func TestXLSXHasNoFormulas(t *testing.T) {
	t.Parallel()
	b := open(t)
	const hostile = `=HYPERLINK("http://x.example","E-1")`
	b.write(t, func(tx *tenant.Tx) error {
		dbtest.Item(t, tx, b.account, hostile, "2026-03-01", 12_121, "EUR")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET name = '=1+1', number = '@SUM(1)'`)
		return err
	})
	f := xlsxOf(t, b.statement(t, statement.Options{}))
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					t.Fatal(err)
				}
				kind, kerr := f.GetCellType(name, cell)
				formula, ferr := f.GetCellFormula(name, cell)
				if kerr != nil || ferr != nil || kind == excelize.CellTypeFormula || formula != "" {
					t.Errorf("%s!%s: type %v, formula %q, %v, %v", name, cell, kind, formula, kerr, ferr)
				}
			}
		}
	}
	if text := xlsxText(t, f); !strings.Contains(text, hostile) || !strings.Contains(text, "=1+1") || !strings.Contains(text, "@SUM(1)") {
		t.Errorf("the texts are gone: %s", text)
	}
}
