package documents_test

import (
	"net/http"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// S5.12: whoever was sent a link to a document gets it, not signed in to anything;
// an altered link, one that has ended and too many at once get nothing.
func TestLink(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	server := s.Telephone(t, c)
	s.StartJobs(t)
	var customerID, id int64
	err := s.Write(t.Context(), c.Manager, func(tx *tenant.Tx) error {
		customerID, _ = dbtest.Customer(t, tx, "C-1")
		point, err := customer.AddPoint(t.Context(), tx, customerID, customer.Point{Kind: customer.Phone, Value: "+4790611204", Role: customer.Debtor})
		if err != nil {
			return err
		}
		docs, err := document.Upload(t.Context(), tx, s.App.Blobs, customerID, "", []document.File{{Name: "Rechnung ä.txt", Content: strings.NewReader("INV-1: EUR 77.01")}})
		if err != nil {
			return err
		}
		id, err = s.Outbox.Send(t.Context(), tx, message.New{CustomerID: customerID, Channel: customer.SMS, PointID: point, Body: "Your copy", Documents: []int64{docs[0].ID}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, link, _ := strings.Cut(server.Wait(t, 1)[0].Form.Get("Body"), s.URL)
	debtor := s.Nobody(t)
	page := debtor.Get(link)
	page.Has(t, http.StatusOK, "INV-1: EUR 77.01")
	if h := page.Header; h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Robots-Tag") != "noindex" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Set-Cookie") != "" {
		t.Errorf("it is given with %v", h)
	}
	debtor.Get("/d/x"+link[4:]).Has(t, http.StatusNotFound, "Not found")
	owner := s.Owner(t)
	shift := func(by string) {
		if _, err := owner.Exec(t.Context(), `UPDATE messages SET sent_at = sent_at + $1::text::interval, state_at = state_at + $1::text::interval`, by); err != nil {
			t.Fatal(err)
		}
	}
	shift("-30 days")
	gone := debtor.Get(link)
	gone.Has(t, http.StatusNotFound, "Not found")
	gone.Lacks(t, "Acme", "INV-1")
	shift("30 days")
	for range 27 {
		debtor.Get(link).Has(t, http.StatusOK)
	}
	if page := debtor.Get(link); page.Code != http.StatusTooManyRequests || page.Header.Get("Retry-After") == "" {
		t.Errorf("one too many is answered with %d", page.Code)
	}
	var opened int
	if err := owner.QueryRow(t.Context(), `SELECT count(*) FROM message_events WHERE message_id = $1 AND state = 'opened'`, id).Scan(&opened); err != nil || opened != 28 {
		t.Errorf("%d openings are on record, %v", opened, err)
	}
}
