package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// auditForm is how the record is filtered, as typed.
type auditForm struct {
	Group, Member, From, To string
	Errors                  errs.Invalid
}

// auditPage is what the audit screen shows.
type auditPage struct {
	Form        auditForm
	Events      []tenant.Recorded
	People      []member.Member
	First, Next string // of the pager; empty: none
}

// groups are the beginnings of the kinds of events, with what they are called.
var groups = []ui.Option{
	{Value: "", Label: "everything"},
	{Value: "session", Label: "sign-ins"},
	{Value: "password", Label: "passwords"},
	{Value: "account", Label: "own accounts"},
	{Value: "people", Label: "people"},
	{Value: "absence", Label: "absences"},
	{Value: "feed", Label: "diaries in calendars"},
	{Value: "branch", Label: "branches"},
	{Value: "department", Label: "departments"},
	{Value: "settings", Label: "settings"},
	{Value: "holiday", Label: "holidays"},
	{Value: "letterhead", Label: "letterhead"},
	{Value: "standard_follow_up", Label: "standard follow-ups"},
	{Value: "template", Label: "templates"},
	{Value: "contact_rule", Label: "contact rules"},
	{Value: "providers", Label: "telephone, SMS and mailbox"},
	{Value: "dunning", Label: "dunning on and off"},
	{Value: "policy", Label: "dunning policies"},
	{Value: "level", Label: "dunning levels"},
	{Value: "policy_rule", Label: "rules for policies"},
	{Value: "disposition", Label: "outcomes of calls"},
	{Value: "contact_type", Label: "types of contacts"},
	{Value: "contact_group", Label: "groups of contacts"},
	{Value: "contact_origin", Label: "origins of contacts"},
	{Value: "contact_strength", Label: "strengths of contacts"},
	{Value: "item_status", Label: "item statuses"},
	{Value: "resolver", Label: "resolvers"},
	{Value: "call_script", Label: "call scripts"},
	{Value: "contact", Label: "contacts refused"},
	{Value: "import", Label: "imports"},
	{Value: "customer", Label: "profiles opened, statements"},
	{Value: "customers", Label: "lists exported"},
	{Value: "statement_run", Label: "statement runs"},
	{Value: "refused", Label: "refusals"},
}

// audit shows a page of the record, the newest first. Who and what filter it;
// unknown ones find nothing.
func audit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := auditPage{Form: auditForm{Group: r.FormValue("group"), Member: r.FormValue("member"), From: r.FormValue("from"), To: r.FormValue("to")}}
	var err error
	if p.People, err = member.List(r.Context(), tx); err != nil {
		return err
	}
	f, err := p.Form.filter(r.FormValue("before"))
	if err == nil {
		p.Events, err = tenant.Events(r.Context(), tx, f)
	}
	if errors.As(err, &p.Form.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, auditScreen(p))
	}
	if err != nil {
		return err
	}
	if f.Before != 0 {
		p.First = p.Form.url(0)
	}
	if len(p.Events) == tenant.EventPage {
		p.Next = p.Form.url(p.Events[len(p.Events)-1].ID)
	}
	return web.Render(w, r, http.StatusOK, auditScreen(p))
}

func (f auditForm) filter(before string) (tenant.EventFilter, error) {
	var inv errs.Invalid
	read := func(s, field string) day.Day {
		if s == "" {
			return day.Day{}
		}
		d, err := day.Parse(s)
		inv.Check(err == nil, field, "Give a day such as 2026-11-21.")
		return d
	}
	out := tenant.EventFilter{Group: f.Group, From: read(f.From, "from"), To: read(f.To, "to")}
	out.MemberID, _ = strconv.ParseInt(f.Member, 10, 64)
	out.Before, _ = strconv.ParseInt(before, 10, 64)
	return out, inv.Err()
}

// url leads to the part of the record below that id, filtered as this is.
func (f auditForm) url(before int64) string {
	q := url.Values{}
	for name, v := range map[string]string{"group": f.Group, "member": f.Member, "from": f.From, "to": f.To} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if before != 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	return strings.TrimSuffix("/admin/audit?"+q.Encode(), "?")
}

func memberOptions(list []member.Member) []ui.Option {
	options := []ui.Option{{Value: "", Label: "everybody"}}
	for _, m := range list {
		options = append(options, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	return options
}
