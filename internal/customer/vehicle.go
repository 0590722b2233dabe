package customer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Vehicle is one that a customer has, perhaps as the security of a loan.
type Vehicle struct {
	ID           int64
	CustomerID   int64
	AccountID    *int64 // the loan that it secures
	Account      string
	Registration string // as written on the plate
	Make         string
	Model        string
	Year         *int
	VIN          string
	Retired      bool
	Version      int
}

// Name is the vehicle in a few words: "Volvo FH 2019, AB 12345".
func (v Vehicle) Name() string {
	words := []string{v.Make, v.Model}
	if v.Year != nil {
		words = append(words, fmt.Sprint(*v.Year))
	}
	plate := v.Registration
	if plate == "" {
		plate = v.VIN
	}
	name := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	if name == "" {
		return plate
	}
	return name + ", " + plate
}

const selectVehicles = `
	SELECT v.id, v.customer_id, v.account_id, coalesce(a.number, '') AS account, v.registration, v.make, v.model, v.year, v.vin,
		v.retired_at IS NOT NULL AS retired, v.version
	FROM vehicles v
	LEFT JOIN accounts a ON a.tenant_id = @tenant AND a.id = v.account_id
	WHERE v.tenant_id = @tenant AND v.customer_id = @customer`

// FindVehicle reads one vehicle of the customer.
func FindVehicle(ctx context.Context, tx *tenant.Tx, customer, id int64) (Vehicle, error) {
	rows, _ := tx.Query(ctx, selectVehicles+` AND v.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id})
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Vehicle])
	if errors.Is(err, pgx.ErrNoRows) {
		return v, errs.NotFound
	}
	if err != nil {
		return v, fmt.Errorf("find vehicle: %w", err)
	}
	return v, nil
}

var vin = regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{0,17}$`)

func (v *Vehicle) check() error {
	var inv errs.Invalid
	v.Registration, v.VIN = strings.ToUpper(v.Registration), strings.ToUpper(strings.ReplaceAll(v.VIN, " ", ""))
	tidy(&inv, &v.Registration, "registration", 20)
	tidy(&inv, &v.Make, "make", 60)
	tidy(&inv, &v.Model, "model", 60)
	inv.Check(v.Registration != "" || v.VIN != "", "registration", "Give the registration, or the VIN below.")
	inv.Check(vin.MatchString(v.VIN), "vin", "A VIN has at most 17 letters and digits, without I, O and Q.")
	inv.Check(v.Year == nil || *v.Year >= 1900 && *v.Year <= 2100, "year", "Give a year such as 2019, or leave it empty.")
	return inv.Err()
}

// alone refuses a vehicle that the customer has already, by its plate, however that is
// spaced, or by its VIN.
func (v Vehicle) alone(ctx context.Context, tx *tenant.Tx, customer int64) error {
	rows, _ := tx.Query(ctx, selectVehicles+` AND v.retired_at IS NULL AND v.id <> @id
		AND (v.vin = @vin AND v.vin <> '' OR v.registration <> '' AND translate(v.registration, ' -', '') = translate(@registration, ' -', ''))
	LIMIT 1`, v.args(tx, customer))
	same, err := pgx.CollectRows(rows, pgx.RowToStructByName[Vehicle])
	if err != nil {
		return fmt.Errorf("look for the same vehicle: %w", err)
	}
	if len(same) == 0 {
		return nil
	}
	field := "registration"
	if v.VIN != "" && v.VIN == same[0].VIN {
		field = "vin"
	}
	return errs.Invalid{field: "This customer has " + same[0].describe() + " already. Change that one where something about it is new."}
}

// AddVehicle adds a vehicle.
func AddVehicle(ctx context.Context, tx *tenant.Tx, customer int64, v Vehicle) (id int64, err error) {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return 0, err
	}
	if err := v.check(); err != nil {
		return 0, err
	}
	if err := v.alone(ctx, tx, customer); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO vehicles (customer_id, account_id, registration, make, model, year, vin)
		VALUES (@customer, @account, @registration, @make, @model, @year, @vin)
		RETURNING id`, v.args(tx, customer)).Scan(&id)
	if err != nil {
		return 0, vehicleRefused(err)
	}
	return id, journal(ctx, tx, customer, "vehicle", "Added vehicle "+v.describe()+".", "vehicle", id)
}

// EditVehicle changes the vehicle v.ID, which still has v.Version.
func EditVehicle(ctx context.Context, tx *tenant.Tx, customer int64, v Vehicle) error {
	was, err := liveVehicle(ctx, tx, customer, v.ID, v.Version)
	if err != nil {
		return err
	}
	if err := v.check(); err != nil {
		return err
	}
	if err := v.alone(ctx, tx, customer); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE vehicles
		SET account_id = @account, registration = @registration, make = @make, model = @model, year = @year, vin = @vin, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, v.args(tx, customer))
	if err != nil {
		return vehicleRefused(err)
	}
	text := fmt.Sprintf("Changed vehicle from %s to %s.", was.describe(), v.describe())
	return journal(ctx, tx, customer, "vehicle", text, "vehicle", v.ID)
}

// RetireVehicle takes a vehicle off the customer; it stays on record.
func RetireVehicle(ctx context.Context, tx *tenant.Tx, customer, id int64, version int) error {
	was, err := liveVehicle(ctx, tx, customer, id, version)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE vehicles
		SET retired_at = @now, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("retire vehicle: %w", err)
	}
	return journal(ctx, tx, customer, "vehicle", "No longer the customer's: "+was.describe()+".", "vehicle", id)
}

// liveVehicle locks the customer and reads a vehicle that is to be changed.
func liveVehicle(ctx context.Context, tx *tenant.Tx, customer, id int64, version int) (Vehicle, error) {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return Vehicle{}, err
	}
	v, err := FindVehicle(ctx, tx, customer, id)
	if err == nil && (v.Version != version || v.Retired) {
		return v, errs.Conflict("Somebody else changed this vehicle meanwhile. Open it again, look at what it says now, and change that.")
	}
	return v, err
}

func (v Vehicle) describe() string {
	if v.VIN == "" || v.Registration == "" {
		return v.Name()
	}
	return v.Name() + ", VIN " + v.VIN
}

func (v Vehicle) args(tx *tenant.Tx, customer int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": v.ID, "account": v.AccountID,
		"registration": v.Registration, "make": v.Make, "model": v.Model, "year": v.Year, "vin": v.VIN}
}

func vehicleRefused(err error) error {
	if violates(err, "vehicles_tenant_id_customer_id_account_id_fkey") {
		return errs.Invalid{"account": "This customer has no such account. Choose one of the list."}
	}
	return fmt.Errorf("write vehicle: %w", err)
}
