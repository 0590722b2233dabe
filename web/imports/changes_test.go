package imports_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/importer"
)

// The page says what is summed, and in which currency rows are read that name none.
func TestCurrencyAssumed(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	upload(t, c, "i.csv", "customer,number,day,amount,open,cur\n1,A,2026-01-05,100,40,\n1,B,2026-01-05,50,50,EUR\n", "kind", "items", "currency", "EUR", "create_customers", "on").
		Leads(t, "/imports/1/mapping")
	c.Post("/imports/1/mapping", url.Values{"column.customer_number": {"customer"}, "column.number": {"number"}, "column.issued_on": {"day"}, "column.amount": {"amount"},
		"column.open_amount": {"open"}, "column.currency": {"cur"}}).Leads(t, "/imports/1")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/1").Has(t, http.StatusOK, "EUR 150.00", "Control totals of the amounts, not of what is open, of all rows that are not refused:",
		"The currency’s cell is empty in 1 row, which is read as EUR.")
}

// Before anything is applied the page says what would change, and what empty cells take.
func TestChangedCustomers(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	o := importer.Options{Kind: importer.Customers, Map: importer.Map{Columns: map[importer.Field]string{"number": "number", "name": "name", "owner": "owner"}}}
	if _, err := importer.Run(t.Context(), s.DB, acme.ID, o, strings.NewReader("number,name,owner\n7,Nordic <Timber>,collector@acme.example\n8,Alm,\n")); err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", "number,name,owner\n7,Nordic <Timber>,\n8,Alm AS,\n", "kind", "customers").Leads(t, "/imports/2/mapping")
	c.Get("/imports/2/mapping").Has(t, http.StatusOK, "An empty cell empties what is here, the owner too.")
	c.Post("/imports/2/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}, "column.owner": {"owner"}}).Leads(t, "/imports/2")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 2}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/2").Has(t, http.StatusOK, "changed 2", "Nordic &lt;Timber&gt;", "owner from acme collector to nobody", "name from “Alm” to “Alm AS”",
		"1 customer would lose its owner, because the cell is empty. To keep owners, read the columns differently and leave that one out.")
	c.Post("/imports/2/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}}).Leads(t, "/imports/2")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 2}); err != nil {
		t.Fatal(err)
	}
	p := c.Get("/imports/2")
	p.Has(t, http.StatusOK, "changed 1", "name from “Alm” to “Alm AS”")
	p.Lacks(t, "would lose", "to nobody")
}

// Numbers and addresses are read from columns of their own; what cannot be read is
// said with its row, which is taken.
func TestContactPointsOfAFile(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", "Number,Name,Phone,Mobile,E-mail,Tags\n7,Alm,+47 22 41 09 33,n/a,ap@alm.example,retail\n", "kind", "customers").Leads(t, "/imports/1/mapping")
	c.Get("/imports/1/mapping").Has(t, http.StatusOK, `<option value="Phone" selected`, `<option value="Mobile" selected`, `<option value="E-mail" selected`, `<option value="Tags" selected`,
		"Telephone numbers, e-mail addresses and tags are only added")
	c.Post("/imports/1/mapping", url.Values{"column.number": {"Number"}, "column.name": {"Name"}, "column.phone": {"Phone"}, "column.mobile": {"Mobile"},
		"column.email": {"E-mail"}, "column.tags": {"Tags"}}).Leads(t, "/imports/1")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	p := c.Get("/imports/1")
	p.Has(t, http.StatusOK, "new 1", "Apply takes all rows, without what is left out of them.", "1 telephone number, address or contact person is left out; the rest of the row is taken.",
		"<h2>Left out</h2>", "n/a", "The rest of the row is taken.")
	p.Lacks(t, "Refused rows")
	apply(t, c).Leads(t, "/imports/1")
	if err := importer.Apply(t.Context(), s.DB, importer.ApplyArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/1").Has(t, http.StatusOK, "1 telephone number, address or contact person was left out; the rest of the row was taken.")
	c.Get("/customers/1").Has(t, http.StatusOK, "+47 22 41 09 33", "ap@alm.example")

	upload(t, c, "again.csv", "Number,Name,Phone\n7,Alm,n/a\n", "kind", "customers").Leads(t, "/imports/2/mapping")
	c.Post("/imports/2/mapping", url.Values{"column.number": {"Number"}, "column.name": {"Name"}, "column.phone": {"Phone"}}).Leads(t, "/imports/2")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 2}); err != nil {
		t.Fatal(err)
	}
	p = c.Get("/imports/2")
	p.Has(t, http.StatusOK, "There is nothing to apply: what can be read would change nothing here. What was taken out of use here is not brought back.", "1 telephone number, address or contact person is left out")
	p.Lacks(t, "all of it is in the ledger already")

	if _, err := s.Owner(t).Exec(t.Context(), `INSERT INTO permissions (tenant_id, customer_id, contact_point_id, channel, state, given_on, source, review_on)
		SELECT tenant_id, customer_id, id, 'email', 'opt_out', '2026-03-03', 'Their letter', '2026-09-03' FROM contact_points WHERE kind = 'email'`); err != nil {
		t.Fatal(err)
	}
	upload(t, c, "shared.csv", "Number,Name,E-mail\n8,Elm,ap@alm.example\n", "kind", "customers").Leads(t, "/imports/3/mapping")
	c.Post("/imports/3/mapping", url.Values{"column.number": {"Number"}, "column.name": {"Name"}, "column.email": {"E-mail"}}).Leads(t, "/imports/3")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 3}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/3").Has(t, http.StatusOK, "1 new telephone number or address begins opted out: the number itself said STOP, or the address opted out with another customer.")
}

// A number that was taken out of use here is not said to be in the ledger, nor brought back.
func TestNumberTakenOutOfUse(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	o := importer.Options{Kind: importer.Customers, Map: importer.Map{Columns: map[importer.Field]string{"number": "number", "name": "name", "phone": "phone"}}}
	const file = "number,name,phone\n7,Alm,+47 22 41 09 33\n"
	if _, err := importer.Run(t.Context(), s.DB, acme.ID, o, strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE contact_points SET retired_at = now()`); err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", file, "kind", "customers").Leads(t, "/imports/2/mapping")
	c.Post("/imports/2/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}, "column.phone": {"phone"}}).Leads(t, "/imports/2")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 2}); err != nil {
		t.Fatal(err)
	}
	p := c.Get("/imports/2")
	p.Has(t, http.StatusOK, "Checked. There is nothing to apply: the file would change nothing here. What was taken out of use here is not brought back.")
	p.Lacks(t, "already")
}

// What was paid of items before they are taken over is said, with what becomes of it.
func TestItemsPartlyPaid(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	upload(t, c, "i.csv", "Customer,Number,Issued,Amount,Open\n7,R1,2026-01-05,100,70\n7,R2,2026-01-06,200,200\n", "kind", "items", "create_customers", "on", "currency", "EUR").Leads(t, "/imports/1/mapping")
	c.Post("/imports/1/mapping", url.Values{"column.customer_number": {"Customer"}, "column.number": {"Number"}, "column.issued_on": {"Issued"}, "column.amount": {"Amount"},
		"column.open_amount": {"Open"}, "create_customers": {"on"}, "currency": {"EUR"}}).Leads(t, "/imports/1")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/1").Has(t, http.StatusOK, "1 new item is paid in part or in full. The file does not say on which day:")
	apply(t, c).Leads(t, "/imports/1")
	if err := importer.Apply(t.Context(), s.DB, importer.ApplyArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/1").Has(t, http.StatusOK, "1 new item was paid in part or in full.")
}

// Rows that name who has left are taken, and the page says what becomes of them.
func TestOwnerWhoHasLeft(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, acme.CollectorID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Owner(t).Exec(t.Context(), `INSERT INTO branches (tenant_id, name, retired_at) VALUES ($1, 'Moon', now())`, acme.ID); err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", "number,name,owner,branch\n7,Nordic,collector@acme.example,\n8,Alm,collector@acme.example,Moon\n", "kind", "customers").Leads(t, "/imports/1/mapping")
	c.Post("/imports/1/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}, "column.owner": {"owner"}, "column.branch": {"branch"}}).Leads(t, "/imports/1")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/1").Has(t, http.StatusOK, "new 2", "refused 0", "collector@acme.example no longer works here: 2 rows are taken all the same, and the owner stays who it was. A new customer has none.",
		"The branch Moon is retired: 1 row is taken all the same, and the branch stays what it was.")
}

// A file that would no longer do what was shown is not applied: its page says so, and
// shows what it would do now.
func TestLedgerMovedMeanwhile(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := check(t, s, acme, "number,name\nM60,First\n")
	c.Get("/imports/1").Has(t, http.StatusOK, "new 1", "changed 0")
	c.Get("/imports/1").Lacks(t, "Nothing was applied")
	bring := func(file string) {
		t.Helper()
		o := importer.Options{Kind: importer.Customers, Map: importer.Map{Columns: map[importer.Field]string{"number": "number", "name": "name"}}}
		if _, err := importer.Run(t.Context(), s.DB, acme.ID, o, strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
	}
	work := func() {
		t.Helper()
		apply(t, c).Leads(t, "/imports/1")
		if err := importer.Apply(t.Context(), s.DB, importer.ApplyArgs{Tenant: acme.ID, ID: 1}); err != nil {
			t.Fatal(err)
		}
	}
	bring("number,name\nM60,Second\n")
	work()
	const moved = "The ledger has changed since the file was checked, and the file would now do something else."
	c.Get("/imports/1").Has(t, http.StatusOK, "Nothing was applied.", moved, "look at it again, then apply", "new 0", "changed 1", "name from “Second” to “First”", "/application")
	c.Get("/imports").Has(t, http.StatusOK, "checked, not applied")
	bring("number,name\nM60,First\n")
	work()
	p := c.Get("/imports/1")
	p.Has(t, http.StatusOK, moved, "What it would do now stands below.", "There is nothing to apply")
	p.Lacks(t, "/application")
	c.Post("/imports/1/disposal", nil).Leads(t, "/imports/1")
	c.Get("/imports/1").Lacks(t, moved)
}

// From a page that was left open nothing is applied that it did not show: how the file is
// read by now stands there, to be looked at.
func TestReadAnewMeanwhile(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := check(t, s, acme, "number,name,firm\nM60,First,Second\n")
	p := c.Get("/imports/1")
	form := url.Values{"mark": {mark(p)}}
	columns := url.Values{"column.number": {"number"}, "column.name": {"firm"}}
	c.Post("/imports/1/mapping", columns).Leads(t, "/imports/1")
	c.Post("/imports/1/application", form).Has(t, http.StatusConflict, "gone on meanwhile", "being checked")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	p = c.Post("/imports/1/application", form)
	p.Has(t, http.StatusConflict, "The file was checked anew since you looked at it", "Nothing was applied.", "new 1", "Columns of the file that are not read: name.")
	c.Post("/imports/1/application", url.Values{"mark": {mark(p)}}).Leads(t, "/imports/1")
	if err := importer.Apply(t.Context(), s.DB, importer.ApplyArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/1").Has(t, http.StatusOK, "Applied.")
}

// Of columns that are called the same one can be chosen, or none.
func TestColumnsOfOneName(t *testing.T) {
	t.Parallel()
	s, acme := newSite(t)
	c := s.As(t, acme.Manager)
	upload(t, c, "c.csv", "number,name,email,email\n7,Alm,old@alm.example,new@alm.example\n", "kind", "customers").Leads(t, "/imports/1/mapping")
	p := c.Get("/imports/1/mapping")
	p.Has(t, http.StatusOK, "The file has several columns called “email”.", `<option value="email (1)">`, `<option value="email (2)">`)
	p.Lacks(t, `<option value="email">`)
	c.Post("/imports/1/mapping", url.Values{"column.number": {"number"}, "column.name": {"name"}, "column.email": {"email (2)"}}).Leads(t, "/imports/1")
	if err := importer.Check(t.Context(), s.DB, importer.CheckArgs{Tenant: acme.ID, ID: 1}); err != nil {
		t.Fatal(err)
	}
	c.Get("/imports/1").Has(t, http.StatusOK, "new 1", "Columns of the file that are not read: email (1).")
	c.Get("/imports/1/mapping").Has(t, http.StatusOK, `<option value="email (2)" selected`)
}
