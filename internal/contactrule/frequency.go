package contactrule

import (
	"fmt"
	"slices"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
)

// rests are those that bar a call to the point now: each rule is counted for each
// account by itself, with the days of each clock.
func (f facts) rests(p customer.ContactPoint, accounts []int64, rules []Rule, zones []*time.Location) (all []bar) {
	var calls []call
	for _, c := range f.calls {
		if f.concerns(c, p) {
			calls = append(calls, c)
		}
	}
	for _, account := range f.scope(p, accounts, calls) {
		t := tally{about: name(calls, account)}
		for _, c := range calls {
			if c.about(account) {
				t.add(c)
			}
		}
		for _, r := range rules {
			for _, zone := range zones {
				all = append(all, t.rests(r, zone, f.now)...)
			}
		}
	}
	return slices.DeleteFunc(all, func(b bar) bool { return !b.until.After(f.now) })
}

// scope are the accounts that a call is about: those that were asked for, else
// the one that the point is for, else all that calls were about.
func (f facts) scope(p customer.ContactPoint, accounts []int64, calls []call) []int64 {
	switch {
	case len(accounts) > 0:
		return accounts
	case p.AccountID != nil:
		return []int64{*p.AccountID}
	}
	all := []int64{0}
	for _, c := range calls {
		for _, a := range c.Accounts {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// name is that of an account as calls name it: " about L-1".
func name(calls []call, account int64) string {
	for _, c := range calls {
		if i := slices.Index(c.Accounts, account); i >= 0 {
			return " about " + c.Names[i]
		}
	}
	return ""
}

// tally has the calls to one person about one account, the newest first.
type tally struct {
	about         string
	attempts      []time.Time
	conversations []time.Time
}

func (t *tally) add(c call) {
	if !c.Incoming && !c.AskedFor {
		t.attempts = append(t.attempts, c.At)
	}
	if c.Conversation {
		t.conversations = append(t.conversations, c.At)
	}
}

// rests are what the rule makes of the calls by that clock; some may be over.
func (t tally) rests(r Rule, zone *time.Location, now time.Time) (all []bar) {
	add := func(until time.Time, format string, args ...any) {
		all = append(all, bar{until, r, zone, fmt.Sprintf(format, args...)})
	}
	on := func(at time.Time) day.Day { return day.Of(at.In(zone)) }
	// The nth newest attempt has to leave the days that are looked at.
	if n := r.MaxAttempts; n > 0 && len(t.attempts) >= n {
		add(firstMoment(on(t.attempts[n-1]).Add(r.AttemptDays), zone), "%s in %s are the most%s, and so many were tried%s",
			count(n, "call"), count(r.AttemptDays, "day"), r.toWhom("for"), t.about)
	}
	if n := r.MaxADay; n > 0 && len(t.attempts) >= n {
		add(firstMoment(on(t.attempts[n-1]).Add(1), zone), "%s a day are the most%s, and so many were tried%s", count(n, "call"), r.toWhom("for"), t.about)
	}
	if r.HoursApart > 0 && len(t.attempts) > 0 {
		last := t.attempts[0]
		add(last.Add(time.Duration(r.HoursApart)*time.Hour), "%s have to lie between calls%s, and the last%s was at %s",
			count(r.HoursApart, "hour"), r.toWhom("to"), t.about, last.In(zone).Format("15:04"))
	}
	if r.QuietDays > 0 && len(t.conversations) > 0 {
		d := on(t.conversations[0])
		add(firstMoment(d.Add(r.QuietDays), zone), "no calls%s for %s after a conversation, and there was one%s on %s",
			r.toWhom("to"), count(r.QuietDays, "day"), t.about, d.Format("Mon 2 Jan"))
	}
	return all
}
