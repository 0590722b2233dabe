package customer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// PointKind tells a telephone number from an e-mail address.
type PointKind string

// The kinds of contact points.
const (
	Phone PointKind = "phone"
	Email PointKind = "email"
)

// PointKinds lists the kinds of contact points.
var PointKinds = []PointKind{Phone, Email}

// Name is the kind as people read it.
func (k PointKind) Name() string {
	if k == Email {
		return "e-mail"
	}
	return string(k)
}

// Channels are the ways in which a point of the kind can be used.
func (k PointKind) Channels() []Channel {
	if k == Phone {
		return []Channel{Call, SMS}
	}
	return []Channel{Mail}
}

// Role is what the person behind a contact point is to the debt.
type Role string

// The roles. A third party never hears of the debt.
const (
	Debtor         Role = "debtor"
	Borrower       Role = "borrower"
	CoBorrower     Role = "co_borrower"
	Guarantor      Role = "guarantor"
	Representative Role = "representative"
	ThirdParty     Role = "third_party"
)

// Roles lists the roles, the nearest to the debt first.
var Roles = []Role{Debtor, Borrower, CoBorrower, Guarantor, Representative, ThirdParty}

// Name is the role as people read it.
func (r Role) Name() string {
	switch r {
	case CoBorrower:
		return "co-borrower"
	case ThirdParty:
		return "third party"
	}
	return string(r)
}

// ContactPoint is one telephone number or e-mail address of a customer, with the
// person behind it.
type ContactPoint struct {
	ID         int64
	CustomerID int64
	AccountID  *int64 // nil: for all accounts
	Account    string
	Kind       PointKind
	Value      string // E.164, or an address in small letters
	Person     string
	Title      string
	Role       Role
	Preferred  bool
	Retired    bool
	BadAt      *time.Time // since then what is sent there comes back; see Bad
	BadWhy     string
	Version    int
	// Permissions has what counts of each channel; a channel of which nothing was
	// ever said is not in it.
	Permissions []Permission
}

// Shown is the value as people read it.
func (p ContactPoint) Shown() string {
	if p.Kind == Phone {
		return showPhone(p.Value).international
	}
	return p.Value
}

// National is a telephone number as it is dialled within its country.
func (p ContactPoint) National() string {
	if p.Kind == Phone {
		return showPhone(p.Value).national
	}
	return ""
}

// Link is where a click on the value leads: the telephone or the mail program.
func (p ContactPoint) Link() string {
	if p.Kind == Phone {
		return "tel:" + p.Value
	}
	return "mailto:" + p.Value
}

// Whose names the person, the value where none is known.
func (p ContactPoint) Whose() string {
	if p.Person == "" {
		return p.Shown()
	}
	return p.Person
}

// Permission is what counts of the channel; its State is empty where nothing was
// ever said.
func (p ContactPoint) Permission(ch Channel) Permission {
	for _, known := range p.Permissions {
		if known.Channel == ch {
			return known
		}
	}
	return Permission{Channel: ch}
}

// queuePoints asks in a batch for the contact points p that fit, with what was said of
// them: the latest of each channel. of is the condition on the customer_id of either.
func queuePoints(b *tenant.Batch, customers []int64, of, fit string, args pgx.NamedArgs, into *[]ContactPoint) {
	b.Queue("list contact points", `
		SELECT p.id, p.customer_id, p.account_id,
			CASE WHEN p.account_id IS NULL THEN '' ELSE (SELECT a.number FROM accounts a WHERE a.tenant_id = @tenant AND a.id = p.account_id) END AS account, p.kind, p.value, p.person, p.title, p.role, p.preferred,
			p.retired_at IS NOT NULL AS retired, p.bad_at, p.bad_why, p.version
		FROM contact_points p
		WHERE p.tenant_id = @tenant AND NOT p.former AND p.customer_id `+of+fit+orderPoints, args, func(rows pgx.Rows) (err error) {
		*into, err = tenant.Collect(rows, pgx.RowToAddrOfStructByNameLax[ContactPoint])
		return err
	})
	b.Seldom("list permissions", tenant.Permissions, customers, `
		SELECT DISTINCT ON (s.contact_point_id, s.channel) s.contact_point_id AS point_id, s.id, s.channel, s.state, s.given_on, s.source, s.review_on,
			s.evidence, s.at, coalesce(u.name, 'Dunwell') AS by
		FROM permissions s
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = s.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE s.tenant_id = @tenant AND s.customer_id `+of+`
		ORDER BY s.contact_point_id, s.channel, s.id DESC`, args, func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct {
			PointID int64
			Permission
		}])
		for _, said := range list {
			if i := slices.IndexFunc(*into, func(p ContactPoint) bool { return p.ID == said.PointID }); i >= 0 {
				(*into)[i].Permissions = append((*into)[i].Permissions, said.Permission)
			}
		}
		return err
	})
}

// FindPoint reads one contact point of the customer.
func FindPoint(ctx context.Context, tx *tenant.Tx, customer, id int64) (ContactPoint, error) {
	var found []ContactPoint
	b := tx.Batch()
	queuePoints(b, []int64{customer}, `= @customer`, ` AND p.id = @id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id}, &found)
	if err := b.Send(ctx); err != nil {
		return ContactPoint{}, err
	}
	if len(found) == 0 {
		return ContactPoint{}, errs.NotFound
	}
	return found[0], nil
}

// Point is a contact point as a person enters it.
type Point struct {
	Kind      PointKind
	Value     string // a number or an address as written
	Person    string
	Title     string
	Role      Role
	AccountID int64 // 0: for all accounts
	Preferred bool  // takes the place of the one that was
}

// check brings the point into form and refuses what does not fit.
func (p *Point) check(country string) error {
	var inv errs.Invalid
	tidy(&inv, &p.Person, "person", 120)
	tidy(&inv, &p.Title, "title", 120)
	inv.Check(slices.Contains(PointKinds, p.Kind), "kind", "Choose phone or e-mail.")
	inv.Check(slices.Contains(Roles, p.Role), "role", "Choose what the person is to the debt.")
	var err error
	if p.Kind == Email {
		p.Value, err = ParseEmail(p.Value)
	} else {
		p.Value, err = ParsePhone(p.Value, country)
	}
	var wrong errs.Invalid
	if errors.As(err, &wrong) {
		inv.Check(false, "value", wrong["value"])
	}
	return inv.Err()
}

// describe is the point in words, for its note.
func (p Point) describe() string {
	words := []string{ContactPoint{Kind: p.Kind, Value: p.Value}.Shown()}
	for _, w := range []string{p.Person, p.Title, p.Role.Name()} {
		if w != "" {
			words = append(words, w)
		}
	}
	if p.Preferred {
		words = append(words, "preferred")
	}
	return p.Kind.Name() + " " + strings.Join(words, ", ")
}
