package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/tenant"
)

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
	"statement_run.started":         "started a statement run",
	"statement_run.printed":         "printed the statements of a run",
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
	if e.Kind == "people.handed_over" && e.About == "" {
		text += " everybody who has left"
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
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = value(v[i])
		}
		return orNone(strings.Join(parts, "; "))
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, label(name)+" "+value(v[name]))
		}
		return orNone(strings.Join(parts, ", "))
	}
	return fmt.Sprint(v)
}
