package merge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// Count is how much there is of something.
type Count struct {
	One, Many string // its words
	N         int
}

// String says it with its word: "2 accounts".
func (c Count) String() string {
	if c.N == 1 {
		return "1 " + c.One
	}
	return fmt.Sprintf("%d %s", c.N, c.Many)
}

// kinds are what is counted of the duplicate; who names the column of whoever is to do
// it, where somebody is.
var kinds = []struct{ one, many, who, from string }{
	{"account", "accounts", "", `accounts x WHERE x.tenant_id = @tenant AND x.customer_id = @from`},
	{"open item", "open items", "", `items x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.open_amount <> 0`},
	{"payment", "payments", "", `payments x WHERE x.tenant_id = @tenant AND x.customer_id = @from`},
	{"open promise", "open promises", "assignee_id", `promises x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.open`},
	{"open follow-up", "open follow-ups", "assignee_id", `follow_ups x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.ended IS NULL`},
	{"open contact", "open contacts", "assignee_id", `contacts x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.ended IS NULL`},
	{"open case", "open cases", "owner_id", `cases x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.open`},
	{"entry of the inbox", "entries of the inbox", "assignee_id", `inbox_entries x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.state = 'open'`},
	{"number or address", "numbers and addresses", "", `contact_points x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.retired_at IS NULL`},
	{"stop", "stops", "", `stops x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.lifted_at IS NULL`},
	{"vehicle", "vehicles", "", `vehicles x WHERE x.tenant_id = @tenant AND x.customer_id = @from`},
	{"message", "messages", "", `messages x WHERE x.tenant_id = @tenant AND x.customer_id = @from`},
	{"document", "documents", "", `documents x WHERE x.tenant_id = @tenant AND x.customer_id = @from AND x.removed_at IS NULL`},
}

// strangers are the members who do not see the one who stays: collectors of another
// branch, where collectors see their branch only.
var strangers = `(
	SELECT m.id
	FROM members m
	JOIN tenants t ON t.id = @tenant
	JOIN customers c ON c.tenant_id = @tenant AND c.id = @into
	WHERE m.tenant_id = @tenant AND NOT ` + member.Sees("t", "m", "c.branch_id") + `)`

// count counts what moves, and what of it is with strangers.
func (v *Preview) count(ctx context.Context, tx *tenant.Tx) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": v.From.ID, "into": v.Into.ID}
	b := tx.Batch()
	read := func(c *Count, one, many, sql string) {
		*c = Count{One: one, Many: many}
		b.Queue("count what moves", sql, args, func(rows pgx.Rows) (err error) {
			c.N, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
			return err
		})
	}
	v.Moves, v.Unseen = make([]Count, len(kinds)), make([]Count, len(kinds))
	for i, k := range kinds {
		read(&v.Moves[i], k.one, k.many, `SELECT count(*) FROM `+k.from)
		if k.who != "" {
			read(&v.Unseen[i], k.one, k.many, `SELECT count(*) FROM `+k.from+` AND x.`+k.who+` IN `+strangers)
		}
	}
	b.Queue("see who sees the one who stays", `
		SELECT coalesce(d.owner_id IN `+strangers+`, false)
		FROM customers d
		WHERE d.tenant_id = @tenant AND d.id = @from`, args, func(rows pgx.Rows) (err error) {
		v.strange, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
		return err
	})
	err := b.Send(ctx)
	none := func(c Count) bool { return c.N == 0 }
	v.Moves, v.Unseen = slices.DeleteFunc(v.Moves, none), slices.DeleteFunc(v.Unseen, none)
	return err
}

// words list what moves: "2 accounts, 1 stop".
func (v Preview) words() string {
	if len(v.Moves) == 0 {
		return "nothing but its journal"
	}
	return strings.Join(each(v.Moves), ", ")
}

// unseen says what nobody will see in their diary until it is handed over.
func (v Preview) unseen() string {
	switch list := each(v.Unseen); {
	case len(list) == 0:
		return ""
	case len(list) == 1 && v.Unseen[0].N == 1:
		return list[0] + " is with somebody of another branch, who will not see it: hand it over."
	case len(list) == 1:
		return list[0] + " are with people of another branch, who will not see them: hand them over."
	default:
		last := len(list) - 1
		return strings.Join(list[:last], ", ") + " and " + list[last] + " are with people of another branch, who will not see them: hand them over."
	}
}

func each(counts []Count) []string {
	list := make([]string, len(counts))
	for i, c := range counts {
		list[i] = c.String()
	}
	return list
}
