package importer_test

import (
	"strings"
	"testing"

	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

// A file is read as the last one that was applied, and what it has besides is
// read by its name, unless it was left out on purpose.
func TestSuggest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var q queue
	suggests := func(what, header, columns string) {
		t.Helper()
		d.must(t, func(tx *tenant.Tx) error {
			m, err := importer.Suggest(t.Context(), tx, importer.Items, strings.Split(header, ","))
			var got []string
			for _, c := range importer.Columns(importer.Items) {
				if name := m.Columns[c.Field]; name != "" {
					got = append(got, string(c.Field)+"="+name)
				}
			}
			want(t, what, strings.Join(got, " ")+" "+m.Decimal, columns)
			return err
		})
	}
	bring := func(header, row, columns string, apply bool) {
		t.Helper()
		m := importer.Map{Decimal: ",", Columns: map[importer.Field]string{}}
		for pair := range strings.FieldsSeq(columns) {
			field, name, _ := strings.Cut(pair, "=")
			m.Columns[importer.Field(field)] = name
		}
		id := d.upload(t, importer.Options{Kind: importer.Items, Currency: "EUR", CreateCustomers: true, FileName: "i.csv"}, header+"\n"+row+"\n")
		d.must(t, func(tx *tenant.Tx) error { return importer.Submit(t.Context(), tx, id, m, q.enqueue) })
		q.work(t, d)
		if !apply {
			return
		}
		d.must(t, func(tx *tenant.Tx) error { return d.start(t, tx, id, &q) })
		q.work(t, d)
		if i := d.find(t, id); i.State != importer.Applied {
			t.Fatalf("%+v", i)
		}
	}
	const names = "customer_number=Debtor number=No issued_on=Date amount=Total"
	suggests("at first, by the names", "Debtor,No,Date,Total", names+" ")
	bring("Debtor,No,Text,Date,Total", `7,A1,A1,2025-12-30,"10,01"`, "customer_number=Debtor number=Text issued_on=Date amount=Total", false)
	suggests("a file only checked teaches nothing", "Debtor,No,Text,Date,Total", names+" ")
	bring("Debtor,No,Text,Date,Total", `7,B1,A1,2025-12-30,"10,02"`, "customer_number=Debtor number=Text issued_on=Date amount=Total", true)
	const read = "customer_number=Debtor number=Text issued_on=Date amount=Total"
	suggests("as the last", "Debtor,No,Text,Date,Total", read+" ,")
	suggests("with what is new", "Debtor,No,Text,Date,Total,Currency,Due", "customer_number=Debtor number=Text issued_on=Date due_on=Due amount=Total currency=Currency ,")
	suggests("without a column of the last", "Debtor,No,Date,Total,Currency", names+" currency=Currency ")
	bring("Debtor,No,Text,Date,Total,Currency,Due", `7,C1,A2,2025-12-30,"10,03",EUR,2026-01-30`, read+" due_on=Due", true)
	suggests("what was left out on purpose", "Debtor,No,Text,Date,Total,Currency,Due", "customer_number=Debtor number=Text issued_on=Date due_on=Due amount=Total ,")
	want(t, "says what was not read", d.ask(t, `SELECT result ->> 'unread' FROM imports ORDER BY id DESC LIMIT 1`), `["No", "Currency"]`)
}
