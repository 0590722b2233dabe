package customers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// editFields are the form's, in its order.
var editFields = []string{"name", "kind", "street", "postal_code", "city", "region", "country", "language", "time_zone", "owner", "branch"}

// editPage is the form of what people keep of a customer. Seen is what the
// person saw when the form was opened: where somebody else changed it meanwhile,
// that tells whose change is whose.
type editPage struct {
	Customer         customer.Customer
	Typed, Seen, Now map[string]string
	Owners, Branches []ui.Option
	Head             int64 // the newest note when the form was opened
	Hints            map[string]string
	Others           []note.Note // what others changed meanwhile
	Errors           errs.Invalid
}

// loadEdit reads the customer as it is now, and the choices.
func loadEdit(r *http.Request, tx *tenant.Tx) (p editPage, err error) {
	ctx := r.Context()
	if p.Customer, err = customer.Find(ctx, tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	if p.Customer.ArchivedAt != nil {
		return p, customer.Archived
	}
	p.Hints = map[string]string{}
	p.Now = values(p.Customer.Fields())
	if p.Head, err = customer.JournalHead(ctx, tx, p.Customer.ID); err != nil || !customer.CanAssign(tx.Actor) {
		return p, err
	}
	return p, p.choices(ctx, tx)
}

// choices fills the lists of members and branches; who left and what is retired
// stays to be chosen where the customer has it.
func (p *editPage) choices(ctx context.Context, tx *tenant.Tx) error {
	members, err := member.Choices(ctx, tx)
	if err != nil {
		return err
	}
	branches, err := member.Branches.List(ctx, tx)
	if err != nil {
		return err
	}
	p.Owners, p.Branches = []ui.Option{{Value: "0", Label: "Nobody"}}, []ui.Option{{Value: "0", Label: "None"}}
	for _, m := range members {
		p.Owners = append(p.Owners, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	for _, b := range branches {
		if !b.Retired {
			p.Branches = append(p.Branches, ui.Option{Value: strconv.FormatInt(b.ID, 10), Label: b.Name})
		}
	}
	p.Owners = with(p.Owners, p.Now["owner"], p.Customer.Owner+" (left)")
	p.Branches = with(p.Branches, p.Now["branch"], p.Customer.Branch+" (retired)")
	return nil
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
		"owner": strconv.FormatInt(f.OwnerID, 10), "branch": strconv.FormatInt(f.BranchID, 10)}
}

// read takes what was typed; a field that the form did not have stays as it was
// seen.
func (p *editPage) read(r *http.Request) customer.Fields {
	p.Typed, p.Seen = map[string]string{}, map[string]string{}
	for _, name := range editFields {
		p.Typed[name], p.Seen[name] = p.Now[name], p.Now[name]
		if r.PostForm.Has("seen_" + name) {
			p.Seen[name] = r.PostFormValue("seen_" + name)
			p.Typed[name] = p.Seen[name]
		}
		if r.PostForm.Has(name) {
			p.Typed[name] = r.PostFormValue(name)
		}
	}
	t := p.Typed
	return customer.Fields{Name: t["name"], Kind: customer.Kind(t["kind"]), Street: t["street"], PostalCode: t["postal_code"], City: t["city"],
		Region: t["region"], Country: t["country"], Language: t["language"], TimeZone: t["time_zone"],
		OwnerID: choice(t["owner"]), BranchID: choice(t["branch"])}
}

func edit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	p.Typed, p.Seen = p.Now, p.Now
	return web.Render(w, r, http.StatusOK, editScreen(p))
}

func saveEdit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadEdit(r, tx)
	if err != nil {
		return err
	}
	changed, err := customer.Edit(r.Context(), tx, p.Customer.ID, version(r), p.read(r))
	switch {
	case errors.Is(err, customer.Moved):
		return p.conflict(w, r, tx)
	case errors.As(err, &p.Errors):
		// The next try is made from what was seen, not from what is there now.
		p.Customer.Version = version(r)
		p.Head = choice(r.PostFormValue("head"))
		return web.Render(w, r, http.StatusUnprocessableEntity, editScreen(p))
	case err != nil:
		return err
	case !changed:
		return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), "Nothing was different, so nothing was changed.")
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "")), "The customer is changed. The journal says what it was before.")
}

// conflict shows the form again beside what somebody else made of the customer:
// what only they changed is taken over, what both changed is left to be decided.
func (p editPage) conflict(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (err error) {
	if p.Others, err = customer.EditsSince(r.Context(), tx, p.Customer.ID, choice(r.PostFormValue("head"))); err != nil {
		return err
	}
	for _, name := range editFields {
		seen, typed, now := p.Seen[name], p.Typed[name], p.Now[name]
		switch {
		case now == seen || now == typed:
		case typed == seen:
			p.Typed[name] = now
			p.Hints[name] = fmt.Sprintf("Changed meanwhile from “%s”, and taken over.", p.label(name, seen))
		default:
			p.Errors.Check(false, name, fmt.Sprintf("Changed meanwhile to “%s”. Yours stands in the field; saving again puts it there.", p.label(name, now)))
		}
	}
	p.Seen = p.Now
	return web.Render(w, r, http.StatusConflict, editScreen(p))
}

// label is a value as people read it.
func (p editPage) label(name, value string) string {
	var options []ui.Option
	switch name {
	case "owner":
		options = p.Owners
	case "branch":
		options = p.Branches
	}
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}
