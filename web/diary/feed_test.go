package diary_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// A member makes a link to the own diary, which a calendar reads without signing in;
// with a new one the old works no more, and ended it is gone. Who asks too often waits.
func TestFeed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-20 10:00")
	c, nobody := d.As(t, d.acme.Collector), d.Nobody(t)
	c.Get("/diary/feed").Has(t, http.StatusOK, "Make a link", "what is late", "however long ago", "it does not name customers")
	link := func() string {
		t.Helper()
		page := c.Post("/diary/feed", form())
		page.Has(t, http.StatusOK, "which is shown this once")
		found := regexp.MustCompile(`value="` + d.URL + `(/feeds/[^"]+\.ics)"`).FindStringSubmatch(page.Body)
		if found == nil {
			t.Fatalf("there is no link: %s", page.Body)
		}
		return found[1]
	}
	first := link()
	pressed := form("form_id", "0d4bb1a0-7b1e-4c38-9b0e-6a0c6a0a8f12")
	c.Post("/diary/feed", pressed).Has(t, http.StatusOK, "which is shown this once")
	c.Post("/diary/feed", pressed).Leads(t, "/diary/feed")
	again := c.Get("/diary/feed")
	again.Has(t, http.StatusOK, "it was not saved a second time", "Your link was made on <time", "It was shown once, when it was made.", "Make a new link")
	again.Lacks(t, ".ics")
	second := link()
	calendar := nobody.Get(second)
	calendar.Has(t, http.StatusOK, "BEGIN:VCALENDAR", "DTSTART;TZID=Europe/Oslo:20260320T100000", "SUMMARY:Follow-up\r\n")
	calendar.Lacks(t, "C-1", "goods note")
	if got := calendar.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("it comes as %s", got)
	}
	nobody.Get(first).Has(t, http.StatusNotFound)
	nobody.Get(strings.TrimSuffix(second, ".ics")).Has(t, http.StatusOK, "BEGIN:VCALENDAR")
	nobody.Get("/feeds/nothing").Has(t, http.StatusNotFound)
	c.Get("/diary/feed").Has(t, http.StatusOK, "Your link was made on <time", "last read on", "Make a new link")
	d.exec(t, `UPDATE tenants SET feed_names = true`)
	c.Get("/diary/feed").Has(t, http.StatusOK, "with which customer, too")
	named := strings.ReplaceAll(nobody.Get(second).Body, "\r\n ", "")
	if !strings.Contains(named, "SUMMARY:Follow-up: Customer C-1") {
		t.Errorf("the customer is not named: %s", named)
	}
	c.Post("/diary/feed/end", form()).Leads(t, "/diary/feed")
	nobody.Get(second).Has(t, http.StatusNotFound)
	refused := false
	for range 40 {
		page := nobody.Get(second)
		refused = refused || page.Code == http.StatusTooManyRequests && page.Header.Get("Retry-After") == "60"
	}
	if !refused {
		t.Error("a link can be guessed at any speed")
	}
}
