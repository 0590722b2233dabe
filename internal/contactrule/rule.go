package contactrule

import (
	"fmt"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Rule is a limit that a law, a court or the company itself sets. It applies to
// every contact that fits it; where several do, each has to be kept.
type Rule struct {
	ID      int64
	Name    string
	Country string // ISO 3166, two letters; empty: every
	Region  string `json:"region"` // of the country; empty: all of it
	Kind    customer.Kind
	// Channel is empty for calls, SMS and e-mails. Letters have rules of their own:
	// they are read when it suits.
	Channel customer.Channel

	// Weekdays and hours in which contact is allowed, by the debtor's clocks; no
	// weekday: at all hours.
	Weekdays customer.Weekdays
	From, To string // HH:MM, the first inside, the second outside
	Holidays bool   // also on the company's holidays

	// How often a person may be called about an account; 0: no limit.
	MaxAttempts, AttemptDays int // in so many days that follow one another
	QuietDays                int // after a conversation, its day being the first
	MaxADay                  int
	HoursApart               int

	NeedsConsent bool
	Source       string  // whose rule it is
	AsOf         day.Day // the day of the source's wording
	Retired      bool
	Version      int
}

// Channels are those that a rule can be for.
var Channels = []customer.Channel{customer.Call, customer.SMS, customer.Mail, customer.Letter}

// CanRead tells who sees the rules.
func CanRead(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// CanSet tells who may change them.
func CanSet(a tenant.Actor) bool { return a.Is(tenant.Admin) }

// fits tells that the rule is one for this contact. A country or region that is
// not known may be the rule's: then the rule is kept.
func (r Rule) fits(country, region string, kind customer.Kind, ch customer.Channel) bool {
	switch {
	case r.Channel != ch && (r.Channel != "" || ch == customer.Letter), r.Kind != "" && r.Kind != kind:
		return false
	case r.Country == "" || country == "":
		return true
	case r.Country != country:
		return false
	}
	return r.Region == "" || region == "" || regionKey(country, r.Region) == regionKey(country, region)
}

// counts tells that the rule limits how often somebody is called.
func (r Rule) counts() bool { return r.MaxAttempts+r.QuietDays+r.MaxADay+r.HoursApart > 0 }

// String is the rule in plain words: "Calls to consumers: Mon–Sun 08:00–21:00".
func (r Rule) String() string {
	var parts []string
	add := func(given bool, format string, args ...any) {
		if given {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(r.Weekdays != 0, "%s %s", span(r.Weekdays), r.hours())
	add(r.Weekdays != 0 && !r.Holidays, "not on holidays")
	add(r.MaxAttempts != 0, "at most %s in %s", count(r.MaxAttempts, "attempt"), count(r.AttemptDays, "day"))
	add(r.QuietDays != 0, "none for %s after a conversation", count(r.QuietDays, "day"))
	add(r.MaxADay != 0, "at most %d a day", r.MaxADay)
	add(r.HoursApart != 0, "%s apart", count(r.HoursApart, "hour"))
	add(r.NeedsConsent, "only with consent")
	return capital(noun(r.Channel)) + r.toWhom("to") + ": " + strings.Join(parts, "; ")
}

func (r Rule) hours() string {
	if r.From == "00:00" && r.To == "24:00" {
		return "all day"
	}
	return r.From + "–" + r.To
}

// toWhom names whom the rule protects: " for consumers in US, CA".
func (r Rule) toWhom(word string) string {
	text := map[customer.Kind]string{customer.Business: " " + word + " businesses", customer.Consumer: " " + word + " consumers"}[r.Kind]
	if r.Country != "" {
		text += " in " + r.Country
	}
	if r.Region != "" {
		text += ", " + r.Region
	}
	return text
}

// noun is the channel in the plural, empty for calls, SMS and e-mails.
func noun(ch customer.Channel) string {
	switch ch {
	case customer.Call, customer.SMS, customer.Letter:
		return ch.Name()
	case customer.Mail:
		return "e-mails"
	}
	return "calls, SMS and e-mails"
}

// span is a set of days with their runs drawn together: "Mon–Fri", "Mon, Wed–Sun".
func span(w customer.Weekdays) string {
	var parts []string
	for d := 0; d < len(customer.DayNames); d++ {
		if !w.Has(d) {
			continue
		}
		last := d
		for last+1 < len(customer.DayNames) && w.Has(last+1) {
			last++
		}
		part := customer.DayNames[d]
		if last > d {
			part += "–" + customer.DayNames[last]
		}
		parts = append(parts, part)
		d = last
	}
	return strings.Join(parts, ", ")
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
