package inbox_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// Whoever gave a message to the wrong customer takes it back, on its page or beside
// what was said; the number is kept only where that was ticked.
func TestNotThisCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	e := d.stranger(t, "It is <me>")
	page := c.Get(at(e, "?q=C-1"))
	page.Has(t, http.StatusOK, "Keep +47 90 61 12 07 with the customer")
	page.Lacks(t, "checked", "Not this customer")
	theirs := form(e, "customer", strconv.FormatInt(d.debtor, 10))
	c.Post(at(e, "/customer"), theirs).Leads(t, at(e, ""))
	undo := fmt.Sprintf("/inbox/%d/customer/end?version=%d", e.ID, e.Version+1)
	c.Get(at(e, "")).Has(t, http.StatusOK, "It is theirs now", undo, "Not this customer", "acme collector said whose it is.")
	profile := c.Get(fmt.Sprintf("/customers/%d", d.debtor))
	profile.Has(t, http.StatusOK, "Last contact", " · incoming: ", "wrote: It is &lt;me&gt;")
	profile.Lacks(t, "acme collector: ")
	d.As(t, dbtest.Tenant(t, d.Database, "beta").Admin).Post(undo, nil).Has(t, http.StatusNotFound)
	c.Post(undo, nil).Leads(t, at(e, ""))
	c.Get(at(e, "")).Has(t, http.StatusOK, "it waits with the unknown senders", "Whose is it?")
	c.Post(undo, nil).Has(t, http.StatusConflict, "This is nobody’s already", "Whose is it?")
	c.Get(fmt.Sprintf("/customers/%d", d.debtor)).Has(t, http.StatusOK, "No contact is written down yet")
	if n := d.ask(t, `SELECT count(*) FROM contact_points WHERE value = '+4790611207'`); n != "0" {
		t.Errorf("the number is kept %s times", n)
	}
}

// Of another's match one is told who can take it back, and cannot.
func TestNotThisCustomerIsAnothers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, m := d.As(t, d.Collector), d.As(t, d.Manager)
	e := d.stranger(t, "hello")
	m.Post(at(e, "/customer"), form(e, "customer", strconv.FormatInt(d.debtor, 10), "keep", "on")).Leads(t, at(e, ""))
	back := url.Values{"version": {strconv.Itoa(e.Version + 1)}}
	page := c.Get(at(e, ""))
	page.Has(t, http.StatusOK, "acme manager said whose it is. They or a manager can take it back.")
	page.Lacks(t, "customer/end")
	c.Post(at(e, "/customer/end"), back).Has(t, http.StatusForbidden, "Only who said whose this is, or a manager, takes it back.")
	m.Post(at(e, "/handling"), form(e, "version", back.Get("version"), "outcome", "Called")).Leads(t, "/inbox")
	m.Post(at(e, "/customer/end"), url.Values{"version": {strconv.Itoa(e.Version + 2)}}).Has(t, http.StatusConflict, "Open it again, then say that it is not this customer.")
}

// What goes to a colleague's customer is the colleague's to work: the way back leads on
// from the list.
func TestMatchedToAColleagues(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2 WHERE id = $1`, d.debtor, d.ManagerID)
		return err
	})
	e := d.stranger(t, "hello")
	c.Post(at(e, "/customer"), form(e, "customer", strconv.FormatInt(d.debtor, 10))).Leads(t, "/inbox")
	undo := fmt.Sprintf("/inbox/%d/customer/end?version=%d", e.ID, e.Version+1)
	c.Get("/inbox").Has(t, http.StatusOK, "It is theirs now", undo)
	c.Post(undo, nil).Leads(t, at(e, ""))
}

// What no customer can have, such as a short number or a sender's name, is not offered
// to be kept; where it is asked for all the same, and where the customer has the number,
// it is said why not, and what was chosen stays.
func TestKeepIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	theirs := strconv.FormatInt(d.debtor, 10)
	for _, in := range []inbox.In{
		{Channel: customer.SMS, From: "22413", Body: "hello"}, {Channel: customer.SMS, From: "09100", Body: "hello"}, {Channel: customer.SMS, From: "ACME <1>", Body: "hello"},
		{Channel: customer.SMS, Body: "hello"}, {Channel: customer.Mail, From: "nobody", Body: "hello"},
	} {
		e := d.came(t, in)
		page := c.Get(at(e, "?q=C-1"))
		page.Has(t, http.StatusOK, "It is theirs")
		page.Lacks(t, "with the customer", `name="keep"`)
		c.Post(at(e, "/customer"), form(e, "customer", theirs, "keep", "on", "q", "C-1")).Has(t, http.StatusUnprocessableEntity, html.EscapeString("“"+in.From+"” is no "), "without keeping it", "It is theirs")
		c.Post(at(e, "/customer"), form(e, "customer", theirs)).Leads(t, at(e, ""))
	}
	e := d.came(t, inbox.In{Channel: customer.SMS, From: "+4722410933", Person: "Anna", Body: "hello"})
	c.Post(at(e, "/customer"), form(e, "customer", theirs, "keep", "on", "q", "C-1")).Has(t, http.StatusUnprocessableEntity, "This customer has it already for that person.", "Or say whose it is without keeping +4722410933.", "checked", "It is theirs", `aria-describedby="field-keep-error"`)
	if n := d.ask(t, `SELECT count(*) FROM contact_points`); n != "2" {
		t.Errorf("%s numbers and addresses are kept", n)
	}
	long := d.came(t, inbox.In{Channel: customer.Mail, From: "ole@debtor.example", Person: strings.Repeat("Ole ", 40), Body: "hello"})
	c.Post(at(long, "/customer"), form(long, "customer", theirs, "keep", "on")).Leads(t, at(long, ""))
}

// Whose number is kept is held with the accounts first, as by everybody else: who books a
// payment at that moment does not wait for this one, while this one waits for them.
func TestKeepWaitsForTheAccounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e := d.came(t, inbox.In{Channel: customer.SMS, From: "+4790611277", Person: "Ole", Body: "hello"})
	c := d.As(t, d.Collector)
	var all sync.WaitGroup
	var code int
	d.write(t, d.System(), func(tx *tenant.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT FROM accounts WHERE customer_id = $1 FOR UPDATE`, d.debtor); err != nil {
			return err
		}
		all.Go(func() {
			code = c.Post(at(e, "/customer"), form(e, "customer", strconv.FormatInt(d.debtor, 10), "keep", "on")).Code
		})
		for range 200 {
			if d.ask(t, `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE a.datname = current_database() AND NOT l.granted`) == "1" {
				_, err := tx.Exec(t.Context(), `SELECT FROM customers WHERE id = $1 FOR NO KEY UPDATE NOWAIT`, d.debtor)
				return err
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Error("it never waited")
		return nil
	})
	all.Wait()
	if code != http.StatusSeeOther {
		t.Errorf("answered %d", code)
	}
}

// STOP of somebody whom nobody knew counts once the customer has the number, also where
// it was matched and the number not kept.
func TestStopOfAStranger(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	const number = "+4790611207"
	d.write(t, d.System(), func(tx *tenant.Tx) error {
		return d.App.Outbox.ReceiveSMS(t.Context(), tx, message.In{ProviderID: "SM-1", From: number, To: "+4759440000", Body: "STOP", At: tx.Now})
	})
	entry := d.ask(t, `SELECT id FROM inbox_entries`)
	c.Post("/inbox/"+entry+"/customer", url.Values{"version": {"1"}, "customer": {strconv.FormatInt(d.debtor, 10)}}).Leads(t, "/inbox/"+entry)
	var point int64
	d.write(t, d.Collector, func(tx *tenant.Tx) (err error) {
		point, err = customer.AddPoint(t.Context(), tx, d.debtor, customer.Point{Kind: customer.Phone, Value: number, Role: customer.Debtor})
		return err
	})
	c.Post(fmt.Sprintf("/inbox/%s/answer", entry), url.Values{"version": {"2"}, "point": {strconv.FormatInt(point, 10)}, "body": {"Why?"}}).Has(t, http.StatusUnprocessableEntity, "opted out", "Why?")
	if n := d.ask(t, `SELECT count(*) FROM messages`); n != "0" {
		t.Errorf("%s SMS were sent", n)
	}
}
