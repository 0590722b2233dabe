package importer_test

import (
	"strings"
	"testing"

	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

// Columns that are called the same are told apart by a number, none of them is proposed,
// and the one that is chosen is read.
func TestColumnsOfOneName(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const file = "number,name,email,email,email (1),\n7,Alm,old@alm.example,new@alm.example,x,\n"
	id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "c.csv"}, file)
	m := plainMap("number,name")
	m.Columns["email"] = "email (3)"
	var q queue
	d.must(t, func(tx *tenant.Tx) error {
		p, err := importer.Look(t.Context(), tx, id)
		if err != nil {
			return err
		}
		want(t, "header", strings.Join(p.Header, "|"), "number|name|email (2)|email (3)|email (1)")
		want(t, "repeated", strings.Join(p.Repeated, "|"), "email")
		want(t, "proposed", importer.Propose(importer.Customers, p.Header).Columns["email"], "")
		return importer.Submit(t.Context(), tx, id, m, q.enqueue)
	})
	q.work(t, d)
	want(t, "not read", strings.Join(d.find(t, id).Result.Unread, "|"), "email (2)|email (1)")
	want(t, "applied", ended(d.applies(t, id)), "applied 1 1 0 0 0")
	want(t, "address", d.ask(t, pointsOf+`'7'`), "email new@alm.example debtor")
}
