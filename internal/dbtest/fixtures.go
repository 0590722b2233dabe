package dbtest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// Password is what every fixture's member signs in with.
const Password = "a long enough password"

const passwordHash = "$argon2id$v=19$m=19456,t=2,p=1$IkVglkFuLIxWZkGZmPrSOg$Wiedx6A3s4x3kKUxWk/e3tjY50xOcoPKerc+f7JYaOQ"

// Company is a tenant with one member a role, each signed in.
type Company struct {
	ID   int64
	Slug string
	// Who asks for a transaction as that member.
	Collector, Manager, Admin tenant.Who
	// The members' ids.
	CollectorID, ManagerID, AdminID int64
}

// System is the program itself in this company.
func (c *Company) System() tenant.Who { return tenant.System(c.ID) }

// Email is what the member of that role signs in with: manager@acme.example in
// the company with the slug acme.
func (c *Company) Email(role tenant.Role) string { return email(c.Slug, role) }

func email(slug string, role tenant.Role) string { return fmt.Sprintf("%s@%s.example", role, slug) }

// Tenant makes a company in EUR and Oslo's time zone, with an item status of
// each family. Its members are called by slug and role ("acme collector"), so
// that a test can tell whose name it sees.
func Tenant(t testing.TB, db *Database, slug string) *Company {
	t.Helper()
	c := &Company{Slug: slug}
	var err error
	n := tenant.New{Slug: slug, Name: "Company " + slug, Currency: "EUR", TimeZone: "Europe/Oslo", Language: "en", Trial: true}
	c.ID, err = db.Create(t.Context(), n, func(tx *tenant.Tx) error {
		c.CollectorID, c.Collector = Member(t, tx, slug, tenant.Collector)
		c.ManagerID, c.Manager = Member(t, tx, slug, tenant.Manager)
		c.AdminID, c.Admin = Member(t, tx, slug, tenant.Admin)
		return ledger.Seed(t.Context(), tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Member adds one, who is signed in, to the company: the person is called after slug.
func Member(t testing.TB, tx *tenant.Tx, slug string, role tenant.Role) (int64, tenant.Who) {
	t.Helper()
	who := tenant.Who{TenantID: tx.Actor.TenantID}
	var id int64
	err := tx.QueryRow(t.Context(), `
		WITH person AS (
			INSERT INTO users (email, name, password_hash)
			VALUES (@email, @name, @hash)
			RETURNING id
		), joined AS (
			INSERT INTO members (user_id, role)
			SELECT id, @role FROM person
			RETURNING id
		), signed AS (
			INSERT INTO sign_ins (user_id, session_epoch)
			SELECT id, 1 FROM person
			RETURNING id
		)
		SELECT joined.id, signed.id FROM joined, signed`,
		pgx.NamedArgs{"email": email(slug, role), "name": slug + " " + string(role), "hash": passwordHash, "role": role}).Scan(&id, &who.SignInID)
	if err != nil {
		t.Fatal(err)
	}
	return id, who
}
