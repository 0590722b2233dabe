package importer_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

// rejects is the download of what an import refused.
func (d desk) rejects(t *testing.T, id int64) string {
	t.Helper()
	var b strings.Builder
	d.must(t, func(tx *tenant.Tx) error {
		i, err := importer.Find(t.Context(), tx, id)
		if err != nil {
			return err
		}
		return importer.WriteRejects(t.Context(), tx, &b, i)
	})
	return b.String()
}

const mendHeader = "customer_number,number,issued_on,due_on,amount,memo"

// What was refused comes back as the file has it, with its headings and the reason
// behind: mended, it is loaded as it is, by the same map, and what is refused then comes
// back the same way.
func TestMendAndLoadAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, "number,name\nC-1,Acme\n")
	file := strings.ReplaceAll(mendHeader, ",", ";") + "\n" +
		"C-1;A-1;2026-01-05;2026-02-05;10.01;fine\n" +
		"C-1;\"=\"\"007\"\"\";2026-01-06;2026-02-06;x;\"two\nlines\"\n" +
		"\n" +
		"C-1;A-3;2026-01-07;2026-02-07;30.03\n" +
		"C-1;A-4;2026-01-08;soon;-40.04;\"=1+1; \"\"so\"\"\"\n" +
		"C-1;A-5;2026-01-09;2026-02-09;50.05;one;too many;\n" +
		"C-1;A-6;2026-01-10;2026-02-10;60.06;\"open\n"
	o := plain(importer.Items, mendHeader+"\n")
	delete(o.Map.Columns, "memo")
	r, err := d.run(t, o, file)
	if err != nil || counts(r) != "6 1 0 0 5" {
		t.Fatalf("%s, %v: %+v", counts(r), err, r.Rejects)
	}
	got := d.rejects(t, 2)
	const head = "\ufeff" + mendHeader + ",Why refused\r\n"
	rows := []string{
		`C-1,"=""007""",2026-01-06,2026-02-06,x,"two` + "\r\n" + `lines","Row 3: amount: This is not an amount. Write digits with at most one decimal sign, such as -1234.50."`,
		`C-1,A-3,2026-01-07,2026-02-07,30.03,"Row 5: The row has 5 cells and the header 6. Is a separator missing, or a quote around a text that holds one?"`,
		`C-1,A-4,2026-01-08,soon,'-40.04,"'=1+1; ""so""","Row 6: due_on: This is not a date written as YYYY-MM-DD, which was chosen for this file."`,
		`C-1,A-5,2026-01-09,2026-02-09,50.05,one,too many,"Row 7: The row has 8 cells and the header 6. Is a separator missing, or a quote around a text that holds one?"`,
		`"C-1;A-6;2026-01-10;2026-02-10;60.06;""open",Row 8: A quote is opened and never closed.`,
	}
	want(t, "download", got, head+strings.Join(rows, "\r\n")+"\r\n")

	again := strings.NewReplacer(",x,", ",20.02,", `30.03,"`, `30.03,,"`, "soon", "2026-02-08", ",one,too many,", ",one,").Replace(got)
	r, err = d.run(t, o, again)
	if err != nil || counts(r) != "5 4 0 0 1" || strings.Join(r.Unread, " ") != "memo Why refused" {
		t.Fatalf("again: %s, %v: %+v", counts(r), err, r)
	}
	want(t, "open", d.ask(t, `SELECT string_agg(number || ' ' || amount, ', ' ORDER BY number) FROM items`), "007 2002, A-1 1001, A-3 3003, A-4 -4004, A-5 5005")
	got = d.rejects(t, 3)
	if !strings.HasPrefix(got, head+`"C-1;A-6;`) || strings.Count(got, "Why refused") != 1 || strings.Count(got, "Row ") != 1 || !strings.Contains(got, ",\"Row 6: ") {
		t.Errorf("again: %q", got)
	}
}

// A row with a cell too many or too few is refused until somebody mends it, however often
// it comes back: no cell is lost, or taken for the one beside it.
func TestWrongNumberOfCellsComesBackAgain(t *testing.T) {
	t.Parallel()
	const header = "customer_number,number,issued_on,amount,memo"
	for _, row := range []string{"C-1,A-1,2026-01-05,1,234.50,m", "A-2,2026-01-05,77.70,m", "C-1"} {
		d := newDesk(t)
		d.load(t, importer.Customers, "number,name\nC-1,Acme\n")
		file := header + "\n" + row + "\n"
		o := plain(importer.Items, header+"\n")
		delete(o.Map.Columns, "memo")
		for n := range 4 {
			r, err := d.run(t, o, file)
			if err != nil || counts(r) != "1 0 0 0 1" {
				t.Fatalf("%s, time %d: %s, %v: %s", row, n+1, counts(r), err, d.ask(t, `SELECT string_agg(number || ' ' || amount, ', ') FROM items`))
			}
			file = d.rejects(t, int64(n+2))
			if !strings.Contains(file, "\n"+row+",\"Row 2: ") || strings.Count(file, "Row 2: ") != 1 {
				t.Errorf("%s, time %d: %q", row, n+1, file)
			}
		}
	}
}

// A number that looks like a payment card's comes back without its digits, and what is left
// of it makes no item, customer or payment.
func TestMaskedNumbersAreNotTaken(t *testing.T) {
	t.Parallel()
	for kind, file := range map[importer.Kind]string{
		importer.Items:     "number,customer_number,issued_on,amount\n4111111111111111,C-1,2026-01-05,x\n",
		importer.Payments:  "number,customer_number,value_on,amount\n4111 1111 1111 1111,C-1,2026-01-05,x\n",
		importer.Customers: "number,name,kind\n4111-1111-1111-1111,Acme,x\n",
	} {
		d := newDesk(t)
		d.load(t, importer.Customers, "number,name\nC-1,Acme\n")
		o := plain(kind, file)
		if r, err := d.run(t, o, file); err != nil || counts(r) != "1 0 0 0 1" {
			t.Fatalf("%s: %s, %v: %+v", kind, counts(r), err, r.Rejects)
		}
		mended := map[importer.Kind]string{importer.Customers: ",business,"}[kind]
		back := strings.Replace(d.rejects(t, 2), ",x,", cmp.Or(mended, ",20.02,"), 1)
		r, err := d.run(t, o, back)
		if err != nil || counts(r) != "1 0 0 0 1" || !strings.Contains(r.Rejects[0].Reason, "from the file that was first loaded") {
			t.Errorf("%s: %s, %v: %+v of %q", kind, counts(r), err, r.Rejects, back)
		}
	}
}

// Several faults of a row are one row with both reasons, and a row that was refused
// before its cells were kept is told by its number.
func TestRowToMend(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := "number,name,phone,email\nC-1,Acme,12,nobody\nC-2,Beta,,\n"
	r, err := d.run(t, plain(importer.Customers, file), file)
	if err != nil || r.LeftOut != 2 || r.Refused != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	got := d.rejects(t, 1)
	if strings.Count(got, "\r\n") != 2 || !strings.Contains(got, "\r\nC-1,Acme,12,nobody,") || !strings.Contains(got, "Row 2: phone: ") || !strings.Contains(got, " email: ") {
		t.Errorf("%q", got)
	}
	d.must(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO import_rejects (import_id, line, col, value, reason) VALUES (1, 9, 'name', '', 'It is empty.')`)
		return err
	})
	if got := d.rejects(t, 1); !strings.HasSuffix(got, "\r\n,,,,Row 9: name: It is empty.\r\n") {
		t.Errorf("of before: %q", got)
	}
}

// The rows are thrown away the given days after the import ended, not before; why they
// were refused stays. The number of a payment card is not kept at all.
func TestForgetRows(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := "number,name,phone\nC-1,Card 4111 1111 1111 1111,12\n"
	if _, err := d.run(t, plain(importer.Customers, file), file); err != nil {
		t.Fatal(err)
	}
	forget := func(days time.Duration) string {
		d.must(t, func(tx *tenant.Tx) error {
			i, err := importer.Find(t.Context(), tx, 1)
			if err != nil {
				return err
			}
			return importer.ForgetRows(t.Context(), tx, i.FinishedAt.Add(days))
		})
		return d.rejects(t, 1)
	}
	if got := forget(0); !strings.Contains(got, "C-1,Card **** **** **** 1111,12,\"Row 2: phone: ") {
		t.Errorf("kept: %q", got)
	}
	if got := forget(time.Microsecond); !strings.Contains(got, "\n,,,\"Row 2: phone: ") {
		t.Errorf("forgotten: %q", got)
	}
}
