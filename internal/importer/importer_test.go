package importer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/importer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// desk is a company that files are brought into.
type desk struct {
	*dbtest.Database
	*dbtest.Company
}

func newDesk(t testing.TB) desk {
	t.Helper()
	db := dbtest.New(t)
	db.BeforeCommit = ledger.Refresh
	return desk{db, dbtest.Tenant(t, db, "acme")}
}

// maps of files whose columns are called like the fields.
func plainMap(columns string) importer.Map {
	m := importer.Map{DateFormat: "YYYY-MM-DD", Decimal: ".", Columns: map[importer.Field]string{}}
	for _, c := range strings.Split(columns, ",") {
		m.Columns[importer.Field(c)] = c
	}
	return m
}

// plain options read the first line of the file as its map.
func plain(k importer.Kind, file string) importer.Options {
	header, _, _ := strings.Cut(file, "\n")
	return importer.Options{Kind: k, Map: plainMap(header), Currency: "EUR", FileName: "test.csv"}
}

func (d desk) run(t testing.TB, o importer.Options, file string) (importer.Result, error) {
	t.Helper()
	return importer.Run(t.Context(), d.DB, d.ID, o, strings.NewReader(file))
}

// load brings a file in, of which no row may be refused.
func (d desk) load(t testing.TB, k importer.Kind, file string) importer.Result {
	t.Helper()
	r, err := d.run(t, plain(k, file), file)
	if err != nil || r.Refused > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	return r
}

// counts writes what a file did as "read new changed unchanged refused".
func counts(r importer.Result) string {
	return fmt.Sprint(r.Read, " ", r.New, " ", r.Changed, " ", r.Unchanged, " ", r.Refused)
}

// ask is the one row that a query gives, its values written with blanks between.
func (d desk) ask(t testing.TB, sql string) (answer string) {
	t.Helper()
	err := d.Read(t.Context(), d.System(), func(tx *tenant.Tx) error {
		rows, _ := tx.Query(t.Context(), sql)
		values, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
		answer = strings.TrimSpace(fmt.Sprintln(values...))
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

// exec changes something as the program itself.
func (d desk) exec(t testing.TB, sql string) {
	t.Helper()
	err := d.Write(t.Context(), d.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), sql)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func want(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

const debtors = "number,name\n0007,Nordic Timber\n8,Fjord & Sons\n"

// The result's JSON is what scripts read.
func TestResultJSON(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := "customer_number,number,issued_on,amount\n0007,A1,2026-01-01,10.5\n0007,A2,2026-01-01,x\n"
	o := plain(importer.Items, file)
	o.CreateCustomers = true
	r, err := d.run(t, o, file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "json", string(got), `{"read":2,"new":1,"changed":0,"unchanged":0,"refused":1,"customers_created":1,"totals":[{"currency":"EUR","amount":"10.50"}],`+
		`"rejects":[{"row":3,"column":"amount","value":"x","reason":"This is not an amount. Write digits with at most one decimal sign, such as -1234.50."}],"unread":[]}`)
	empty, err := json.Marshal(importer.Result{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(empty), `"totals":[],"rejects":[],"unread":[]`) {
		t.Errorf("empty lists are written as %s", empty)
	}
}

// A dry run says what would happen and leaves no trace.
func TestDryRun(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := "customer_number,number,issued_on,amount\n0007,A1,2026-01-01,10.5\n"
	o := plain(importer.Items, file)
	o.CreateCustomers, o.DryRun = true, true
	r, err := d.run(t, o, file)
	if err != nil || counts(r) != "1 1 0 0 0" || r.CustomersCreated != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	want(t, "written", d.ask(t, `
		SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM items) + (SELECT count(*) FROM imports) + (SELECT count(*) FROM import_rejects)`), "0")
}

// With all or nothing one refused row keeps the others out, and that is on record.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := debtors + "9,\n"
	o := plain(importer.Customers, file)
	o.AllOrNothing = true
	r, err := d.run(t, o, file)
	if err != nil || counts(r) != "3 2 0 0 1" {
		t.Errorf("%+v, %v", r, err)
	}
	want(t, "customers", d.ask(t, `SELECT count(*) FROM customers`), "0")
	want(t, "record", d.ask(t, `SELECT state, (SELECT count(*) FROM import_rejects) FROM imports`), "discarded 1")
	o.AllOrNothing = false
	if r, err = d.run(t, o, file); err != nil || counts(r) != "3 2 0 0 1" {
		t.Errorf("%+v, %v", r, err)
	}
	want(t, "customers", d.ask(t, `SELECT count(*) FROM customers`), "2")
	want(t, "record", d.ask(t, `SELECT state, rows_done, result->>'refused', encode(sha256, 'hex') <> '' FROM imports ORDER BY id DESC LIMIT 1`), "applied 3 1 true")
}

// What cannot be read at all is refused as a whole, in a sentence that helps.
func TestUnusable(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ok := plain(importer.Customers, debtors)
	for _, c := range []struct {
		name, file string
		change     func(o *importer.Options)
		want       string
	}{
		{"empty", "", nil, "empty"},
		{"blank", "\xef\xbb\xbf \n\n", nil, "empty"},
		{"a line for Excel only", "sep=;\r\n", nil, "empty"},
		{"header only", "number,name\n", nil, "header and no rows"},
		{"header and blank rows", "number,name\n\n,\n", nil, "header and no rows"},
		{"zip or xlsx", "PK\x03\x04rest", nil, "Excel workbook"},
		{"xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", nil, "old Excel workbook"},
		{"pdf", "%PDF-1.7\n", nil, "PDF"},
		{"gzip", "\x1f\x8b\x08\x00", nil, "gzip"},
		{"utf-16 with its mark", "\xff\xfen\x00u\x00", nil, "UTF-16"},
		{"utf-16, high byte first", "\xfe\xff\x00n\x00u", nil, "UTF-16"},
		{"utf-16 without a mark", "n\x00u\x00m\x00,\x00n\x00\n\x00", nil, "UTF-16"},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x03", nil, "not a text file"},
		{"column missing", "number,firm\n1,a\n", nil, `no column "name", which the map names for name. Its columns are: number, firm.`},
		{"column twice", "number,name,name\n1,a,b\n", nil, `two columns called "name". Say which one is name: "name (1)" or "name (2)".`},
		{"title", "Debtors of March\nnumber,name\n1,a\n", nil, `The first line has one cell only, "Debtors of March".`},
		{"title with separators", "Debtors;;\nnumber;name;city\n1;a;b\n", nil, `one cell only, "Debtors".`},
		{"another separator", "number|name\n1|a\n", nil, `one cell only, "number|name". The header must be the first line, with commas, semicolons or tabs between its cells.`},
		{"nothing in the first line", ",\nnumber,name\n1,a\n", nil, "The first line is empty."},
		{"unknown field", debtors, func(o *importer.Options) { o.Map.Columns["shoe_size"] = "name" }, `"shoe_size"`},
		{"field not mapped", debtors, func(o *importer.Options) { o.Map.Columns["name"] = "" }, "names no column for name"},
		{"unknown kind", debtors, func(o *importer.Options) { o.Kind = "wishes" }, `"wishes"`},
		{"wrong decimal", debtors, func(o *importer.Options) { o.Map.Decimal = ";" }, `";"`},
		{"wrong date format", debtors, func(o *importer.Options) { o.Map.DateFormat = "M/D" }, "date_format"},
		{"wrong currency", debtors, func(o *importer.Options) { o.Currency = "EURO" }, "EURO"},
	} {
		o := ok
		o.Map.Columns = map[importer.Field]string{"number": "number", "name": "name"}
		if c.change != nil {
			c.change(&o)
		}
		_, err := d.run(t, o, c.file)
		var u importer.Unusable
		if !errors.As(err, &u) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it unusable because of %q", c.name, err, c.want)
		}
	}
	file := "customer_number,number,issued_on,amount\n1,2,2026-01-01,3\n"
	o := plain(importer.Items, file)
	o.Currency = ""
	if _, err := d.run(t, o, file); !errors.As(err, new(importer.Unusable)) {
		t.Errorf("no currency anywhere: %v", err)
	}
	want(t, "imports", d.ask(t, `SELECT count(*) FROM imports`), "0")
}

func TestParseMap(t *testing.T) {
	t.Parallel()
	m, err := importer.ParseMap([]byte(`{"date_format":"M/D/YYYY","decimal":".","true":["Yes"],"columns":{"number":"No","name":""}}`))
	if err != nil || m.DateFormat != "M/D/YYYY" || m.Columns["number"] != "No" || m.True[0] != "Yes" {
		t.Errorf("%+v, %v", m, err)
	}
	for _, text := range []string{``, `[]`, `{"colums":{}}`, `{"columns":{"number":7}}`, `{"columns":{}} {}`, `{"columns":{}`} {
		if _, err := importer.ParseMap([]byte(text)); !errors.As(err, new(importer.Unusable)) {
			t.Errorf("%s: %v, want it unusable", text, err)
		}
	}
}

func TestPropose(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         importer.Kind
		header, want string // want: field=column
	}{
		{importer.Items, "countryCode,customerID,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate",
			"amount=InvoiceAmount customer_number=customerID disputed=Disputed due_on=DueDate issued_on=InvoiceDate number=invoiceNumber settled_on=SettledDate"},
		{importer.Items, "Kunde,Rechnungs-Nr.,Datum,Fällig am,Betrag,Währung", "amount=Betrag currency=Währung customer_number=Kunde due_on=Fällig am issued_on=Datum number=Rechnungs-Nr."},
		{importer.Payments, "Reference,Customer No,Value date,Amount,Invoice", "amount=Amount customer_number=Customer No item_number=Invoice number=Reference value_on=Value date"},
		{importer.Customers, "ID,Customer,Customer Number,Post code,Country Code", "country=Country Code name=Customer number=Customer Number postal_code=Post code"},
		{importer.Payments, "Zahlungsnr,Kundennr,Rechnungsnr,Valuta,Betrag", "amount=Betrag customer_number=Kundennr item_number=Rechnungsnr number=Zahlungsnr value_on=Valuta"},
		{importer.Items, "Rechnungsnr,Kundennr,Art,Datum,Betrag", "amount=Betrag customer_number=Kundennr issued_on=Datum kind=Art number=Rechnungsnr"},
		{importer.Customers, "Kundennr,Name,Art", "kind=Art name=Name number=Kundennr"},
		{importer.Customers, "x,y,", ""},
	} {
		var got []string
		for f, column := range importer.Propose(c.kind, strings.Split(c.header, ",")).Columns {
			got = append(got, string(f)+"="+column)
		}
		slices.Sort(got)
		want(t, c.header, strings.Join(got, " "), c.want)
	}
}

// Every separator and encoding in use reads the same.
func TestDialects(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i, c := range []struct{ name, file string }{
		{"comma", "number,name\n%s,Bjørn's Bürste\n"},
		{"semicolon", "number;name\n%s;Bjørn's Bürste\n"},
		{"tab", "number\tname\n%s\tBjørn's Bürste\n"},
		{"mark", "\xef\xbb\xbfnumber,name\n%s,Bjørn's Bürste\n"},
		{"windows", "number;name\r\n%s;Bj\xf8rn's B\xfcrste\r\n"},
		{"quoted header", "\"number\";\"name\"\n\"%s\";\"Bjørn's Bürste\"\n"},
		{"carriage returns only", "number,name\r%s,Bjørn's Bürste\r"},
		{"commas in the header of a file with semicolons", "\"number\";name;a,b,c,d\n%s;Bjørn's Bürste;1\n"},
		{"separators at the end of the rows", "number;name\n%s;Bjørn's Bürste;;\n"},
		{"separators at the end of all rows", "number;name;;\n%s;Bjørn's Bürste;;\n"},
		{"another name twice", "number,phone,phone,name\n%s,1,2,Bjørn's Bürste\n"},
		{"blanks around", "number , name\n %s , Bjørn's Bürste \n"},
		{"zeros kept for Excel", "number;name\n=\"%s\";Bjørn's Bürste\n"},
		{"zeros kept for Excel, quoted", "number;name\n\"=\"\"%s\"\"\";\"=\"\"Bjørn's Bürste\"\"\"\n"},
		{"a line for Excel", "sep=;\nnumber;name\n%s;Bjørn's Bürste\n"},
		{"a line for Excel after the mark, quoted", "\xef\xbb\xbf\"SEP=,\"\r\nnumber,name\r\n%s,Bjørn's Bürste\r\n"},
		{"a line for Excel, filled up", "sep=;;\nnumber;name\n%s;Bjørn's Bürste\n"},
		{"one broken row does not change the encoding", "number,name\n1,M\xfcller\n%s,Bjørn's Bürste\n"},
	} {
		number := fmt.Sprintf("00%d", i)
		o := plain(importer.Customers, "number,name")
		r, err := d.run(t, o, fmt.Sprintf(c.file, number))
		if err != nil || r.New != 1 {
			t.Errorf("%s: %+v, %v", c.name, r, err)
			continue
		}
		want(t, c.name, d.ask(t, `SELECT name FROM customers WHERE number = '`+number+`'`), "Bjørn's Bürste")
	}
}
