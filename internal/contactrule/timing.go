package contactrule

import (
	"fmt"
	"slices"
	"time"
)

// bar is what stands in the way now, by which rule and clock.
type bar struct {
	until time.Time
	rule  Rule
	zone  *time.Location
	why   string
}

// timed is the ruling where only hours and frequency are left to ask. What bars
// the contact longest is the reason; the moment is the first that nothing bars.
func (f facts) timed(what string, all []hours, rests []bar, several bool) Ruling {
	var longest, first bar // of what bars now; of what is open to end
	from := f.now
	for _, b := range rests {
		longest = longer(longest, b)
		from = longest.until
	}
	for _, h := range all {
		end, ok := h.turn(f.now)
		switch open := h.open(f.now); {
		case open && ok && (first.zone == nil || end.Before(first.until)):
			first = bar{until: end, zone: h.zone}
		case !open && ok:
			longest = longer(longest, bar{end, h.rule, h.zone, h.why(what, f.now) + f.there(h.zone, several)})
		case !open:
			longest = longer(longest, bar{f.now.Add(reach), h.rule, h.zone, h.why(what, f.now) + f.there(h.zone, several)})
		}
	}
	if longest.zone == nil {
		return f.allowed(what, first)
	}
	r := Ruling{Verdict: NotYet, RuleID: longest.rule.ID, RuleVersion: longest.rule.Version, Overridable: true}
	until, ok := opening(all, from)
	if !ok {
		r.Verdict, r.Reason = No, fmt.Sprintf("No hour of the next %d days suits: %s", int(reach.Hours()/24), longest.why)
		return r
	}
	r.Until, r.Reason = until, fmt.Sprintf("Not before %s: %s", f.stamp(until, longest.zone), longest.why)
	return r
}

func longer(a, b bar) bar {
	if b.until.After(a.until) {
		return b
	}
	return a
}

func (f facts) allowed(what string, until bar) Ruling {
	r := Ruling{Verdict: Allowed, Until: until.until, Reason: capital(what) + " at any hour"}
	if until.zone != nil {
		r.Reason = capital(what) + " until " + f.stamp(until.until, until.zone)
	}
	return r
}

// opening is the first moment from t on at which all are open; false where there
// is none within reach.
func opening(all []hours, t time.Time) (time.Time, bool) {
	for end := t.Add(reach); !t.After(end); {
		closed := slices.IndexFunc(all, func(h hours) bool { return !h.open(t) })
		if closed < 0 {
			return t, true
		}
		next, ok := all[closed].turn(t)
		if !ok {
			return t, false
		}
		t = next
	}
	return t, false
}
