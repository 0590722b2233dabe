package contact

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Choices are what the form of a contact offers, or the filter of a list.
type Choices struct {
	Departments []Choice
	Types       []Type // by their groups, all of them
	Origins     []Entry
	Strengths   []Entry
	Members     []Person
	Vehicles    []Choice // the customer's
	Branches    []Choice
	Groups      []Entry
}

// Choice is something to choose by its name.
type Choice struct {
	ID   int64
	Name string
}

// Person is a member to choose, with where they work.
type Person struct {
	ID           int64
	Name         string
	Branch       string
	DepartmentID int64 // 0: none
}

// QueueChoices asks for what there is to choose for a contact with the customer.
func QueueChoices(b *tenant.Batch, customerID int64, into *Choices) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID}
	b.Queue("list departments", `
		SELECT d.id, d.name
		FROM departments d
		WHERE d.tenant_id = @tenant AND d.retired_at IS NULL
		ORDER BY d.position, lower(d.name), d.id`, args, tenant.Into(&into.Departments))
	queueTypes(b, "0", &into.Types)
	Origins.queue(b, "0", " AND e.retired_at IS NULL", &into.Origins)
	Strengths.queue(b, "0", " AND e.retired_at IS NULL", &into.Strengths)
	queueMembers(b, &into.Members)
	b.Queue("list the customer's vehicles", `
		SELECT v.id, concat_ws(', ', nullif(concat_ws(' ', nullif(v.make, ''), nullif(v.model, '')), ''), coalesce(nullif(v.registration, ''), v.vin)) AS name
		FROM vehicles v
		WHERE v.tenant_id = @tenant AND v.customer_id = @customer AND v.retired_at IS NULL
		ORDER BY v.id`, args, tenant.Into(&into.Vehicles))
}

// QueueFilters asks for what the customer's contacts can be filtered by, in one
// query: everything that may stand in one, also what is out of use.
func QueueFilters(b *tenant.Batch, into *Choices) {
	b.Queue("list what contacts are filtered by", `
		SELECT 1 AS part, d.id, d.name, lower(d.name) AS place FROM departments d WHERE d.tenant_id = @tenant
		UNION ALL
		SELECT 2, x.id, x.name, lower(x.name) FROM branches x WHERE x.tenant_id = @tenant
		UNION ALL
		SELECT 3, g.id, g.name, to_char(g.position, '000000') FROM contact_groups g WHERE g.tenant_id = @tenant
		UNION ALL
		SELECT 4, m.id, u.name, lower(u.name) FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = @tenant
		ORDER BY part, place, id`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, func(rows pgx.Rows) error {
		var part int
		var c Choice
		var place string
		_, err := pgx.ForEachRow(rows, []any{&part, &c.ID, &c.Name, &place}, func() error {
			switch part {
			case 1:
				into.Departments = append(into.Departments, c)
			case 2:
				into.Branches = append(into.Branches, c)
			case 3:
				into.Groups = append(into.Groups, Entry{ID: c.ID, Name: c.Name})
			default:
				into.Members = append(into.Members, Person{ID: c.ID, Name: c.Name})
			}
			return nil
		})
		return err
	})
}

func queueMembers(b *tenant.Batch, into *[]Person) {
	b.Queue("list who works here", `
		SELECT m.id, u.name, coalesce(x.name, '') AS branch, coalesce(m.department_id, 0) AS department_id
		FROM members m
		JOIN users u ON u.id = m.user_id
		LEFT JOIN branches x ON x.tenant_id = @tenant AND x.id = m.branch_id
		WHERE m.tenant_id = @tenant AND m.active
		ORDER BY lower(u.name), m.id`, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, tenant.Into(into))
}

// Type is a type by its id.
func (c Choices) Type(id int64) (Type, bool) {
	at := slices.IndexFunc(c.Types, func(t Type) bool { return t.ID == id })
	if at < 0 {
		return Type{}, false
	}
	return c.Types[at], true
}

// Member is a member by the id.
func (c Choices) Member(id int64) (Person, bool) {
	at := slices.IndexFunc(c.Members, func(m Person) bool { return m.ID == id })
	if at < 0 {
		return Person{}, false
	}
	return c.Members[at], true
}

// Propose is what a type proposes for the follow-up: the type, which is the same again
// where no other one is offered, and the day; zero: it proposes none.
func (c Choices) Propose(ctx context.Context, tx *tenant.Tx, typeID int64) (next int64, on day.Day, err error) {
	t, there := c.Type(typeID)
	if !there {
		return 0, on, nil
	}
	next = typeID
	if n, there := c.Type(t.NextTypeID); there && n.Offered() {
		next = n.ID
	}
	switch {
	case t.NextDelay < 0:
		return next, on, nil
	case t.NextDelay == 0:
		return next, tx.Today(), nil
	}
	on, err = tenant.NextWorkingDay(ctx, tx, tx.Today(), t.NextDelay)
	return next, on, err
}
