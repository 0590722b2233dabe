package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Choice is for whom a bulk change is: the customers with these ids, or all that
// fit a filter.
type Choice struct {
	IDs    []int64
	All    bool
	Filter Filter // what All means; its page and order do not matter
}

// ErrAssigning refuses who may not assign customers.
const ErrAssigning = errs.Forbidden("Only managers and administrators assign customers in bulk. Ask one of yours.")

// from names the chosen customers as c. One who was merged into another is not worked,
// and goes with that one.
func (ch Choice) from() string { return ch.named() + " AND " + unmerged }

const unmerged = "c.merged_into IS NULL"

// named is from with those who were merged.
func (ch Choice) named() string {
	if ch.All {
		return ch.Filter.from()
	}
	return `
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.id = ANY(@ids)`
}

func (ch Choice) args(tx *tenant.Tx) pgx.NamedArgs {
	args := ch.Filter.args(tx)
	args["ids"] = ch.IDs
	return args
}

// CountChosen tells how many customers a choice is; those who were merged into others
// are not counted. One that names a customer who is not there, or none at all, is refused.
func CountChosen(ctx context.Context, tx *tenant.Tx, ch Choice) (n int, err error) {
	if !CanAssign(tx.Actor) {
		return 0, ErrAssigning
	}
	var named int
	err = tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE `+unmerged+`)`+ch.named(), ch.args(tx)).Scan(&named, &n)
	if err != nil {
		return 0, fmt.Errorf("count chosen customers: %w", err)
	}
	if !ch.All {
		ids := slices.Compact(slices.Sorted(slices.Values(ch.IDs)))
		if named != len(ids) {
			return 0, errs.NotFound
		}
	}
	if n == 0 && named > 0 {
		return 0, errs.Invalid{"": "Whoever is chosen was merged into another customer. Go back and choose that one."}
	}
	if n == 0 {
		return 0, errs.Invalid{"": "No customer is chosen. Go back and tick some, or change the filter so that it fits somebody."}
	}
	return n, nil
}

// Chosen lists the ids of a choice, in their order. It refuses what CountChosen does.
func Chosen(ctx context.Context, tx *tenant.Tx, ch Choice) ([]int64, error) {
	if _, err := CountChosen(ctx, tx, ch); err != nil {
		return nil, err
	}
	rows, _ := tx.Query(ctx, `SELECT c.id`+ch.from()+` ORDER BY c.id`, ch.args(tx))
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("list chosen customers: %w", err)
	}
	return ids, nil
}

// Assign gives the chosen customers to a member, 0 to nobody, with a note for
// each of those who change hands, and tells how many these are. Those whom the member
// would not see stay where they are, and are counted too; only such are refused.
func Assign(ctx context.Context, tx *tenant.Tx, ch Choice, owner int64) (moved, left int, err error) {
	if _, err := CountChosen(ctx, tx, ch); err != nil {
		return 0, 0, err
	}
	name, branch, err := newOwner(ctx, tx, owner)
	if err != nil {
		return 0, 0, err
	}
	args := ch.args(tx)
	args["to"] = owner
	// The order in which they are locked is that of all who lock several.
	rows, _ := tx.Query(ctx, `
		WITH chosen AS (
			SELECT c.id, c.owner_id, c.branch_id`+ch.from()+`
			ORDER BY c.id
			FOR NO KEY UPDATE OF c
		), asked AS (
			SELECT c.id, c.owner_id AS had, @to::bigint = 0 OR `+member.Sees("t", "m", "c.branch_id")+` AS sees
			FROM chosen c
			JOIN tenants t ON t.id = @tenant
			LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = @to
			WHERE c.owner_id IS DISTINCT FROM nullif(@to::bigint, 0)
		), changed AS (
			UPDATE customers c
			SET owner_id = nullif(@to::bigint, 0), version = c.version + 1
			FROM asked a
			WHERE c.tenant_id = @tenant AND c.id = a.id AND a.sees
		)
		SELECT a.id, coalesce(u.name, 'nobody'), a.sees
		FROM asked a
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = a.had
		LEFT JOIN users u ON u.id = m.user_id
		ORDER BY a.id`, args)
	var notes []note.New
	var id int64
	var had string
	var sees bool
	_, err = pgx.ForEachRow(rows, []any{&id, &had, &sees}, func() error {
		if !sees {
			left++
			return nil
		}
		notes = append(notes, note.New{CustomerID: id, Kind: "changed", Text: fmt.Sprintf("Changed owner from %s to %s.", had, name)})
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("assign customers: %w", err)
	}
	if left > 0 && len(notes) == 0 {
		return 0, left, errs.Invalid{"owner": sight(name, branch) + ", so nobody was given away. Choose somebody of the customers’ branch, a manager or an administrator."}
	}
	for part := range slices.Chunk(notes, 50_000) {
		if err := note.AddMany(ctx, tx, part); err != nil {
			return 0, 0, err
		}
	}
	return len(notes), left, nil
}

// newOwner is the name of who gets the customers, and of the member's branch.
func newOwner(ctx context.Context, tx *tenant.Tx, id int64) (name, branch string, err error) {
	if id == 0 {
		return "nobody", "", nil
	}
	err = tx.QueryRow(ctx, `
		SELECT u.name, coalesce(b.name, '')
		FROM members m
		JOIN users u ON u.id = m.user_id
		LEFT JOIN branches b ON b.tenant_id = $1 AND b.id = m.branch_id
		WHERE m.tenant_id = $1 AND m.id = $2 AND m.active`, tx.Actor.TenantID, id).Scan(&name, &branch)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", errs.Invalid{"owner": "There is no such member. Choose one of the list."}
	}
	if err != nil {
		return "", "", fmt.Errorf("find the new owner: %w", err)
	}
	return name, branch, nil
}
