package customers_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// ruled is a site with the first rules, a customer and its telephone.
func ruled(t *testing.T) (s *webtest.Site, acme *dbtest.Company, id int64, at, point string) {
	t.Helper()
	s = newSite(t)
	acme = dbtest.Tenant(t, s.Database, "acme")
	id = halden(t, s, acme)
	var phone int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) (err error) {
		if err := contactrule.Seed(t.Context(), tx); err != nil {
			return err
		}
		phone, err = customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Phone, Value: "22 41 09 33", Person: "Ingrid Hauge", Role: customer.Debtor})
		if err != nil {
			return err
		}
		_, err = customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Email, Value: "kontor@halden.example", Person: "Per Moen", Role: customer.ThirdParty})
		return err
	})
	at = fmt.Sprintf("/customers/%d", id)
	return s, acme, id, at, fmt.Sprintf("%s/contactpoints/%d", at, phone)
}

// stand sets the clock, in UTC: an hour behind Oslo's.
func stand(t *testing.T, s *webtest.Site, text string) {
	t.Helper()
	now, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	s.Now = func() time.Time { return now }
}

func TestWhetherToContactIsShown(t *testing.T) {
	t.Parallel()
	s, acme, id, at, point := ruled(t)
	c := s.As(t, acme.Collector)
	stand(t, s, "2026-03-16 09:00")
	page := c.Get(at + "/summary")
	page.Has(t, http.StatusOK, "chip-ok", "Calls until 17:00")
	page.Lacks(t, "SMS until 17:00", "third parties") // the same answer; not in the header
	c.Get(at+"/account").Has(t, http.StatusOK, "Calls until 17:00", "SMS until 17:00", "No e-mails about the debt: third parties never hear of it. This is for finding the debtor only")
	c.Get(point).Has(t, http.StatusOK, "Calls until 17:00", "SMS until 17:00")

	stand(t, s, "2026-03-14 13:32")
	const saturday = "Not before Mon 08:00: calls on Saturdays are barred for businesses (14:32 there)"
	c.Get(at).Has(t, http.StatusOK, "chip-off", saturday)
	c.Get(at+"/account").Has(t, http.StatusOK, saturday, "Not before Mon 08:00: SMS on Saturdays")
	c.Get(point).Has(t, http.StatusOK, saturday)

	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		_, err := customer.PlaceStop(t.Context(), tx, id, customer.Stop{Kind: "attorney", Reason: "A letter", Since: tx.Today(), ReviewOn: tx.Today().Add(9)})
		return err
	})
	c.Get(at).Has(t, http.StatusOK, "No letters: a stop is in force (attorney). Only the representative may be contacted")
	c.Get(at+"/account").Has(t, http.StatusOK, "chip-warn", "No calls: a stop is in force (attorney).")
}

// What was used up on one account is free on the other.
func TestWhetherToContactByAccount(t *testing.T) {
	t.Parallel()
	s, acme, id, at, _ := ruled(t)
	stand(t, s, "2026-03-16 11:00")
	var first, second int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			WITH consumer AS (UPDATE customers SET kind = 'consumer' WHERE id = $1),
				called AS (
					INSERT INTO call_attempts (customer_id, direction, number, at)
					VALUES ($1, 'out', '+4722410933', $2)
					RETURNING id
				), about AS (
					INSERT INTO call_attempt_accounts (customer_id, call_attempt_id, account_id)
					SELECT $1, called.id, a.id FROM called, accounts a WHERE a.number = '00428-B'
				)
			SELECT max(id) FILTER (WHERE number = '00428-B'), max(id) FILTER (WHERE number <> '00428-B')
			FROM accounts WHERE customer_id = $1`, id, tx.Now.Add(-time.Hour)).Scan(&first, &second)
	})
	c := s.As(t, acme.Collector)
	const barred = "Not before 14:00: 3 hours have to lie between calls to consumers, and the last about 00428-B was at 11:00"
	c.Get(at).Has(t, http.StatusOK, barred, "SMS until 21:00")
	c.Get(fmt.Sprintf("%s?account=%d", at, first)).Has(t, http.StatusOK, barred)
	c.Get(fmt.Sprintf("%s?account=%d", at, second)).Has(t, http.StatusOK, "Calls until 21:00")
}

func TestTheyAskedToBeContacted(t *testing.T) {
	t.Parallel()
	s, acme, _, at, point := ruled(t)
	beta := dbtest.Tenant(t, s.Database, "beta")
	c := s.As(t, acme.Collector)
	stand(t, s, "2026-03-14 13:32")
	c.Get(point).Has(t, http.StatusOK, "They asked to be contacted", `value="2026-03-21"`, `value="14:32"`)
	asked := values("channel", "call", "until_day", "2026-03-16", "until_time", "soon", "source", "Ingrid <wrote>")
	c.Post(point+"/request", asked).Has(t, http.StatusUnprocessableEntity, "Give a day and an hour", "<details open", "Ingrid &lt;wrote&gt;", `value="soon"`)
	asked.Set("until_time", "12:00")
	asked.Set("until_day", "2026-03-22")
	c.Post(point+"/request", asked).Has(t, http.StatusUnprocessableEntity, "Give a moment to come, within seven days.", `value="2026-03-22"`)
	asked.Set("channel", "email")
	asked.Set("until_day", "2026-03-16")
	c.Post(point+"/request", asked).Has(t, http.StatusUnprocessableEntity, "Choose a channel")
	asked.Set("channel", "call")
	c.Post(point+"/request", asked).Leads(t, point)
	c.Get(point).Has(t, http.StatusOK, "The debtor asked for calls, until Mon 12:00", "Not before Mon 08:00: SMS on Saturdays")
	c.Get(at+"/notes").Has(t, http.StatusOK, "Asked for calls on +47 22 41 09 33 until Mon 16 Mar 2026 12:00. Source: Ingrid &lt;wrote&gt;.")
	c.Post(point+"/request", values("channel", "sms", "source", "Ingrid")).Leads(t, point)
	c.Get(point).Has(t, http.StatusOK, "The debtor asked for SMS, until Sat 21 Mar 14:32")

	s.As(t, beta.Admin).Post(point+"/request", asked).Has(t, http.StatusNotFound)
	c.Post(point+"/retirement", values("version", "1"))
	c.Post(point+"/request", asked).Has(t, http.StatusConflict, "no longer in use")
	c.Get(point).Lacks(t, "They asked to be contacted")
}
