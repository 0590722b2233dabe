package agenda_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// choose is the form of the popup that asks for the day of the next appearance.
func (d *desk) choose(t *testing.T, number string, pairs ...string) url.Values {
	t.Helper()
	var version int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT version FROM customers WHERE number = $1`, number).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return form(append([]string{"version", fmt.Sprint(version), "mode", "manual"}, pairs...)...)
}

// S2.5, S2.7 to S2.10: reminders are auto or manual; manual asks for a day, the four
// shortcuts fill its field and save nothing, any other day can be typed; and the
// customer leaves the list until then.
func TestManualPopup(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	at := fmt.Sprintf("/customers/%d/dunning", d.customers["C-1"])
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "Reminders: auto", fmt.Sprintf(`href="%s/mode?back=/agenda/%d"`, at, d.entries["C-1"]))
	c.Get(at).Has(t, http.StatusOK, "auto: comes up when a level is reached", "Manual…", "INV-1 is 42 days late")
	c.Get(at+"/mode").Has(t, http.StatusOK, "Comes up next on", "One week", "Two weeks", "One month", "Two months", `value="2026-03-23"`, `value="2026-05-16"`,
		`data-day="next_on"`, `formmethod="get"`)
	page := c.Get(at + "/mode?quick=2026-03-30&next_on=")
	page.Has(t, http.StatusOK, `name="next_on" type="date" value="2026-03-30"`)
	c.Get(at).Has(t, http.StatusOK, "auto: comes up when a level is reached")
	c.Post(at+"/mode", d.choose(t, "C-1", "next_on", "")).Has(t, http.StatusUnprocessableEntity, "Give a day.")
	c.Post(at+"/mode", d.choose(t, "C-1", "next_on", "2026-03-16")).Has(t, http.StatusUnprocessableEntity, "Give a day to come", `value="2026-03-16"`)
	stale := d.choose(t, "C-1", "next_on", "2026-03-25")
	c.Post(at+"/mode", d.choose(t, "C-1", "next_on", "2026-03-24", "back", mine)).Leads(t, mine)
	page = c.Get(mine)
	page.Has(t, http.StatusOK, "The customer comes up on Tue 24 Mar 2026, and not before.")
	if got := d.listed(page); got != "C-2 C-3" {
		t.Errorf("in manual mode the list is %s", got)
	}
	c.Get(at).Has(t, http.StatusOK, "manual: comes up on Tue 24 Mar 2026", "set by acme collector", "Reminders are manual: it comes back on Tue 24 Mar 2026.")
	d.As(t, d.acme.Manager).Post(at+"/mode", stale).Has(t, http.StatusConflict, "Reminders are manual, next on Tue 24 Mar 2026", `value="2026-03-25"`)
	auto := d.choose(t, "C-1")
	auto.Set("mode", "auto")
	c.Post(at+"/mode", auto).Leads(t, at)
	d.load(t)
	if got := d.listed(c.Get(mine)); got != "C-1 C-2 C-3" {
		t.Errorf("in auto mode again the list is %s", got)
	}
}

// S2.11, S2.12, S2.15: the entry says what the level has to be done by hand, and one
// press logs it; the printed letter is a PDF that stands in the history.
func TestWhatTheLevelSays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO level_actions (level_id, position, kind, text) SELECT id, 9, 'manual', 'Ask the <depot>' FROM levels WHERE after_days = 5`)
		return err
	})
	c := d.As(t, d.acme.Collector)
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "Done by hand", "Ask the &lt;depot&gt;", `name="text" value="Ask the &lt;depot&gt;"`)
	c.Post(d.at("C-1", "/manual"), form("text", "Ask the <depot>")).Leads(t, d.at("C-1", ""))
	customer := fmt.Sprintf("/customers/%d", d.customers["C-1"])
	c.Get(customer+"/notes").Has(t, http.StatusOK, "Manual action, level 1 (First reminder): Ask the &lt;depot&gt;")
	c.Post(d.at("C-1", "/letter"), form("back", mine))
	var message, document int64
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT m.id, x.document_id FROM messages m JOIN message_documents x ON x.message_id = m.id`).Scan(&message, &document); err != nil {
		t.Fatal(err)
	}
	c.Get(fmt.Sprintf("%s/messages/%d", customer, message)).Has(t, http.StatusOK, fmt.Sprintf("%s/documents/%d", customer, document))
	if pdf := c.Get(fmt.Sprintf("%s/documents/%d", customer, document)); pdf.Code != http.StatusOK || !strings.HasPrefix(pdf.Body, "%PDF") {
		t.Errorf("status %d: %.100s", pdf.Code, pdf.Body)
	}
	c.Post(d.at("C-1", "/completion"), form("version", d.version(t, "C-1"), "back", mine)).Leads(t, mine)
	c.Get(customer+"/dunning").Has(t, http.StatusOK, "Reminded of", "INV-1", "letter", "acme collector", fmt.Sprintf("%s/messages/%d", customer, message))
}

// What is refused of an action that is one button is said above the entry.
func TestRefusalIsSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Post(d.at("C-2", "/manual"), form("text", " ")).Has(t, http.StatusUnprocessableEntity, `role="alert"`, "<li>Say what was done.</li>")
	c.Post(d.at("C-2", "/sms"), form()).Has(t, http.StatusConflict, "This level has no text for the SMS")
}

// An SMS is one button: held and said so without a provider, else on its way.
func TestSMS(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		_, err := message.AddTemplate(t.Context(), tx, customer.SMS, message.Wording{Name: "Payment reminder", Demands: true,
			Texts: map[string]message.Words{"en": {Body: "Please pay {{ to_collect }}."}}})
		return err
	})
	c.Get(d.at("C-2", "")).Has(t, http.StatusOK, "No telephone number is on file.")
	c.Post(d.at("C-2", "/sms"), form()).Has(t, http.StatusUnprocessableEntity, "No telephone number of this customer is on file")
	for i, number := range []string{"C-1", "C-2"} {
		d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
			_, err := customer.AddPoint(t.Context(), tx, d.customers[number], customer.Point{Kind: customer.Phone, Value: fmt.Sprintf("+479061120%d", 4+i), Role: customer.Debtor})
			return err
		})
	}
	c.Get(d.at("C-2", "")).Has(t, http.StatusOK, "Held: No provider of SMS and calls is set up.")
	c.Post(d.at("C-2", "/sms"), form("back", mine)).Leads(t, mine)
	c.Get(mine).Has(t, http.StatusOK, "The SMS is held, and does not count before it is sent. No provider of SMS and calls is set up.")
	server := d.Telephone(t, d.acme)
	d.StartJobs(t)
	c.Get(d.at("C-1", "")).Lacks(t, "Held: No provider")
	c.Post(d.at("C-1", "/sms"), form("back", mine)).Leads(t, mine)
	c.Get(mine).Has(t, http.StatusOK, "The SMS is on its way.")
	if q := server.Wait(t, 1)[0]; q.Form.Get("Body") != "Please pay EUR 1,200.00." || q.Say(t, "delivered", "") != http.StatusOK {
		t.Errorf("handed over: %v", q.Form)
	}
	c.Get(d.at("C-1", "")).Has(t, http.StatusOK, "delivered", "Open the SMS")
}
