package customer_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

type exporter func(context.Context, *tenant.Tx, io.Writer, customer.Filter) error

func export(t *testing.T, db *dbtest.Database, who tenant.Who, f customer.Filter, write exporter) []byte {
	t.Helper()
	if f.Currency == "" {
		f.Currency = "EUR"
	}
	var b bytes.Buffer
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) error { return write(t.Context(), tx, &b, f) })
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dress gives the company's customers what an export shows, and one of them a
// name that a spreadsheet would reckon with.
func dress(t *testing.T, db *dbtest.Database, c *dbtest.Company) {
	t.Helper()
	write(t, db, c.Manager, func(tx *tenant.Tx) error {
		account := int64(0)
		if err := tx.QueryRow(t.Context(), `SELECT id FROM accounts WHERE number = 'C-3'`).Scan(&account); err != nil {
			return err
		}
		dbtest.Item(t, tx, account, "yen", "2026-03-01", 123_456, "JPY")
		dbtest.Item(t, tx, account, "dinar", "2026-03-02", 7_654_321, "KWD")
		dbtest.Item(t, tx, account, "credit", "", -4_321, "USD")
		_, err := tx.Exec(t.Context(), `
			WITH branch AS (INSERT INTO branches (name) VALUES ('+North') RETURNING id),
				stopped AS (
					INSERT INTO stops (customer_id, kind, reason, since, review_on)
					SELECT id, 'cease_contact', 'wrote', '2026-01-01', '2026-06-01' FROM customers WHERE number = 'C-3')
			UPDATE customers SET name = '=cmd|calc', street = '-Street 1', postal_code = '0150', city = 'Oslo', country = 'NO',
				branch_id = branch.id, watch_reason = 'x', watch_until = '2026-03-16'
			FROM branch
			WHERE number = 'C-3'`)
		return err
	})
}

func TestWriteCSV(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme, beta := company(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	dress(t, db, acme)
	file := export(t, db, acme.Collector, customer.Filter{Sort: customer.ByNumber, Limit: 1, After: customer.Key{Value: "C-20", ID: 1}}, customer.WriteCSV)
	text, marked := strings.CutPrefix(string(file), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked {
		t.Fatalf("%v, marked as UTF-8: %v", err, marked)
	}
	want := []string{
		"Number,Name,Kind,Street,Postal code,City,Region,Country,Owner,Branch,Stops,Watch flag until,Archived on,Currency,Open items,Open,Overdue,Held back,Credit,To collect,Oldest due date",
		"C-100,Birk & Sønn AS,business,,,,,,acme collector,,,,,EUR,2,950.00,50.00,0.00,0.00,50.00,2026-03-01",
		"C-20,alm handel,business,,,,,,acme manager,,,,,EUR,1,41.00,41.00,0.00,0.00,41.00,2026-01-15",
		"C-20,alm handel,business,,,,,,acme manager,,,,,USD,1,777.00,777.00,0.00,0.00,777.00,2026-02-20",
		"C-3,'=cmd|calc,consumer,'-Street 1,0150,Oslo,,NO,acme collector,'+North,cease contact,2026-03-16,,JPY,1,123456,123456,123456,0,0,2026-03-01",
		"C-3,'=cmd|calc,consumer,'-Street 1,0150,Oslo,,NO,acme collector,'+North,cease contact,2026-03-16,,KWD,1,7654.321,7654.321,7654.321,0.000,0.000,2026-03-02",
		"C-3,'=cmd|calc,consumer,'-Street 1,0150,Oslo,,NO,acme collector,'+North,cease contact,2026-03-16,,USD,1,602.50,602.50,602.50,43.21,0.00,2025-12-24",
		"D-4,Dorn 100% GmbH,business,,,,,,,,,,,EUR,0,0.00,0.00,0.00,0.00,0.00,",
	}
	for i, row := range rows {
		if got := strings.Join(row, ","); i >= len(want) || got != want[i] {
			t.Errorf("line %d is\n%s, want\n%s", i, got, want[min(i, len(want)-1)])
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d lines, want %d", len(rows), len(want))
	}
	if n := bytes.Count(export(t, db, acme.Collector, customer.Filter{Sort: customer.ByName, Overdue: true, Kind: customer.Business, Text: "alm"}, customer.WriteCSV), []byte("\n")); n != 3 {
		t.Errorf("the filtered file has %d lines", n)
	}
	if n := bytes.Count(export(t, db, beta.Admin, customer.Filter{Sort: customer.ByName}, customer.WriteCSV), []byte("\n")); n != 1 {
		t.Errorf("another tenant's file has %d lines", n)
	}
}

func TestWriteXLSX(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := company(t, db, "acme")
	dress(t, db, acme)
	file, err := excelize.OpenReader(bytes.NewReader(export(t, db, acme.Manager, customer.Filter{Sort: customer.ByOverdue, Currency: "USD"}, customer.WriteXLSX)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	shown, err := file.GetRows("Customers")
	if err != nil || len(shown) != 6 {
		t.Fatalf("%d rows, %v", len(shown), err)
	}
	for _, want := range []string{
		"C-20 USD 777.00 2026-02-20", "C-20 EUR 41.00 2026-01-15", "C-3 JPY 123,456 2026-03-01", "C-3 KWD 7,654.321 2026-03-02", "C-3 USD 602.50 2025-12-24",
	} {
		if !slices.ContainsFunc(shown, func(r []string) bool { return strings.Join([]string{r[0], r[13], r[15], r[20]}, " ") == want }) {
			t.Errorf("no row shows %s: %v", want, shown)
		}
	}
	for cell, want := range map[string]struct {
		kind  excelize.CellType
		value string
	}{"B4": {excelize.CellTypeInlineString, "=cmd|calc"}, "A4": {excelize.CellTypeInlineString, "C-3"}, "P5": {excelize.CellTypeUnset, "7654.321"}} {
		kind, kerr := file.GetCellType("Customers", cell)
		value, verr := file.GetCellValue("Customers", cell, excelize.Options{RawCellValue: true})
		formula, ferr := file.GetCellFormula("Customers", cell)
		if err := errors.Join(kerr, verr, ferr); err != nil || kind != want.kind || value != want.value || formula != "" {
			t.Errorf("%s is %v %q, formula %q, %v; want %v %q", cell, kind, value, formula, err, want.kind, want.value)
		}
	}
}

func TestExportsAreRecorded(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := company(t, db, "acme")
	north := int64(7)
	export(t, db, acme.Collector, customer.Filter{Sort: customer.ByNumber, Text: "sonn", Kind: customer.Business}, customer.WriteCSV)
	export(t, db, acme.Manager, customer.Filter{Sort: customer.ByName, BranchID: &north, Stopped: true}, customer.WriteXLSX)
	write(t, db, acme.Admin, func(tx *tenant.Tx) error {
		events, err := tenant.Events(t.Context(), tx, tenant.EventFilter{Group: "customers"})
		var got []string
		for _, e := range events {
			got = append(got, e.Person+" "+e.Kind+" "+string(e.Data))
		}
		want := []string{
			`acme manager customers.exported {"lines": 0, "filter": {"branch": 7, "stopped": true}, "format": "XLSX"}`,
			`acme collector customers.exported {"lines": 1, "filter": {"kind": "business", "text": "sonn"}, "format": "CSV"}`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("recorded %q, want %q", got, want)
		}
		return err
	})
	err := db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		return customer.WriteCSV(t.Context(), tx, io.Discard, customer.Filter{Sort: "height"})
	})
	if !errors.As(err, new(errs.Invalid)) {
		t.Errorf("an unknown order: %v", err)
	}
}
