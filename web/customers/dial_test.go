package customers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/inbox"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// S5.3: where the telephone system places calls and the member has a number, the press
// has it ring both; the panel waits, says how far it got, and dialling oneself stays.
func TestCallThroughTheTelephoneSystem(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	system := s.Telephone(t, acme)
	c := s.As(t, acme.Collector)
	c.Get(at).Lacks(t, `name="through"`, "Dial myself") // nobody knows where to ring
	c.Post(at+"/calls", form("point", phone, "through", "on")).Has(t, http.StatusConflict, "Nobody said at which number you are rung")
	c.Post("/account/phone", form("phone", "12")).Has(t, http.StatusUnprocessableEntity, "Give a number that exists", `value="12"`)
	c.Post("/account/phone", form("phone", "+47 90 61 12 01")).Leads(t, "/account")
	c.Get("/account").Has(t, http.StatusOK, member.ShownPhone("+4790611201"))
	c.Get(at).Has(t, http.StatusOK, `name="through" value="on"`, "Dial myself")
	c.Get(at+"/calls/new").Has(t, http.StatusOK, "It rings you at "+member.ShownPhone("+4790611201")+" first")

	panel := c.Post(at+"/calls", form("point", phone, "through", "on")).Location
	c.Get(panel).Has(t, http.StatusOK, "Call to", "The call is handed to the telephone system.", `hx-trigger="every 2s"`, "Look again", "tel:+4722410933", "What came of it")
	s.StartJobs(t)
	taken := system.Wait(t, 1)
	if taken[0].Form.Get("To") != "+4790611201" {
		t.Errorf("it rings %s", taken[0].Form.Get("To"))
	}
	none := number(t, s, `SELECT id FROM dispositions WHERE name = 'No answer'`)
	c.Post(panel+"/outcome", form("disposition", none)).Leads(t, at+"/collections")
	stand(t, s, "2026-03-16 14:30")
	own := c.Post(at+"/calls", form("point", phone, "through", "on", "dial", "self"))
	c.Get(own.Location).Lacks(t, "telephone system")
	if n := number(t, s, `SELECT count(*) FROM call_events WHERE kind = 'asked'`); n != "1" {
		t.Errorf("%s calls through the telephone system, want 1", n)
	}
}

func TestPhoneOfAMember(t *testing.T) {
	t.Parallel()
	s, acme, at, _ := callers(t)
	write(t, s, acme.Manager, func(tx *tenant.Tx) error { return member.SetPhone(t.Context(), tx, "+47 22 41 09 33") })
	s.As(t, acme.Manager).Get(at+"/collections").Lacks(t, "Dial myself") // no provider
}

// S5.14: under SMS stands all that was said by SMS, in both directions, with how far
// each got, page by page; what failed is shown as failed.
func TestConversationBySMS(t *testing.T) {
	t.Parallel()
	s, acme, at, phone := callers(t)
	c := s.As(t, acme.Collector)
	c.Get(at+"/collections?show=sms").Has(t, http.StatusOK, "Nothing of this kind yet.")
	point := atoi(t, phone)
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO messages (customer_id, contact_point_id, channel, state, address, person, language, subject, body, segments, sent_at, created_at, error)
			SELECT customer_id, id, 'sms', CASE n WHEN 21 THEN 'failed' ELSE 'delivered' END, value, person, 'en', '', 'sms ' || to_char(n, 'FM00'), 1,
				$2::timestamptz - interval '2 days' + n * interval '1 minute', $2::timestamptz - interval '2 days' + n * interval '1 minute', CASE n WHEN 21 THEN 'unreachable' ELSE '' END
			FROM contact_points, generate_series(0, 21) n
			WHERE contact_points.id = $1`, point, tx.Now)
		if err != nil {
			return err
		}
		p, err := customer.FindPoint(t.Context(), tx, atoi(t, at[len("/customers/"):]), point)
		if err != nil {
			return err
		}
		_, _, err = inbox.Take(t.Context(), tx, inbox.In{Channel: customer.SMS, ProviderID: "SM1", Kind: inbox.Reply, From: p.Value, Person: p.Person, Body: "I <pay> on Friday",
			CustomerID: p.CustomerID, PointID: p.ID, At: tx.Now})
		return err
	})
	page := c.Get(at + "/collections?show=sms")
	page.Has(t, http.StatusOK, "I &lt;pay&gt; on Friday", "waits in the inbox", "sms 21", "failed", "unreachable", "delivered", "Ingrid Hauge, +47 22 41 09 33", "Older")
	page.Lacks(t, "sms 00")
	if strings.Index(page.Body, "waits in the inbox") > strings.Index(page.Body, "sms 21") {
		t.Error("the newest does not stand first")
	}
	_, rest, _ := strings.Cut(page.Body, `href="`+at+`/collections?before=`)
	older, _, _ := strings.Cut(rest, "#")
	c.Get(at+"/collections?before="+strings.ReplaceAll(older, "&amp;", "&")).Has(t, http.StatusOK, "sms 00", "Newest")
	c.Get(at+"/collections?show=sms&before=x").Has(t, http.StatusUnprocessableEntity, "damaged")
}

func atoi(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
