// Package customer has the debtors: who they are, where they live, who in the
// company works them. What they owe is the ledger's, what happened to them stands
// in their journal.
package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Kind tells a business from a consumer: the law differs.
type Kind string

// The kinds of customers.
const (
	Business Kind = "business"
	Consumer Kind = "consumer"
)

// Kinds lists the kinds of customers.
var Kinds = []Kind{Business, Consumer}

// Customer is a debtor.
type Customer struct {
	ID         int64
	Number     string
	Name       string
	Kind       Kind
	Street     string
	PostalCode string
	City       string
	Region     string
	Country    string // ISO 3166, two letters; empty: not known
	Language   string // ISO 639, two letters; empty: the tenant's
	TimeZone   string // an IANA name; empty: the tenant's
	OwnerID    *int64 // the member who works this customer
	Owner      string
	BranchID   *int64
	Branch     string
	ArchivedAt *time.Time
	Version    int
}

// Address is the postal address in one line, empty where none is known.
func (c Customer) Address() string {
	var parts []string
	for _, p := range []string{c.Street, strings.TrimSpace(c.PostalCode + " " + c.City), c.Region, c.Country} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// Find reads a customer of the tenant.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Customer, error) {
	rows, _ := tx.Query(ctx, `
		SELECT c.id, c.number, c.name, c.kind, c.street, c.postal_code, c.city, c.region, c.country, c.language, c.time_zone,
			c.owner_id, coalesce(u.name, '') AS owner, c.branch_id, coalesce(b.name, '') AS branch, c.archived_at, c.version
		FROM customers c
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = c.owner_id
		LEFT JOIN users u ON u.id = m.user_id
		LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = c.branch_id
		WHERE c.tenant_id = @tenant AND c.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Customer])
	if errors.Is(err, pgx.ErrNoRows) {
		return Customer{}, errs.NotFound
	}
	if err != nil {
		return Customer{}, fmt.Errorf("find customer: %w", err)
	}
	return c, nil
}
