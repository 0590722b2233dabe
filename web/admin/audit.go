package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
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

// said tells each kind of event in words; a kind that is not here is shown as it
// is.
var said = map[string]string{
	"absence.ended":                 "ended the absence of",
	"absence.planned":               "planned an absence of",
	"account.phone_changed":         "changed the own telephone number",
	"account.renamed":               "changed the own name",
	"branch.added":                  "added a branch",
	"branch.renamed":                "renamed a branch",
	"branch.reopened":               "took a branch back into use",
	"branch.moved":                  "moved the branch",
	"branch.retired":                "retired a branch",
	"contact.refused":               "was refused to contact",
	"contact_rule.added":            "added the contact rule",
	"contact_rule.changed":          "changed the contact rule",
	"contact_rule.reopened":         "took back into force the contact rule",
	"contact_rule.retired":          "retired the contact rule",
	"customer.dossier_taken":        "took a dossier of",
	"customer.exported":             "took along the record of",
	"call_script.changed":           "changed a call script",
	"customer.merged":               "merged a duplicate into",
	"customer.opened":               "opened the profile of",
	"customer.statement":            "made a statement of",
	"department.added":              "added a department",
	"department.renamed":            "renamed a department",
	"department.reopened":           "took a department back into use",
	"department.moved":              "moved the department",
	"department.retired":            "retired a department",
	"customers.exported":            "took along a list of customers",
	"document.missing":              "did not find the content of the document",
	"document.opened":               "opened the document",
	"feed.ended":                    "ended the calendar feed of",
	"feed.made":                     "made a calendar feed for",
	"holiday.added":                 "added the holiday",
	"holiday.removed":               "removed the holiday",
	"inbox.assigned":                "gave entries of the inbox to",
	"item_status.saved":             "saved the item status",
	"resolver.saved":                "saved the resolver",
	"resolver_link.too_often":       "used a link too often, as the resolver of",
	"contact_group.added":           "added the group of contacts",
	"contact_group.moved":           "moved the group of contacts",
	"contact_group.renamed":         "renamed the group of contacts",
	"contact_group.retired":         "retired the group of contacts",
	"contact_group.taken_back":      "took back into use the group of contacts",
	"contact_origin.added":          "added the origin of contacts",
	"contact_origin.moved":          "moved the origin of contacts",
	"contact_origin.renamed":        "renamed the origin of contacts",
	"contact_origin.retired":        "retired the origin of contacts",
	"contact_origin.taken_back":     "took back into use the origin of contacts",
	"contact_strength.added":        "added the strength of contacts",
	"contact_strength.moved":        "moved the strength of contacts",
	"contact_strength.renamed":      "renamed the strength of contacts",
	"contact_strength.retired":      "retired the strength of contacts",
	"contact_strength.taken_back":   "took back into use the strength of contacts",
	"contact_type.added":            "added the type of contacts",
	"contact_type.changed":          "changed the type of contacts",
	"contact_type.moved":            "moved the type of contacts",
	"contact_type.retired":          "retired the type of contacts",
	"contact_type.taken_back":       "took back into use the type of contacts",
	"disposition.added":             "added the outcome of calls",
	"disposition.changed":           "changed the outcome of calls",
	"disposition.moved":             "moved the outcome of calls",
	"disposition.retired":           "retired the outcome of calls",
	"disposition.taken_back":        "took back into use the outcome of calls",
	"dunning.hour_changed":          "changed the hour of the dunning run",
	"dunning.payments_waived":       "let automatic reminders go out without the payments",
	"dunning.switched_off":          "switched dunning off",
	"dunning.switched_on":           "switched dunning on",
	"letterhead.changed":            "changed the letterhead",
	"letterhead.logo_changed":       "changed the logo of the letterhead",
	"letterhead.logo_removed":       "took the logo off the letterhead",
	"level.added":                   "added the dunning level",
	"level.changed":                 "changed the dunning level",
	"level.retired":                 "retired the dunning level",
	"level.taken_back":              "took back into use the dunning level",
	"password.changed":              "changed the own password",
	"password.set_by_link":          "a link was used to set the password of",
	"people.changed":                "changed what this person may do:",
	"people.deactivated":            "ended the membership of",
	"people.handed_over":            "handed over the work of",
	"people.invited":                "invited",
	"people.link_made":              "made a link to set the password of",
	"people.link_sent":              "had a link sent to set the password of",
	"people.reactivated":            "let in again",
	"policy.added":                  "added the dunning policy",
	"policy.changed":                "changed the dunning policy",
	"policy.made_default":           "made this the default dunning policy:",
	"policy.retired":                "retired the dunning policy",
	"policy.taken_back":             "took back into use the dunning policy",
	"policy_rule.added":             "added a rule for policies",
	"policy_rule.changed":           "changed a rule for policies",
	"policy_rule.moved":             "moved a rule for policies",
	"policy_rule.removed":           "removed a rule for policies",
	"providers.mailbox_changed":     "changed the mailbox",
	"providers.telephone_changed":   "changed the provider of SMS and calls",
	"providers.tested":              "had a test SMS sent",
	"refused":                       "was refused",
	"session.signed_in":             "signed in",
	"session.signed_out":            "signed out",
	"session.signed_out_everywhere": "signed out everywhere",
	"promises.settings_changed":     "changed the rules for promises",
	"settings.changed":              "changed the settings",
	"standard_follow_up.added":      "added the standard follow-up",
	"standard_follow_up.changed":    "changed the standard follow-up",
	"standard_follow_up.moved":      "moved the standard follow-up",
	"standard_follow_up.retired":    "retired the standard follow-up",
	"standard_follow_up.taken_back": "took back into use the standard follow-up",
	"template.added":                "added the template",
	"template.changed":              "changed the template",
	"template.retired":              "retired the template",
	"template.taken_back":           "took back into use the template",
}

// words says what was done, and to whom where the event is about somebody.
func words(e tenant.Recorded) string {
	text, ok := said[e.Kind]
	if !ok {
		text = strings.NewReplacer(".", ": ", "_", " ").Replace(e.Kind)
	}
	return strings.TrimSpace(text + " " + e.About)
}

// details says what the event changed, a line each: "role: collector → manager";
// or its facts, where it changed nothing.
func details(e tenant.Recorded) []string {
	var change struct{ Before, After map[string]any }
	if json.Unmarshal(e.Data, &change) == nil && (change.Before != nil || change.After != nil) {
		return differences(change.Before, change.After)
	}
	var facts map[string]any
	if json.Unmarshal(e.Data, &facts) != nil {
		return nil
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		lines = append(lines, label(name)+": "+value(facts[name]))
	}
	return lines
}

// differences leaves out what stayed the same; where there is only one side it
// says what that was.
func differences(before, after map[string]any) (lines []string) {
	names := maps.Clone(before)
	if names == nil {
		names = map[string]any{}
	}
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is := value(before[name]), value(after[name])
		switch {
		case was == is:
		case before == nil:
			lines = append(lines, label(name)+": "+is)
		case after == nil:
			lines = append(lines, label(name)+": "+was)
		default:
			lines = append(lines, label(name)+": "+was+" → "+is)
		}
	}
	return lines
}

func label(name string) string { return strings.ReplaceAll(name, "_", " ") }

// value writes what JSON gave as people read it.
func value(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		return orNone(v)
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	return fmt.Sprint(v)
}
