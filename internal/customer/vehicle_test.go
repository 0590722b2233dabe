package customer_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func (d *desk) addVehicle(t *testing.T, who tenant.Who, v customer.Vehicle) (id int64, err error) {
	t.Helper()
	err = d.do(t, who, func(tx *tenant.Tx) (err error) {
		id, err = customer.AddVehicle(t.Context(), tx, d.id, v)
		return err
	})
	return id, err
}

func volvo() customer.Vehicle {
	year := 2019
	return customer.Vehicle{Registration: " ab 12345", Make: "Volvo", Model: "FH", Year: &year, VIN: "yv2rt40a8 kb123456"}
}

func TestVehicles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := volvo()
	v.AccountID = &d.account
	id, err := d.addVehicle(t, d.acme.Collector, v)
	if err != nil {
		t.Fatal(err)
	}
	find := func(who tenant.Who) (v customer.Vehicle, err error) {
		err = d.do(t, who, func(tx *tenant.Tx) (err error) {
			v, err = customer.FindVehicle(t.Context(), tx, d.id, id)
			return err
		})
		return v, err
	}
	got, err := find(d.acme.Collector)
	if err != nil || got.Registration != "AB 12345" || got.VIN != "YV2RT40A8KB123456" || got.Account != "100" || got.Name() != "Volvo FH 2019, AB 12345" {
		t.Errorf("the vehicle is %+v (%v)", got, err)
	}
	if _, err := find(d.beta.Admin); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant: %v", err)
	}
	got.Registration, got.Year = "AB 12346", nil
	edit := func() error {
		return d.do(t, d.acme.Collector, func(tx *tenant.Tx) error { return customer.EditVehicle(t.Context(), tx, d.id, got) })
	}
	if err := edit(); err != nil {
		t.Fatal(err)
	}
	if err := edit(); !conflict(err) {
		t.Errorf("edited from an older page: %v", err)
	}
	retire := func(version int) error {
		return d.do(t, d.acme.Collector, func(tx *tenant.Tx) error { return customer.RetireVehicle(t.Context(), tx, d.id, id, version) })
	}
	if err := retire(1); !conflict(err) {
		t.Errorf("retired from an older page: %v", err)
	}
	if err := retire(2); err != nil {
		t.Fatal(err)
	}
	if err := retire(3); !conflict(err) {
		t.Errorf("retired twice: %v", err)
	}
	d.said(t, "vehicle: Added vehicle Volvo FH 2019, AB 12345, VIN YV2RT40A8KB123456.",
		"vehicle: Changed vehicle from Volvo FH 2019, AB 12345, VIN YV2RT40A8KB123456 to Volvo FH, AB 12346, VIN YV2RT40A8KB123456.",
		"vehicle: No longer the customer's: Volvo FH, AB 12346")
}

func TestVehicleRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []struct {
		name   string
		change func(*customer.Vehicle)
		field  string
	}{
		{"neither plate nor VIN", func(v *customer.Vehicle) { v.Registration, v.VIN = "", "" }, "registration"},
		{"a long plate", func(v *customer.Vehicle) { v.Registration = strings.Repeat("A", 21) }, "registration"},
		{"an O in the VIN", func(v *customer.Vehicle) { v.VIN = "YVO" }, "vin"},
		{"a long VIN", func(v *customer.Vehicle) { v.VIN = strings.Repeat("A", 18) }, "vin"},
		{"the year 1899", func(v *customer.Vehicle) { *v.Year = 1899 }, "year"},
		{"the year 2101", func(v *customer.Vehicle) { *v.Year = 2101 }, "year"},
		{"another tenant's account", func(v *customer.Vehicle) { v.AccountID = &d.theirAccount }, "account"},
	} {
		v := volvo()
		c.change(&v)
		if _, err := d.addVehicle(t, d.acme.Collector, v); !invalid(err, c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	lorry, err := d.addVehicle(t, d.acme.Collector, volvo())
	if err != nil {
		t.Fatal(err)
	}
	other, err := d.addVehicle(t, d.acme.Collector, customer.Vehicle{Registration: "CD 1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.addVehicle(t, d.acme.Collector, customer.Vehicle{Registration: "AB-12 345"}); !invalid(err, "registration") {
		t.Errorf("the same plate, spaced otherwise: %v", err)
	}
	err = d.do(t, d.acme.Collector, func(tx *tenant.Tx) error {
		return customer.EditVehicle(t.Context(), tx, d.id, customer.Vehicle{ID: other, Version: 1, Registration: "CD 1", VIN: volvo().VIN})
	})
	if !invalid(err, "vin") {
		t.Errorf("the same VIN: %v", err)
	}
	err = d.do(t, d.acme.Collector, func(tx *tenant.Tx) error { return customer.RetireVehicle(t.Context(), tx, d.id, lorry, 1) })
	if _, again := d.addVehicle(t, d.acme.Collector, volvo()); err != nil || again != nil {
		t.Errorf("one that was retired: %v, %v", err, again)
	}
	if _, err := d.addVehicle(t, d.beta.Admin, volvo()); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant: %v", err)
	}
}
