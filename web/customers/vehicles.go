package customers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// vehiclePage is one vehicle, or the form of a new one.
type vehiclePage struct {
	Customer customer.Customer
	Vehicle  customer.Vehicle // as it stands; zero: a new one
	ui.Draft
}

// loadVehicle reads what the page needs; a new vehicle where the address names
// none.
func loadVehicle(r *http.Request, tx *tenant.Tx) (p vehiclePage, err error) {
	ctx := r.Context()
	if p.Customer, err = customer.Find(ctx, tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	accounts, err := ledger.AccountsOf(ctx, tx, p.Customer.ID)
	if err != nil {
		return p, err
	}
	head, err := customer.JournalHead(ctx, tx, p.Customer.ID)
	if err != nil {
		return p, err
	}
	if chi.URLParam(r, "vehicle") != "" {
		if p.Vehicle, err = customer.FindVehicle(ctx, tx, p.Customer.ID, web.ID(r, "vehicle")); err != nil {
			return p, err
		}
	}
	v := p.Vehicle
	year := ""
	if v.Year != nil {
		year = strconv.Itoa(*v.Year)
	}
	p.Open(v.Version, head, map[string]string{"registration": v.Registration, "vin": v.VIN, "make": v.Make, "model": v.Model, "year": year,
		"account": idValue(v.AccountID)})
	p.Choices = map[string][]ui.Option{"account": accountOptions(accounts, "No account")}
	p.Gone = v.Retired || p.Customer.ArchivedAt != nil
	return p, nil
}

// vehicle is the domain's, as typed.
func (p *vehiclePage) vehicle() customer.Vehicle {
	t := p.Typed
	v := customer.Vehicle{ID: p.Vehicle.ID, Version: p.Version, Registration: t["registration"], Make: t["make"], Model: t["model"], VIN: t["vin"]}
	if typed := strings.TrimSpace(t["year"]); typed != "" {
		year, _ := strconv.Atoi(typed) // what is no number is no year
		v.Year = &year
	}
	if t["account"] != "" {
		id := choice(t["account"])
		v.AccountID = &id
	}
	return v
}

func showVehicle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadVehicle(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, vehicleScreen(p))
}

func addVehicle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadVehicle(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	_, err = customer.AddVehicle(r.Context(), tx, p.Customer.ID, p.vehicle())
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: back(p.Customer), Flash: "The vehicle is there.", Screen: p.screen,
		Again: late(r, &p.Draft, err, func() (err error) { p, err = loadVehicle(r, tx); return err })})
}

func editVehicle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadVehicle(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	err = customer.EditVehicle(r.Context(), tx, p.Customer.ID, p.vehicle())
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: back(p.Customer), Flash: "The vehicle is changed.", Screen: p.screen, Again: func() (err error) {
		if p, err = loadVehicle(r, tx); err != nil {
			return err
		}
		return web.Rebase(r, tx, &p.Draft, p.Customer.ID, p.Vehicle.ID, "vehicle")
	}})
}

func (p *vehiclePage) screen() templ.Component { return vehicleScreen(*p) }

func retireVehicle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "customer")
	if err := customer.RetireVehicle(r.Context(), tx, id, web.ID(r, "vehicle"), web.Version(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(id, "/account")), "The vehicle is no longer the customer's. It stays on record.")
}
