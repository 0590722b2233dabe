package customers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// vehiclePage is one vehicle, or the form of a new one.
type vehiclePage struct {
	Customer customer.Customer
	Vehicle  customer.Vehicle // as it stands; zero: a new one
	Accounts []ledger.Account

	Registration, Make, Model, Year, VIN, Account string // as typed
	Errors                                        errs.Invalid
}

// loadVehicle reads what the page needs; a new vehicle where the address names
// none.
func loadVehicle(r *http.Request, tx *tenant.Tx) (p vehiclePage, err error) {
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	if p.Accounts, err = ledger.AccountsOf(r.Context(), tx, p.Customer.ID); err != nil || chi.URLParam(r, "vehicle") == "" {
		return p, err
	}
	if p.Vehicle, err = customer.FindVehicle(r.Context(), tx, p.Customer.ID, web.ID(r, "vehicle")); err != nil {
		return p, err
	}
	v := p.Vehicle
	p.Registration, p.Make, p.Model, p.VIN = v.Registration, v.Make, v.Model, v.VIN
	if v.Year != nil {
		p.Year = strconv.Itoa(*v.Year)
	}
	if v.AccountID != nil {
		p.Account = strconv.FormatInt(*v.AccountID, 10)
	}
	return p, nil
}

// typed reads the form and makes the domain's vehicle of it.
func (p *vehiclePage) typed(r *http.Request) customer.Vehicle {
	p.Registration, p.Make, p.Model = r.PostFormValue("registration"), r.PostFormValue("make"), r.PostFormValue("model")
	p.Year, p.VIN, p.Account = strings.TrimSpace(r.PostFormValue("year")), r.PostFormValue("vin"), r.PostFormValue("account")
	v := customer.Vehicle{ID: p.Vehicle.ID, Version: version(r), Registration: p.Registration, Make: p.Make, Model: p.Model, VIN: p.VIN}
	if p.Year != "" {
		year, _ := strconv.Atoi(p.Year) // what is no number is no year
		v.Year = &year
	}
	if p.Account != "" {
		id := choice(p.Account)
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
	return saveVehicle(w, r, tx, "The vehicle is there.", func(ctx context.Context, p vehiclePage, v customer.Vehicle) error {
		_, err := customer.AddVehicle(ctx, tx, p.Customer.ID, v)
		return err
	})
}

func editVehicle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return saveVehicle(w, r, tx, "The vehicle is changed.", func(ctx context.Context, p vehiclePage, v customer.Vehicle) error {
		return customer.EditVehicle(ctx, tx, p.Customer.ID, v)
	})
}

func saveVehicle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, flash string, save func(context.Context, vehiclePage, customer.Vehicle) error) error {
	p, err := loadVehicle(r, tx)
	if err != nil {
		return err
	}
	err = save(r.Context(), p, p.typed(r))
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, vehicleScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, back(p.Customer), flash)
}

func retireVehicle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "customer")
	if err := customer.RetireVehicle(r.Context(), tx, id, web.ID(r, "vehicle"), version(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(id, "/account")), "The vehicle is no longer the customer's. It stays on record.")
}
