package contactrule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

// decide answers by what was loaded: first what bars the contact for good, then
// what lets it through all the same, then hours and frequency.
func (f facts) decide(a Ask) Ruling {
	var p *customer.ContactPoint
	if a.PointID != 0 || a.Channel != customer.Letter {
		if p = f.point(a.PointID); p == nil || !slices.Contains(p.Kind.Channels(), a.Channel) {
			return no("This contact point is not for " + noun(a.Channel))
		}
	}
	rules := f.rulesFor(p, a.Channel)
	if r, barred := f.barred(p, a, rules); barred {
		return r
	}
	if w := f.wished(a); !w.Until.IsZero() {
		asked := "The debtor asked for " + noun(a.Channel)
		if w.Wrote {
			asked = "This answers the debtor's own message"
		}
		return Ruling{Verdict: Allowed, Until: w.Until, Reason: fmt.Sprintf("%s, until %s", asked, f.stamp(w.Until.Truncate(time.Minute), f.home))}
	}
	if a.Answering {
		return Ruling{Verdict: Allowed, Reason: "This answers the debtor's own message"}
	}
	zones := f.zonesFor(p)
	var rests []bar
	if a.Channel == customer.Call {
		rests = f.rests(*p, a.AccountIDs, rules, zones)
	}
	return f.timed(noun(a.Channel), f.opens(p, a.Channel, rules, zones), rests, len(zones) > 1)
}

// rulesFor are those that fit the contact. Where the address names no country,
// the number's counts.
func (f facts) rulesFor(p *customer.ContactPoint, ch customer.Channel) (fit []Rule) {
	country := f.customer.Country
	if country == "" && p != nil && p.Kind == customer.Phone {
		country = numberCountry(p.Value)
	}
	for _, r := range f.rules {
		if r.fits(country, f.customer.Region, f.customer.Kind, ch) {
			fit = append(fit, r)
		}
	}
	return fit
}

// opens are all hours that have to be open.
func (f facts) opens(p *customer.ContactPoint, ch customer.Channel, rules []Rule, zones []*time.Location) (all []hours) {
	for _, zone := range zones {
		for _, r := range rules {
			if r.Weekdays != 0 {
				all = append(all, f.hoursOf(r, zone))
			}
		}
		for _, t := range f.care.TimesOf(customer.Forbidden) {
			if ch != customer.Letter && (t.PointID == nil || *t.PointID == p.ID) {
				all = append(all, hours{zone: zone, weekdays: t.Weekdays, from: sinceMidnight(t.From), to: sinceMidnight(t.To), forbade: &t})
			}
		}
	}
	return all
}

// no is a ruling that nothing but a change of the facts ends.
func no(reason string) Ruling { return Ruling{Verdict: No, Reason: reason} }

// barred is what bars the contact whatever the hour.
func (f facts) barred(p *customer.ContactPoint, a Ask, rules []Rule) (Ruling, bool) {
	none := "No " + noun(a.Channel)
	if f.customer.MergedInto != nil {
		return no(none + ": the customer was merged into another one. Work with that one"), true
	}
	if f.customer.ArchivedAt != nil {
		return no(none + ": the customer is archived. A manager can take it back"), true
	}
	own := true // the debtor's
	if p != nil {
		if p.Retired {
			return no(none + ": this is no longer in use"), true
		}
		if p.Bad() && a.Channel != customer.Call {
			return no(fmt.Sprintf("%s: what was sent here on %s came back. Give another address, or say that this one works again", none, f.date(day.Of(p.BadAt.In(f.home))))), true
		}
		if p.Role == customer.ThirdParty {
			return no(none + " about the debt: third parties never hear of it. This is for finding the debtor only"), true
		}
		own = p.Role != customer.Representative
	}
	if own && len(f.care.Stops) > 0 {
		return no(fmt.Sprintf("%s: a stop is in force (%s). Only the representative may be contacted", none, f.stops())), true
	}
	if p == nil {
		return Ruling{}, false
	}
	if said := f.optedOut(*p, a.Channel); said.State == customer.OptOut {
		return no(fmt.Sprintf("%s: opted out on %s", none, f.date(said.GivenOn))), true
	}
	return f.consent(*p, a, rules)
}

func (f facts) stops() string {
	var kinds []string
	for _, s := range f.care.Stops {
		kinds = append(kinds, s.Kind.Name())
	}
	return strings.Join(kinds, ", ")
}

// optedOut is the opt-out that counts for the number or address: also one that was
// said of it under another name.
func (f facts) optedOut(p customer.ContactPoint, ch customer.Channel) customer.Permission {
	for _, o := range f.care.Points {
		if o.Kind == p.Kind && o.Value == p.Value && o.Permission(ch).State == customer.OptOut {
			return o.Permission(ch)
		}
	}
	return customer.Permission{}
}

// consent bars what is allowed with consent only. Who asks for a contact consents
// to it.
func (f facts) consent(p customer.ContactPoint, a Ask, rules []Rule) (Ruling, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.NeedsConsent })
	said := p.Permission(a.Channel)
	if i < 0 || said.State == customer.Consent || !f.wished(a).Until.IsZero() {
		return Ruling{}, false
	}
	because := "none is on record"
	if said.State == customer.Withdrawn {
		because = "it was withdrawn on " + f.date(said.GivenOn)
	}
	r := no(fmt.Sprintf("No %s: consent is needed%s, and %s", noun(a.Channel), rules[i].toWhom("for"), because))
	r.RuleID, r.RuleVersion = rules[i].ID, rules[i].Version
	return r, true
}
