package contactrule

import (
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
)

// A minute of which a part is still barred is not offered.
func TestMinutesAreWhole(t *testing.T) {
	t.Parallel()
	f := anna(oslo(t, "2026-03-16 11:30"))
	f.calls = tried(t, nil, "2026-03-16 09:00")
	f.calls[0].At = f.calls[0].At.Add(30 * time.Second)
	r := f.decide(Ask{PointID: mobile, Channel: customer.Call})
	if !strings.HasPrefix(r.Reason, "Not before 12:01: ") || !r.Until.Equal(oslo(t, "2026-03-16 12:00").Add(30*time.Second)) {
		t.Errorf("until %s: %q", r.Until, r.Reason)
	}
}
