package customers

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// editPage is the form of what people keep of a customer.
type editPage struct {
	Customer customer.Customer
	ui.Draft
}

// loadEdit reads the customer as it is now, and the choices.
func loadEdit(r *http.Request, tx *tenant.Tx) (p editPage, err error) {
	ctx := r.Context()
	if p.Customer, err = customer.Find(ctx, tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	head, err := customer.JournalHead(ctx, tx, p.Customer.ID)
	if err != nil {
		return p, err
	}
	p.Open(p.Customer.Version, head, values(p.Customer.Fields()))
	p.Gone = p.Customer.ArchivedAt != nil
	if !customer.CanAssign(tx.Actor) {
		return p, nil
	}
	return p, p.choices(ctx, tx)
}

// choices fills the lists of members, branches and policies; who left and what is
// retired stays to be chosen where the customer has it.
func (p *editPage) choices(ctx context.Context, tx *tenant.Tx) error {
	policies, err := dunning.PolicyChoices(ctx, tx)
	if err != nil {
		return err
	}
	members, err := member.Choices(ctx, tx)
	if err != nil {
		return err
	}
	branches, err := member.Branches.List(ctx, tx)
	if err != nil {
		return err
	}
	owners, plans := []ui.Option{{Value: "0", Label: "Nobody"}}, []ui.Option{{Value: "0", Label: "What the rules say"}}
	for _, one := range policies {
		plans = append(plans, ui.Option{Value: strconv.FormatInt(one.ID, 10), Label: one.Name})
	}
	for _, m := range members {
		owners = append(owners, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	p.Choices = map[string][]ui.Option{
		"owner":  with(owners, p.Now["owner"], p.Customer.Owner+" (left)"),
		"branch": with(branchChoices(branches), p.Now["branch"], p.Customer.Branch+" (retired)"),
		"policy": with(plans, p.Now["policy"], p.Customer.Policy+" (retired)"),
	}
	return nil
}

// branchChoices are none and the branches in use.
func branchChoices(branches []member.Unit) []ui.Option {
	options := []ui.Option{{Value: "0", Label: "None"}}
	for _, b := range branches {
		if !b.Retired {
			options = append(options, ui.Option{Value: strconv.FormatInt(b.ID, 10), Label: b.Name})
		}
	}
	return options
}

func with(options []ui.Option, value, label string) []ui.Option {
	if slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value }) {
		return options
	}
	return append(options, ui.Option{Value: value, Label: label})
}

// values are a customer's fields as a form holds them.
func values(f customer.Fields) map[string]string {
	return map[string]string{"name": f.Name, "kind": string(f.Kind), "street": f.Street, "postal_code": f.PostalCode, "city": f.City,
		"region": f.Region, "country": f.Country, "language": f.Language, "time_zone": f.TimeZone,
		"owner": strconv.FormatInt(f.OwnerID, 10), "branch": strconv.FormatInt(f.BranchID, 10),
		"policy": strconv.FormatInt(f.PolicyID, 10), "tags": f.Tags}
}

// fields are the customer's as typed.
func (p editPage) fields() customer.Fields {
	t := p.Typed
	return customer.Fields{Name: t["name"], Kind: customer.Kind(t["kind"]), Street: t["street"], PostalCode: t["postal_code"], City: t["city"],
		Region: t["region"], Country: t["country"], Language: t["language"], TimeZone: t["time_zone"],
		OwnerID: choice(t["owner"]), BranchID: choice(t["branch"]), PolicyID: choice(t["policy"]), Tags: t["tags"]}
}

func edit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	if p.Customer.MergedInto != nil {
		return lead(w, r, p.Customer)
	}
	if err := p.Customer.Asleep(); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, editScreen(p))
}

func saveEdit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	changed, err := customer.Edit(r.Context(), tx, p.Customer.ID, p.Version, p.fields())
	flash := "The customer is changed. The journal says what it was before."
	if !changed {
		flash = "Nothing was different, so nothing was changed."
	}
	return web.Saved(w, r, &p.Draft, err, web.Saving{
		To: string(customerURL(p.Customer.ID, "")), Flash: flash,
		Again: func() (err error) {
			if p, err = loadEdit(r, tx); err != nil {
				return err
			}
			return web.Rebase(r, tx, &p.Draft, p.Customer.ID, 0, "changed")
		},
		Screen: func() templ.Component { return editScreen(p) },
	})
}
