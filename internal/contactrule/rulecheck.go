package contactrule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

var (
	clock   = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	country = regexp.MustCompile(`^[A-Z]{2}$`)
)

// check brings the rule into form and refuses what cannot be kept.
func (r *Rule) check(today day.Day) error {
	var inv errs.Invalid
	for field, text := range map[string]*string{"name": &r.Name, "source": &r.Source, "region": &r.Region} {
		tenant.OneLine(&inv, text, field)
	}
	r.Country = strings.ToUpper(strings.TrimSpace(r.Country))
	between := func(text string, most int) bool { n := utf8.RuneCountInString(text); return n > 0 && n <= most }
	inv.Check(between(r.Name, 120), "name", "Give the rule a name, at most 120 characters.")
	inv.Check(r.Country == "" || country.MatchString(r.Country) && isCountry(r.Country), "country", "Give the country's two letters, such as NO, or leave it empty for all.")
	inv.Check(r.Region == "" || r.Country != "", "country", "A region belongs to a country. Give that too.")
	inv.Check(utf8.RuneCountInString(r.Region) <= 60, "region", "This holds 60 characters at most. Shorten it.")
	inv.Check(r.Kind == "" || slices.Contains(customer.Kinds, r.Kind), "kind", "Choose whom the rule protects.")
	inv.Check(r.Channel == "" || slices.Contains(Channels, r.Channel), "channel", "Choose what the rule is for.")
	r.checkHours(&inv)
	r.checkFrequency(&inv)
	inv.Check(!r.NeedsConsent || r.Channel != customer.Letter, "needs_consent", "Letters need no consent: none can be recorded for them.")
	inv.Check(r.Weekdays != 0 || r.counts() || r.NeedsConsent || len(inv) > 0, "", "The rule limits nothing yet. Give hours, a frequency, or ask for consent.")
	inv.Check(between(r.Source, 500), "source", "Say whose rule it is: the law with its section, or the company's own; at most 500 characters.")
	inv.Check(!r.AsOf.IsZero() && !r.AsOf.After(today), "as_of", "Give the day of the source's wording, not one to come.")
	return inv.Err()
}

func (r *Rule) checkHours(inv *errs.Invalid) {
	if r.Weekdays == 0 {
		inv.Check(r.From == "" && r.To == "", "weekdays", "Tick the days on which these hours hold.")
		r.Holidays = true
		return
	}
	if r.From == "" && r.To == "" {
		r.From, r.To = "00:00", "24:00"
	}
	inv.Check(r.Weekdays > 0 && r.Weekdays <= customer.Everyday, "weekdays", "Tick days of the week.")
	inv.Check(clock.MatchString(r.From), "from", "Give an hour such as 08:00, or leave both empty for the whole day.")
	inv.Check(r.To == "24:00" || clock.MatchString(r.To), "to", "Give an hour such as 21:00, or leave both empty for the whole day.")
	_, wrong := (*inv)["from"]
	inv.Check(wrong || r.From < r.To, "to", "The end comes after the beginning.")
}

func (r *Rule) checkFrequency(inv *errs.Invalid) {
	number := func(n, most int, field string) {
		inv.Check(n >= 0 && n <= most, field, fmt.Sprintf("Give a whole number from 1 to %d, or leave it empty.", most))
	}
	number(r.MaxAttempts, 999, "max_attempts")
	number(r.AttemptDays, 366, "attempt_days")
	number(r.QuietDays, 366, "quiet_days")
	number(r.MaxADay, 999, "max_a_day")
	number(r.HoursApart, 24, "hours_apart")
	inv.Check((r.MaxAttempts == 0) == (r.AttemptDays == 0), "attempt_days", "Give both: how many attempts, and in how many days.")
	inv.Check(!r.counts() || r.Channel == "" || r.Channel == customer.Call, "channel", "Only calls are counted. Choose calls, or leave the frequency empty.")
}
