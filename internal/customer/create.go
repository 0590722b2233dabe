package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// New is a customer as a person enters one.
type New struct {
	Number     string
	Name       string
	Kind       Kind
	Street     string
	PostalCode string
	City       string
	Country    string // two letters in any case; may be empty
	OwnerID    int64  // 0: nobody yet
	BranchID   int64  // 0: none
}

// ErrOnlyManagers refuses who may not add customers.
const ErrOnlyManagers = errs.Forbidden("Only managers and admins add customers. Ask yours.")

// CanCreate tells whether the actor may add customers: who may import them.
func CanCreate(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Create adds a customer with a trade account of the same number, and a note.
func Create(ctx context.Context, tx *tenant.Tx, n New) (int64, error) {
	if !CanCreate(tx.Actor) {
		return 0, ErrOnlyManagers
	}
	if err := n.check(); err != nil {
		return 0, err
	}
	if _, err := places(ctx, tx, Fields{}, Fields{OwnerID: n.OwnerID, BranchID: n.BranchID}); err != nil {
		return 0, err
	}
	var id int64
	err := tx.QueryRow(ctx, `
		WITH added AS (
			INSERT INTO customers (number, name, kind, street, postal_code, city, country, owner_id, branch_id)
			VALUES (@number, @name, @kind, @street, @postal_code, @city, @country, nullif(@owner, 0), nullif(@branch, 0))
			RETURNING id
		)
		INSERT INTO accounts (customer_id, kind, number)
		SELECT id, 'trade', @number FROM added
		RETURNING customer_id`,
		pgx.NamedArgs{"number": n.Number, "name": n.Name, "kind": n.Kind, "street": n.Street, "postal_code": n.PostalCode,
			"city": n.City, "country": n.Country, "owner": n.OwnerID, "branch": n.BranchID}).Scan(&id)
	if err != nil {
		return 0, creating(err)
	}
	tx.Touch(id)
	_, err = note.Add(ctx, tx, note.New{CustomerID: id, Kind: "created", Text: fmt.Sprintf("Created as %s customer %s, %s.", n.Kind, n.Number, n.Name)})
	return id, err
}

// check brings the texts into form and refuses what does not fit.
func (n *New) check() error {
	var inv errs.Invalid
	tidy(&inv, &n.Number, "number", 60) // some books have numbers as long as a card's
	inv.Check(n.Number != "", "number", "Give the number by which your books know the customer.")
	explain(&inv, &n.Name, "name", 200, "Give the customer's name.")
	tidy(&inv, &n.Street, "street", 300)
	tidy(&inv, &n.PostalCode, "postal_code", 20)
	tidy(&inv, &n.City, "city", 120)
	inv.Check(slices.Contains(Kinds, n.Kind), "kind", "Choose business or consumer.")
	checkCountry(&inv, &n.Country)
	return inv.Err()
}

func creating(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.ConstraintName {
		case "customers_tenant_id_number_key":
			return errs.Invalid{"number": "There is a customer with this number already. Open that one, or give another number."}
		case "accounts_tenant_id_number_key":
			return errs.Invalid{"number": "There is an account with this number already. Give another number."}
		}
	}
	return fmt.Errorf("create customer: %w", err)
}
