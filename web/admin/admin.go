// Package admin has the screens in which a company is set up: its settings, its
// people, branches and departments, its holidays, its standard follow-ups, its
// letterhead and templates, how messages leave and arrive, how it duns, and the audit record. Managers read them, administrators change them.
package admin

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	read := func(path string, h web.Handler) { r.Get(path, app.In(readers(h))) }
	write := func(path string, h web.Handler) { r.Post(path, app.In(admins(h))) }

	read("/admin", overview)

	read("/admin/settings", settings)
	write("/admin/settings", saveSettings)

	read("/admin/people", people)
	write("/admin/people", invite(app.Outbox))
	read("/admin/people/new", invitation)
	read("/admin/people/{member}", person(app.Outbox))
	write("/admin/people/{member}", changePerson)
	write("/admin/people/{member}/link", makeLink)
	write("/admin/people/{member}/link/email", sendLink(app.Outbox))
	write("/admin/people/{member}/deactivation", deactivate)
	write("/admin/people/{member}/reactivation", reactivate)

	for _, u := range []units{{member.Branches, "Branches", "/admin/branches"}, {member.Departments, "Departments", "/admin/departments"}} {
		one := u.Path + "/{" + u.String() + "}"
		read(u.Path, u.list)
		write(u.Path, u.add)
		read(one, u.page)
		write(one, u.rename)
		write(one+"/retirement", u.retire)
		write(one+"/reopening", u.reopen)
		write(one+"/position", u.move)
	}

	read("/admin/holidays", holidays)
	write("/admin/holidays", addHoliday)
	write("/admin/holidays/list", addHolidays)
	write("/admin/holidays/{holiday}/removal", removeHoliday)

	read("/admin/standards", standards)
	write("/admin/standards", addStandard)
	read("/admin/standards/new", newStandard)
	read("/admin/standards/{standard_follow_up}", standard)
	write("/admin/standards/{standard_follow_up}", changeStandard)
	write("/admin/standards/{standard_follow_up}/position", moveStandard)
	write("/admin/standards/{standard_follow_up}/retirement", retireStandard)
	write("/admin/standards/{standard_follow_up}/reopening", takeBackStandard)

	read("/admin/statuses", statuses)
	write("/admin/statuses", saveStatus)
	read("/admin/statuses/new", showStatus)
	read("/admin/statuses/{item_status}", showStatus)
	write("/admin/statuses/{item_status}", saveStatus)
	read("/admin/resolvers", resolvers)
	write("/admin/resolvers", saveResolver)
	read("/admin/resolvers/{resolver}", showResolver)
	write("/admin/resolvers/{resolver}", saveResolver)

	read("/admin/promises", promises)
	write("/admin/promises", savePromises)

	read("/admin/contactrules", contactRules)
	write("/admin/contactrules", addContactRule)
	read("/admin/contactrules/new", newContactRule)
	read("/admin/contactrules/{contact_rule}", contactRule)
	write("/admin/contactrules/{contact_rule}", changeContactRule)
	write("/admin/contactrules/{contact_rule}/retirement", retireContactRule)
	write("/admin/contactrules/{contact_rule}/reopening", reopenContactRule)

	read("/admin/letterhead", letterhead)
	write("/admin/letterhead", saveLetterhead)
	r.Post("/admin/letterhead/logo", app.InUpTo(maxLogoForm, admins(setLogo(app.Blobs))))
	write("/admin/letterhead/logo/removal", removeLogo)

	read("/admin/templates", templates)
	write("/admin/templates", addTemplate)
	read("/admin/templates/new", newTemplate)
	write("/admin/templates/preview", previewTemplate)
	read("/admin/templates/{template}", showTemplate)
	write("/admin/templates/{template}", changeTemplate)
	write("/admin/templates/{template}/preview", previewTemplate)
	write("/admin/templates/{template}/retirement", retireTemplate)
	write("/admin/templates/{template}/reopening", takeBackTemplate)

	contactRoutes(read, write)
	dunningRoutes(read, write, setup{&dunning.Desk{Box: app.Outbox}})

	s := ways{app, app.Outbox}
	read("/admin/providers", s.show)
	write("/admin/providers/telephone", s.saveTelephone)
	write("/admin/providers/telephone/removal", s.removeTelephone)
	write("/admin/providers/telephone/test", s.test)
	write("/admin/providers/mailbox", s.saveMailbox)
	write("/admin/providers/mailbox/removal", s.removeMailbox)
	r.Post("/admin/providers/mailbox/test", app.Public(s.tryMailbox))

	read("/admin/audit", audit)
}

// dunningRoutes are those of the set-up of dunning.
func dunningRoutes(read, write func(string, web.Handler), s setup) {
	read("/admin/dunning", dunningOverview)
	write("/admin/dunning/switch", switchDunning)

	write("/admin/dunning/policies", s.savePolicy)
	read("/admin/dunning/policies/new", newPolicy)
	read("/admin/dunning/policies/{policy}", showPolicy)
	write("/admin/dunning/policies/{policy}", s.savePolicy)
	write("/admin/dunning/policies/{policy}/default", s.makeDefault)
	write("/admin/dunning/policies/{policy}/retirement", s.retirePolicy)
	write("/admin/dunning/policies/{policy}/reopening", s.takeBackPolicy)
	write("/admin/dunning/policies/{policy}/levels", s.addLevel)
	write("/admin/dunning/levels/{level}", s.changeLevel)
	write("/admin/dunning/levels/{level}/retirement", s.retireLevel)
	write("/admin/dunning/levels/{level}/reopening", s.takeBackLevel)

	read("/admin/dunning/rules", policyRules)
	write("/admin/dunning/rules", s.addPolicyRule)
	read("/admin/dunning/rules/new", showPolicyRule)
	read("/admin/dunning/rules/{policy_rule}", showPolicyRule)
	write("/admin/dunning/rules/{policy_rule}", s.changePolicyRule)
	write("/admin/dunning/rules/{policy_rule}/position", s.movePolicyRule)
	write("/admin/dunning/rules/{policy_rule}/removal", s.removePolicyRule)

	read("/admin/dunning/scripts", scripts)
	write("/admin/dunning/scripts", saveScript)

	read("/admin/dunning/dispositions", dispositions)
	write("/admin/dunning/dispositions", addDisposition)
	read("/admin/dunning/dispositions/new", showDisposition)
	read("/admin/dunning/dispositions/{disposition}", showDisposition)
	write("/admin/dunning/dispositions/{disposition}", changeDisposition)
	write("/admin/dunning/dispositions/{disposition}/position", moveDisposition)
	write("/admin/dunning/dispositions/{disposition}/retirement", retireDisposition)
	write("/admin/dunning/dispositions/{disposition}/reopening", takeBackDisposition)
}

// readers lets managers and administrators in; the domain asks again for each
// thing that is read.
func readers(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		if !member.CanRead(tx.Actor) {
			return errs.Forbidden("Only managers and administrators see how the company is set up.")
		}
		return h(w, r, tx)
	}
}

// admins refuses everybody else before anything is looked up.
func admins(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		if !member.CanManage(tx.Actor) {
			return errs.Forbidden("Only administrators change how the company is set up. Ask one of yours.")
		}
		return h(w, r, tx)
	}
}

// tabs are the area's own navigation.
func tabs(path string) []ui.Tab {
	list := []ui.Tab{
		{Label: "Overview", URL: "/admin"},
		{Label: "Settings", URL: "/admin/settings"},
		{Label: "People", URL: "/admin/people"},
		{Label: "Branches", URL: "/admin/branches"},
		{Label: "Departments", URL: "/admin/departments"},
		{Label: "Holidays", URL: "/admin/holidays"},
		{Label: "Standard follow-ups", URL: "/admin/standards"},
		{Label: "Contacts", URL: "/admin/contacts"},
		{Label: "Item statuses", URL: "/admin/statuses"},
		{Label: "Resolvers", URL: "/admin/resolvers"},
		{Label: "Contact rules", URL: "/admin/contactrules"},
		{Label: "Letterhead", URL: "/admin/letterhead"},
		{Label: "Templates", URL: "/admin/templates"},
		{Label: "Telephone and SMS", URL: "/admin/providers"},
		{Label: "Dunning", URL: "/admin/dunning"},
		{Label: "Promises to pay", URL: "/admin/promises"},
		{Label: "Audit record", URL: "/admin/audit"},
	}
	for i := range list {
		list[i].Active = list[i].URL == path
	}
	return list
}

// overviewPage is what the overview shows.
type overviewPage struct {
	Settings              tenant.Settings
	Active, Left          int
	Waiting               []member.Member // who asked for a link
	New                   []member.Member // who has no password yet
	Branches, Departments []member.Unit
	Standards             []followup.Standard
	Rules                 []contactrule.Rule
	Dunning               dunning.Switch
	Events                []tenant.Recorded
}

// latest is how many lines of the audit record the overview shows.
const latest = 8

func overview(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	var p overviewPage
	var err error
	ctx := r.Context()
	if p.Settings, err = tenant.LoadSettings(ctx, tx); err != nil {
		return err
	}
	everybody, err := member.List(ctx, tx)
	if err != nil {
		return err
	}
	p.sort(everybody)
	if p.Branches, err = member.Branches.List(ctx, tx); err != nil {
		return err
	}
	if p.Departments, err = member.Departments.List(ctx, tx); err != nil {
		return err
	}
	if p.Standards, err = followup.Standards(ctx, tx); err != nil {
		return err
	}
	if p.Rules, err = contactrule.List(ctx, tx); err != nil {
		return err
	}
	if p.Dunning, err = dunning.SwitchOf(ctx, tx); err != nil {
		return err
	}
	if p.Events, err = tenant.Events(ctx, tx, tenant.EventFilter{}); err != nil {
		return err
	}
	p.Events = p.Events[:min(len(p.Events), latest)]
	return web.Render(w, r, http.StatusOK, overviewScreen(p))
}

func (p *overviewPage) sort(everybody []member.Member) {
	for _, m := range everybody {
		switch {
		case !m.Active:
			p.Left++
			continue
		case m.ResetAskedAt != nil:
			p.Waiting = append(p.Waiting, m)
		case !m.HasPassword:
			p.New = append(p.New, m)
		}
		p.Active++
	}
}

// inUse counts the units that are not retired.
func inUse(list []member.Unit) (n int) {
	for _, u := range list {
		if !u.Retired {
			n++
		}
	}
	return n
}
