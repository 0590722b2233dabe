package statement_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/pdftest"
	"dunwell/internal/promise"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// The rows add up to the totals, and these are the ledger's, in each currency, on
// any day, whatever is shown.
func TestFiguresAreTheLedgers(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, asOf := range []string{"2025-01-01", "2025-11-30", "2025-12-01", "2026-02-21", "2026-03-01", "2026-03-02", "2026-03-16", "2026-03-17", "2026-06-29", "2026-09-28", "2026-09-29"} {
		for _, all := range []bool{false, true} {
			for _, account := range []int64{0, b.account, b.second} {
				d, err := day.Parse(asOf)
				if err != nil {
					t.Fatal(err)
				}
				s := b.statement(t, statement.Options{AsOf: d, All: all, AccountID: account})
				at := fmt.Sprintf("as of %s, all %t, account %d", asOf, all, account)
				want := b.ageing(t, account, d)
				for _, total := range s.Totals {
					if total != want[total.Currency] && (total.Open() != 0 || total.Credits != 0) {
						t.Errorf("%s: %+v, the ledger has %+v", at, total, want[total.Currency])
					}
					delete(want, total.Currency)
				}
				if len(want) > 0 {
					t.Errorf("%s: the statement lacks %v", at, want)
				}
				rows := map[money.Currency]int64{}
				for _, sec := range s.Sections {
					for _, p := range sec.Rows {
						rows[p.Currency] += p.Open
						if p.Currency != sec.Currency || p.AccountID != sec.AccountID {
							t.Errorf("%s: %s stands in the wrong section", at, p.Number)
						}
					}
				}
				for _, total := range s.Totals {
					if rows[total.Currency] != total.Balance() {
						t.Errorf("%s: the rows in %s come to %d, the total is %d", at, total.Currency, rows[total.Currency], total.Balance())
					}
				}
			}
		}
	}
}

// numbers lists the rows of each section by their numbers.
func numbers(s statement.Statement) (list []string) {
	for _, sec := range s.Sections {
		line := sec.Account + " " + string(sec.Currency) + ":"
		for _, p := range sec.Rows {
			line += " " + p.Number
		}
		list = append(list, line)
	}
	return list
}

func TestRowsAndTheirOrder(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, c := range []struct {
		o    statement.Options
		want []string
	}{
		{statement.Options{}, []string{"C-1 EUR: E-1 E-2 E-4 E-5 E-6 P-1", "T-2 EUR: E-7", "C-1 JPY: J-1", "T-2 KWD: K-1"}},
		{statement.Options{All: true}, []string{"C-1 EUR: E-5 E-1 E-3 E-2 E-6 P-1 E-4", "T-2 EUR: E-7", "C-1 JPY: J-1", "T-2 KWD: K-1"}},
		{statement.Options{AccountID: b.second}, []string{"T-2 EUR: E-7", "T-2 KWD: K-1"}},
		{statement.Options{AsOf: day.New(2026, 2, 28)}, []string{"C-1 EUR: E-1 E-3 E-2 E-5 E-6", "T-2 EUR: E-7", "C-1 JPY: J-1", "T-2 KWD: K-1"}},
		{statement.Options{AsOf: day.New(2026, 7, 1)}, []string{"C-1 EUR: E-1 E-2 E-4 E-5 E-6 P-1", "T-2 EUR: E-7 E-8", "C-1 JPY: J-1", "T-2 KWD: K-1"}},
		{statement.Options{AsOf: day.New(2024, 7, 1)}, nil},
	} {
		if got := numbers(b.statement(t, c.o)); !slices.Equal(got, c.want) {
			t.Errorf("%+v shows %q, want %q", c.o, got, c.want)
		}
	}
}

// The number of queries does not grow, and just one of them reads the ledger's rows:
// it sees one state of it.
func TestOneQueryReadsTheRows(t *testing.T) {
	t.Parallel()
	b := open(t)
	count := func() int64 {
		b.db.Queries.Take()
		b.statement(t, statement.Options{All: true})
		return b.db.Queries.Take()
	}
	few := count()
	b.write(t, func(tx *tenant.Tx) error {
		for i := range 40 {
			dbtest.Item(t, tx, dbtest.Account(t, tx, b.customer, fmt.Sprint("X-", i)), fmt.Sprint("X-", i), "2026-03-01", int64(1_000+i), "SEK")
		}
		return nil
	})
	if many := count(); many != few || few > 9 {
		t.Errorf("%d queries, then %d, of which begin, the tenant, who asks and commit are four", few, many)
	}
}

// What is promised of an item is said: all of it, or how much, until it comes.
func TestPromisedIsMarked(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.write(t, func(tx *tenant.Tx) error {
		whole := dbtest.Item(t, tx, b.second, "whole", "2026-03-01", 1_000, "EUR")
		part := dbtest.Item(t, tx, b.second, "part", "2026-03-02", 2_000, "EUR")
		var member int64
		if err := tx.QueryRow(t.Context(), `SELECT min(id) FROM members`).Scan(&member); err != nil {
			return err
		}
		_, err := promise.Make(t.Context(), tx, b.customer, promise.Plan{AccountID: b.second, Amount: money.New(1_700, "EUR"), AssigneeID: member,
			DueOn: tx.Today().Add(3), Items: []int64{whole, part}, Confirmed: true})
		return err
	})
	want := map[string]string{"en whole": "Payment promised", "en part": "Payment of EUR\u00a07.00 promised", "de whole": "Zahlung zugesagt", "de part": "Zahlung von 7,00\u00a0EUR zugesagt"}
	for _, language := range []string{"en", "de"} {
		s := b.statement(t, statement.Options{AccountID: b.second, Language: language})
		for _, sec := range s.Sections {
			for _, p := range sec.Rows {
				if got := s.Remark(p); got != want[language+" "+p.Number] {
					t.Errorf("%s in %s is marked %q, want %q", p.Number, language, got, want[language+" "+p.Number])
				}
			}
		}
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	b := open(t)
	var items map[string]int64
	b.write(t, func(tx *tenant.Tx) error {
		items = map[string]int64{}
		for i, number := range []string{"disputed", "lawsuit", "promised", "resolved", "paused", "both", "was paused"} {
			items[number] = dbtest.Item(t, tx, b.second, number, "2026-03-01", int64(1_000+i), "EUR")
		}
		_, err := tx.Exec(t.Context(), `
			UPDATE items i
			SET status_id = coalesce((SELECT s.id FROM item_statuses s WHERE s.family = m.family), i.status_id),
				paused_until = m.until, pause_reason = CASE WHEN m.until IS NOT NULL THEN 'nobody else is told why' END
			FROM (VALUES ('disputed', 'dispute', NULL::date), ('lawsuit', 'litigation', NULL), ('promised', 'promise', NULL), ('resolved', 'dispute_resolved', NULL),
				('paused', '', DATE '2026-03-16'), ('both', 'dispute', '2026-04-01'), ('was paused', '', '2026-03-15')) m (number, family, until)
			WHERE i.number = m.number`)
		return err
	})
	s := b.statement(t, statement.Options{AccountID: b.second, Language: "de"})
	want := map[string]string{"disputed": "Bestritten", "lawsuit": "Im Rechtsstreit", "promised": "Zahlung zugesagt", "resolved": "",
		"paused": "Ausgesetzt bis 16.03.2026", "both": "Bestritten · Ausgesetzt bis 01.04.2026", "was paused": "", "E-7": "", "K-1": ""}
	for _, sec := range s.Sections {
		for _, p := range sec.Rows {
			if got := s.Remark(p); got != want[p.Number] {
				t.Errorf("%s is marked %q, want %q", p.Number, got, want[p.Number])
			}
		}
	}
	all := b.statement(t, statement.Options{AccountID: b.account, All: true})
	kinds := map[string]string{}
	for _, p := range all.Sections[0].Rows {
		kinds[p.Number] = all.Remark(p)
	}
	if kinds["E-6"] != "Credit note" || kinds["P-1"] != "Payment" || kinds["E-3"] != "" {
		t.Errorf("kinds are %v", kinds)
	}
}

func TestWhoseStatement(t *testing.T) {
	t.Parallel()
	b := open(t)
	beta := dbtest.Tenant(t, b.db, "beta")
	var strange int64
	b.write(t, func(tx *tenant.Tx) error {
		_, strange = dbtest.Customer(t, tx, "C-9")
		return nil
	})
	if _, err := b.read(t, beta.Admin, statement.Options{}); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's customer: %v", err)
	}
	for _, account := range []int64{strange, -1, 1 << 60} {
		if _, err := b.read(t, b.Collector, statement.Options{AccountID: account}); !errors.Is(err, errs.NotFound) {
			t.Errorf("account %d, which is not the customer's: %v", account, err)
		}
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
			SELECT $1, $2, 'invoice', 'M-' || n, '2026-01-01', '2026-02-01', 'EUR', n, (SELECT min(id) FROM item_statuses)
			FROM generate_series(1, 20000) n`, b.customer, b.account)
		return err
	})
	if _, err := b.read(t, b.Collector, statement.Options{}); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("too many rows: %v", err)
	}
	if _, err := b.read(t, b.Collector, statement.Options{AccountID: b.second}); err != nil {
		t.Error(err)
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	b := open(t)
	s := b.statement(t, statement.Options{AsOf: day.New(2026, 1, 31), Language: "cs"})
	for number, want := range map[string]string{
		"C-1": "prehled-C-1-2026-01-31.pdf", "Ž/../\"\r\n\\7": "prehled-7-2026-01-31.pdf", "日本": "prehled-2026-01-31.pdf", "-a--b-": "prehled-a-b-2026-01-31.pdf",
	} {
		s.Customer.Number = number
		if got := s.FileName(".pdf"); got != want {
			t.Errorf("the file of %q is called %q, want %q", number, got, want)
		}
	}
}

func pdfOf(t testing.TB, s statement.Statement) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := s.PDF(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPDF(t *testing.T) {
	t.Parallel()
	b := open(t)
	s := b.statement(t, statement.Options{})
	text := pdftest.Text(t, pdfOf(t, s))
	for _, want := range []string{
		"Company acme", "Date 16 Mar 2026", "Customer number C-1", "Statement of account\nWhat was open on 16 Mar 2026.",
		"Totals Open items of it overdue Credits not yet applied Balance\nEUR 12,490.21 2,500.03 -612.37 11,877.84\nJPY 777,777 777,777 0 777,777\nKWD 8,888.888 8,888.888 0.000 8,888.888",
		"Account C-1 · EUR\nNumber Issued Due Days Amount Open Remark\noverdue\n" +
			"E-1 6 Dec 2025 5 Jan 2026 70 1,000.01 1,000.01\n" +
			"E-2 21 Jan 2026 20 Feb 2026 24 2,000.02 1,500.02\n" +
			"E-4 11 Mar 2026 10 Apr 2026 4,000.04 4,000.04\n" +
			"E-5 1 Jan 2025 5,000.05 5,000.05\n" +
			"E-6 30 Jan 2026 -600.06 -600.06 Credit note\n" +
			"P-1 2 Mar 2026 -3,512.34 -12.31 Payment\n" +
			"Open items 11,500.12\nCredits not yet applied -612.37\nBalance 10,887.75",
		"Open items by days overdue\nNot yet due 1–30 days 31–60 days 61–90 days Over 90 days\n9,000.09 1,500.02 0.00 1,000.01 0.00",
		"Account C-1 · JPY", "J-1 31 Oct 2025 30 Nov 2025 106 777,777 777,777", "K-1 13 Feb 2026 15 Mar 2026 1 8,888.888 8,888.888", "Page 1 of 2", "Page 2 of 2",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the PDF lacks\n%s\nit says\n%s", want, text)
		}
	}
	again := b.statement(t, statement.Options{})
	if sha256.Sum256(pdfOf(t, s)) != sha256.Sum256(pdfOf(t, again)) {
		t.Error("the same statement made two files")
	}
	nothing := pdftest.Text(t, pdfOf(t, b.statement(t, statement.Options{AsOf: day.New(2020, 1, 1), Language: "fr"})))
	if !strings.Contains(nothing, "Aucun poste n’était ouvert à cette date.") || strings.Contains(nothing, "Totaux") {
		t.Errorf("without items: %s", nothing)
	}
}
