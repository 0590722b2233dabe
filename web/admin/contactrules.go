package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// rulePage is one contact rule with its form, or the form of a new one.
type rulePage struct {
	Rule contactrule.Rule // as it stands; the zero one is new
	Edit bool
	ui.Draft
}

func contactRules(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := contactrule.List(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, rulesScreen(list, contactrule.CanSet(tx.Actor)))
}

func newContactRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !contactrule.CanSet(tx.Actor) {
		return errs.Forbidden("Only administrators add contact rules. Ask one of yours.")
	}
	p := openRule(contactrule.Rule{Weekdays: customer.Everyday, AsOf: tx.Today()}, tx)
	return web.Render(w, r, http.StatusOK, ruleScreen(p))
}

func contactRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadRule(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, ruleScreen(p))
}

func loadRule(r *http.Request, tx *tenant.Tx) (rulePage, error) {
	rule, err := contactrule.Find(r.Context(), tx, web.ID(r, "contact_rule"))
	return openRule(rule, tx), err
}

func addContactRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := openRule(contactrule.Rule{}, tx)
	web.ReadDraft(r, &p.Draft)
	_, err := contactrule.Add(r.Context(), tx, p.typed())
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: "/admin/contactrules", Flash: "The rule is in force from now on.", Screen: p.screen})
}

func changeContactRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadRule(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	err = contactrule.Change(r.Context(), tx, p.typed())
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: "/admin/contactrules", Flash: "The rule is saved and in force from now on.", Screen: p.screen, Again: func() (err error) {
		if p, err = loadRule(r, tx); err != nil {
			return err
		}
		version := p.Version
		web.ReadDraft(r, &p.Draft)
		p.Settle()
		p.Version = version
		return nil
	}})
}

func (p *rulePage) screen() templ.Component { return ruleScreen(*p) }

func retireContactRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setContactRule(w, r, tx, contactrule.Retire, "The rule is retired: it limits nothing any more.")
}

func reopenContactRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setContactRule(w, r, tx, contactrule.Reopen, "The rule is in force again.")
}

func setContactRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, set func(context.Context, *tenant.Tx, int64) error, said string) error {
	if err := set(r.Context(), tx, web.ID(r, "contact_rule")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/contactrules", said)
}

// openRule begins the form with the rule.
func openRule(r contactrule.Rule, tx *tenant.Tx) rulePage {
	p := rulePage{Rule: r, Edit: contactrule.CanSet(tx.Actor)}
	now := map[string]string{"name": r.Name, "country": r.Country, "region": r.Region, "kind": string(r.Kind), "channel": string(r.Channel),
		"from": r.From, "to": r.To, "holidays": ticked(r.Holidays), "max_attempts": number(r.MaxAttempts), "attempt_days": number(r.AttemptDays),
		"quiet_days": number(r.QuietDays), "max_a_day": number(r.MaxADay), "hours_apart": number(r.HoursApart),
		"needs_consent": ticked(r.NeedsConsent), "source": r.Source, "as_of": r.AsOf.String()}
	if r.To == "24:00" { // which the field of an hour does not know
		now["from"], now["to"] = strings.TrimPrefix(r.From, "00:00"), ""
	}
	boxes := []ui.Option{{Value: "on", Label: "yes"}, {Label: "no"}}
	p.Choices = map[string][]ui.Option{"kind": kindOptions, "channel": channelOptions, "holidays": boxes, "needs_consent": boxes}
	for d, name := range customer.DayNames {
		now[dayField(name)], p.Choices[dayField(name)] = ticked(r.Weekdays.Has(d)), boxes
	}
	p.Open(r.Version, 0, now)
	return p
}

// typed is the rule as typed.
func (p rulePage) typed() contactrule.Rule {
	t := p.Typed
	asOf, _ := day.Parse(t["as_of"]) // what is no day is asked for
	r := contactrule.Rule{ID: p.Rule.ID, Version: p.Version, Name: t["name"], Country: t["country"], Region: t["region"], Kind: customer.Kind(t["kind"]),
		Channel: customer.Channel(t["channel"]), From: t["from"], To: t["to"], Holidays: t["holidays"] == "on",
		MaxAttempts: whole(t["max_attempts"]), AttemptDays: whole(t["attempt_days"]), QuietDays: whole(t["quiet_days"]),
		MaxADay: whole(t["max_a_day"]), HoursApart: whole(t["hours_apart"]), NeedsConsent: t["needs_consent"] == "on", Source: t["source"], AsOf: asOf}
	for d, name := range customer.DayNames {
		if t[dayField(name)] == "on" {
			r.Weekdays |= 1 << d
		}
	}
	if r.From != "" && r.To == "" {
		r.To = "24:00"
	}
	return r
}

func dayField(name string) string { return "day_" + strings.ToLower(name) }

func ticked(yes bool) string {
	if yes {
		return "on"
	}
	return ""
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// whole reads a number: 0 for none, and for what is no number above zero one that
// no rule takes.
func whole(typed string) int {
	n, err := strconv.Atoi(cmp.Or(strings.TrimSpace(typed), "0"))
	if err != nil || n == 0 && strings.TrimSpace(typed) != "" {
		return -1
	}
	return n
}

var kindOptions = []ui.Option{{Label: "everybody"}, {Value: string(customer.Consumer), Label: "consumers"}, {Value: string(customer.Business), Label: "businesses"}}

var channelOptions = []ui.Option{{Label: "calls, SMS and e-mails"}, {Value: string(customer.Call), Label: "calls"}, {Value: string(customer.SMS), Label: "SMS"},
	{Value: string(customer.Mail), Label: "e-mails"}, {Value: string(customer.Letter), Label: "letters"}}

// title names the page.
func (p rulePage) title() string { return cmp.Or(p.Rule.Name, "New contact rule") }

// url is where the form is sent.
func (p rulePage) url() string {
	if p.Rule.ID == 0 {
		return "/admin/contactrules"
	}
	return ruleURL(p.Rule.ID)
}

func ruleURL(id int64) string { return fmt.Sprintf("/admin/contactrules/%d", id) }

// inForce counts the rules that are not retired.
func inForce(list []contactrule.Rule) (n int) {
	for _, r := range list {
		if !r.Retired {
			n++
		}
	}
	return n
}
