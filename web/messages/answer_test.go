package messages_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
)

// wrote is the entry about an e-mail of Anna's.
func (d *desk) wrote(t *testing.T, id string) (e inbox.Entry) {
	t.Helper()
	d.write(t, func(tx *tenant.Tx) (err error) {
		e, _, err = inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, Kind: inbox.Reply, ProviderID: id + "@debtor.example#0123", From: "anna@debtor.example", Subject: "Invoice & <1>",
			Body: "Where is it?", CustomerID: d.debtor, PointID: d.anna, Data: inbox.Referring("<first@acme.example>")})
		return err
	})
	return e
}

// answer is the form of an e-mail that answers the entry.
func (d *desk) answer(e inbox.Entry, version int) url.Values {
	f := d.mail("Re: Invoice")
	f.Set("entry", fmt.Sprint(e.ID))
	f.Set("version", fmt.Sprint(version))
	return f
}

// An answer that is written with a template or files stands in the thread of what it
// answers and ends what waits, as the short one of the inbox does; the entry is kept
// while the form is filled in and looked at.
func TestAnswerFromTheInbox(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sink := d.MailServer(t)
	c := d.As(t, d.Manager)
	d.StartJobs(t)
	e := d.wrote(t, "one")
	at := fmt.Sprintf("/new?channel=email&entry=%d&version=%d", e.ID, e.Version)
	kept := []string{fmt.Sprintf(`name="entry" value="%d"`, e.ID), fmt.Sprintf(`name="version" value="%d"`, e.Version), `name="back" value="/inbox?whose=mine"`}
	c.Get(d.at(at+"&back=%2Finbox%3Fwhose%3Dmine")).Has(t, 200, append(kept, `value="Re: Invoice &amp; &lt;1&gt;"`, "Answers", "“Invoice &amp; &lt;1&gt;”", fmt.Sprintf(`href="/inbox/%d"`, e.ID))...)
	f := d.answer(e, e.Version)
	f.Set("back", "/inbox?whose=mine")
	id := f.Get("form_id")
	f.Set("form_id", "") // what saves nothing sends an empty one
	c.Post(d.at("/preview"), f).Has(t, 200, kept...)
	f.Set("template", fmt.Sprint(d.template))
	c.Post(d.at("/draft"), f).Has(t, 200, append(kept, `value="Copies C-1"`)...)
	f.Set("form_id", id)
	f.Set("document", fmt.Sprint(d.copy))
	c.Post(d.at(""), f).Leads(t, "/inbox?whose=mine")
	c.Get("/inbox").Has(t, 200, "The answer is on its way.", "Nothing waits")
	h := sink.Wait(t, 1)[0].Header(t)
	if got := []string{h.Get("In-Reply-To"), h.Get("References")}; !slices.Equal(got, []string{"<one@debtor.example>", "<first@acme.example> <one@debtor.example>"}) {
		t.Errorf("it answers %q", got)
	}
	c.Get(fmt.Sprintf("/inbox/%d", e.ID)).Has(t, 200, "handled", "Answered.", "By acme manager")
}

// What changed meanwhile is said before anything goes out, and what was written stays;
// then it goes out all the same. What is not the customer's is answered to nobody.
func TestAnswerTooLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Manager)
	e := d.wrote(t, "one")
	d.write(t, func(tx *tenant.Tx) error { return inbox.Handle(t.Context(), tx, e.ID, e.Version, "Called Anna.") })
	f := d.answer(e, e.Version)
	f.Set("body", "Bonjour <Anna>")
	page := c.Post(d.at(""), f)
	page.Has(t, 409, "acme manager handled this meanwhile: Called Anna.", "Nothing was sent.", "Bonjour &lt;Anna&gt;", fmt.Sprintf(`name="version" value="%d"`, e.Version+1))
	page.Lacks(t, "Not saved yet")
	if n := d.messages(t); n != 0 {
		t.Errorf("%d messages went out", n)
	}
	f = d.answer(e, e.Version+1)
	c.Post(d.at(""), f).Leads(t, "/inbox")
	if n := d.messages(t); n != 1 {
		t.Errorf("%d messages went out, want 1", n)
	}
	var other int64
	d.write(t, func(tx *tenant.Tx) error { other, _ = dbtest.Customer(t, tx, "C-2"); return nil })
	to := fmt.Sprintf("/customers/%d/messages", other)
	c.Get(fmt.Sprintf("%s/new?channel=email&entry=%d", to, e.ID)).Has(t, 404)
	page = c.Post(to, d.answer(e, e.Version+1))
	page.Has(t, 409, "What this answers is not yours any more", "Nothing was sent")
	page.Lacks(t, `name="entry"`)
	c.Get(d.at(fmt.Sprintf("/new?channel=letter&entry=%d", e.ID))).Has(t, 404)
	d.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2 WHERE id = $1`, d.debtor, d.ManagerID)
		return err
	})
	d.As(t, d.Collector).Get(d.at(fmt.Sprintf("/new?channel=email&entry=%d", e.ID))).Has(t, 404)
}

func (d *desk) messages(t *testing.T) (n int) {
	t.Helper()
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM messages`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
