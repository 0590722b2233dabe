package customers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/inbox"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// collectionsPage is the tab that a collector works in: what can be done, with whom
// one may speak, and what was said.
type collectionsPage struct {
	profile
	timeline
	Pinned []note.Note
	Waits  []inbox.Entry // in the inbox, of theirs; as far as the reader works them
}

// timeline is a page of the activities: the journal, or a group of it.
type timeline struct {
	Group string // as in the address; empty: all
	Notes []note.Note
	Older string // the address of what comes after; empty: nothing does
	First string // the address of the newest; empty: this is it
	// Said is the conversation by SMS, which stands in place of the journal where that
	// was chosen: what was written, in both directions, with how far it got.
	Said []inbox.Line

	filter note.Filter
}

// timelineSize is how many activities stand on a page.
const timelineSize = 20

// home is what a customer opens with: who collects begins with the work, everybody
// else with the summary.
func home(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if tx.Actor.Role == tenant.Collector {
		return collections(w, r, tx)
	}
	return summary(w, r, tx)
}

func collections(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p collectionsPage
	b := p.ask(r, tx, "collections")
	if err := p.queue(b, p.Customer.ID, r.URL.Query()); err != nil {
		return err
	}
	note.QueuePinned(b, p.Customer.ID, &p.Pinned)
	activity.QueueLine(b, &p.Line)
	inbox.QueueOf(b, p.Customer.ID, &p.Waits)
	if err := p.load(r.Context(), b); err != nil {
		return err
	}
	if p.Customer.MergedInto != nil {
		return lead(w, r, p.Customer)
	}
	if p.Group != string(note.SMS) {
		if err := p.together(r.Context(), tx, r.URL.Query(), p.filter, &p.Notes); err != nil {
			return err
		}
	}
	p.cut(&p.profile, r.URL.Query())
	if err := p.converse(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, collectionsScreen(p))
}

// queue asks for the activities that the address chooses.
func (l *timeline) queue(b *tenant.Batch, customerID int64, q url.Values) error {
	f := &l.filter
	*f = note.Filter{CustomerID: customerID, Limit: timelineSize + 1}
	if l.Group = q.Get("show"); l.Group == string(note.SMS) {
		return nil
	} else if l.Group != "" {
		if f.Kinds = note.Group(l.Group).Kinds(); len(f.Kinds) == 0 {
			return errDamaged
		}
	}
	if before := q.Get("before"); before != "" {
		var err error
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil {
			return errDamaged
		}
		l.First = groupURL(customerID, l.Group)
	}
	if q.Has("older") {
		l.First = groupURL(customerID, l.Group)
	}
	note.QueueList(b, *f, &l.Notes)
	return nil
}

// cut leaves one page of what came.
func (l *timeline) cut(p *profile, q url.Values) {
	if len(l.Notes) <= timelineSize {
		return
	}
	l.Notes = l.Notes[:timelineSize]
	older := url.Values{}
	setOlder(older, l.Notes[timelineSize-1], p.joined(q))
	if l.Group != "" {
		older.Set("show", l.Group)
	}
	if account := q.Get("account"); account != "" {
		older.Set("account", account)
	}
	l.Older = fmt.Sprintf("/customers/%d/collections?%s#activities", p.Customer.ID, older.Encode())
}

// converse reads the conversation by SMS where that was chosen.
func (p *collectionsPage) converse(r *http.Request, tx *tenant.Tx) (err error) {
	if p.Group != string(note.SMS) {
		return nil
	}
	var before time.Time
	if at := r.URL.Query().Get("before"); at != "" {
		if before, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return errDamaged
		}
		p.First = groupURL(p.Customer.ID, p.Group)
	}
	p.Said, err = inbox.Conversation(r.Context(), tx, p.Customer.ID, customer.SMS, before, timelineSize)
	if n := len(p.Said); err == nil && n >= timelineSize {
		older := url.Values{"before": {p.Said[n-1].At.Format(time.RFC3339Nano)}, "show": {p.Group}}
		p.Older = fmt.Sprintf("/customers/%d/collections?%s#activities", p.Customer.ID, older.Encode())
	}
	return err
}

// tabs are the filters of the activities.
func (l timeline) tabs(customerID int64) []ui.Tab {
	tabs := []ui.Tab{{Label: "All", URL: groupURL(customerID, ""), Active: l.Group == ""}}
	for _, g := range note.Groups {
		tabs = append(tabs, ui.Tab{Label: g.Name(), URL: groupURL(customerID, string(g)), Active: l.Group == string(g)})
	}
	return tabs
}

// groupURL leads to the activities of a group, all where it is empty.
func groupURL(customerID int64, group string) string {
	at := fmt.Sprintf("/customers/%d/collections", customerID)
	if group != "" {
		at += "?show=" + url.QueryEscape(group)
	}
	return at + "#activities"
}

// reach is somebody who can be called or written to, with what is allowed now.
type reach struct {
	customer.ContactPoint
	Call, SMS, Mail *contactrule.Ruling // nil: not through this point
}

// allReaches are all ways to reach somebody, those to try first in front.
func (p *profile) allReaches() (list []reach) {
	points := p.InUse()
	list = make([]reach, len(points))
	for i, c := range points {
		list[i].ContactPoint = c
		for _, ch := range c.Kind.Channels() {
			may := p.May.For(c.ID, ch, p.chosenAccount()...)
			switch ch {
			case customer.Call:
				list[i].Call = &may
			case customer.SMS:
				list[i].SMS = &may
			case customer.Mail:
				list[i].Mail = &may
			}
		}
	}
	return list
}

// chosenAccount is the account that was chosen, none for all.
func (p *profile) chosenAccount() []int64 {
	if p.Account.ID == 0 {
		return nil
	}
	return []int64{p.Account.ID}
}

// toCall is the telephone to try first: who may be called now before who may not;
// nil where there is none.
func (p *profile) toCall() *reach {
	return pick(p.reaches(), p.First(customer.Phone), func(r reach) *contactrule.Ruling { return r.Call })
}

// toText is the number to try first by SMS.
func (p *profile) toText() *reach {
	return pick(p.reaches(), p.First(customer.Phone), func(r reach) *contactrule.Ruling { return r.SMS })
}

// toWrite is the e-mail address to try first.
func (p *profile) toWrite() *reach {
	return pick(p.reaches(), p.First(customer.Email), func(r reach) *contactrule.Ruling { return r.Mail })
}

func pick(all []reach, first *customer.ContactPoint, may func(reach) *contactrule.Ruling) *reach {
	if first == nil {
		return nil
	}
	at := slices.IndexFunc(all, func(r reach) bool { return r.ID == first.ID })
	if r := &all[at]; may(*r).Verdict == contactrule.Allowed {
		return r
	}
	for i, r := range all {
		if m := may(r); m != nil && m.Verdict == contactrule.Allowed {
			return &all[i]
		}
	}
	return &all[at]
}

// noSMS is what becomes of an SMS where nothing sends it.
const noSMS = "No provider that sends SMS is set up: an SMS is kept and held."

// callerOf is who placed or took the call, as the reader says it.
func callerOf(c activity.Call, reader int64) string {
	if c.MemberID == reader {
		return "You"
	}
	return c.Member
}

func callURL(customerID, id int64) templ.SafeURL {
	return customerURL(customerID, fmt.Sprintf("/calls/%d", id))
}
