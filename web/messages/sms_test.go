package messages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/message"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
)

// phone gives the debtor a telephone and the company a text for SMS.
func (d *desk) phone(t *testing.T) (point, template int64) {
	t.Helper()
	d.write(t, func(tx *tenant.Tx) (err error) {
		point, err = customer.AddPoint(t.Context(), tx, d.debtor, customer.Point{Kind: customer.Phone, Value: "+33 1 42 68 53 00", Person: "Anna", Role: customer.Debtor})
		return err
	})
	err := d.Write(t.Context(), d.Admin, func(tx *tenant.Tx) (err error) {
		template, err = message.AddTemplate(t.Context(), tx, customer.SMS, message.Wording{Name: "Short", Texts: map[string]message.Words{
			"fr": {Body: "Bonjour, client {{ customer.number }}"}, "en": {Body: "Good day"}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return point, template
}

// S5.11, S5.12, S5.13: a template or own words, counted before it goes, with documents
// as links, sent through the provider once.
func TestWriteSMS(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	system := d.Telephone(t, d.Company)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE providers SET part_price = 0.0790, part_currency = 'EUR'`); err != nil {
		t.Fatal(err)
	}
	point, template := d.phone(t)
	c := d.As(t, d.Collector)
	page := c.Get(d.at("/new?channel=sms"))
	page.Has(t, http.StatusOK, "Send an SMS", "+33 1 42 68 53 00", "0 SMS", "Short", "As links, which end after 30 days", "INV-1.txt", `data-price="0.079"`)
	page.Lacks(t, `name="subject"`, "anna@debtor.example", message.CopiesName)
	f := url.Values{"channel": {"sms"}, "point": {fmt.Sprint(point)}, "template": {fmt.Sprint(template)}, "language": {"fr"}, "body": {""}}
	c.Post(d.at("/draft"), f).Has(t, http.StatusOK, "Bonjour, client C-1", "1 SMS")

	f.Set("body", strings.Repeat("é", 161)+" €")
	c.Post(d.at("/preview"), f).Has(t, http.StatusOK, "As it goes out", customer.ContactPoint{Kind: customer.Phone, Value: twiliotest.SMSFrom}.Shown(), "2 SMS · 163 characters · about EUR 0.158")
	f.Set("body", "Žluťoučký")
	c.Post(d.at("/preview"), f).Has(t, http.StatusOK, "1 SMS · 9 characters · about EUR 0.079 · some of them need Unicode")
	f.Set("body", strings.Repeat("a", 153*10+1))
	c.Post(d.at(""), f).Has(t, http.StatusUnprocessableEntity, "This goes in 11 parts, and an SMS has 10 at most.", "aaaa")

	f.Set("body", "Voici la facture.")
	f.Set("document", fmt.Sprint(d.copy))
	f.Set("form_id", "3f6a6d2e-0000-4000-8000-000000000042")
	d.StartJobs(t)
	for range 2 { // a double click
		c.Post(d.at(""), f).Leads(t, fmt.Sprintf("/customers/%d/collections?show=sms#activities", d.debtor))
	}
	sent := system.Wait(t, 1)
	body := sent[0].Form.Get("Body")
	if len(sent) != 1 || sent[0].Form.Get("To") != "+33142685300" || !strings.HasPrefix(body, "Voici la facture.\nINV-1.txt: "+d.URL+"/d/") {
		t.Errorf("sent %+v", sent)
	}
	if code := sent[0].Say(t, "delivered", ""); code != http.StatusOK {
		t.Errorf("the callback was answered %d", code)
	}
	c.Get(fmt.Sprintf("/customers/%d/collections?show=sms", d.debtor)).Has(t, http.StatusOK, "Voici la facture.", "delivered", "acme collector to Anna, +33 1 42 68 53 00")
}

// Without a provider the SMS is kept, held, and says so; who opted out is not written
// to, and it is said beside the number.
func TestSMSHeldOrRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	point, _ := d.phone(t)
	c := d.As(t, d.Collector)
	c.Get(d.at("/new?channel=sms")).Has(t, http.StatusOK, "No provider of SMS and calls is set up.", "The SMS is kept and held.")
	f := url.Values{"channel": {"sms"}, "point": {fmt.Sprint(point)}, "language": {"fr"}, "body": {"Bonjour"}}
	c.Post(d.at(""), f).Leads(t, fmt.Sprintf("/customers/%d", d.debtor))
	c.Get(fmt.Sprintf("/customers/%d/collections?show=sms", d.debtor)).Has(t, http.StatusOK, "The SMS is held.", "Bonjour", "held")
	d.write(t, func(tx *tenant.Tx) error {
		return customer.Permit(t.Context(), tx, d.debtor, point, 0, customer.Permission{Channel: customer.SMS, State: customer.OptOut, GivenOn: tx.Today(), Source: "a letter", ReviewOn: tx.Today().Add(90)})
	})
	f.Set("body", "Encore")
	c.Post(d.at(""), f).Has(t, http.StatusUnprocessableEntity, "opted out", "Encore")
}
