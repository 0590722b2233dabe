package dunning

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Climb is how an item goes up the levels.
type Climb string

// The ways of climbing. Step: one level after the other, however late an item is.
// Highest: at once to the most severe level that its days have reached.
const (
	Step    Climb = "step"
	Highest Climb = "highest"
)

// AfterLast is what follows the last level.
type AfterLast string

// What may follow. OpenCase opens a case as the last level is done, with the items
// that came to it.
const (
	RepeatLast AfterLast = "repeat"
	AskManager AfterLast = "manager"
	OpenCase   AfterLast = "case"
)

// Policy is an ordered set of levels with what holds for all of them. One without
// levels is for customers who are worked by hand.
type Policy struct {
	ID int64
	Terms
	Default   bool // of customers whom nobody and no rule gives another one
	Levels    []Level
	RetiredAt *time.Time
	Version   int
}

// Terms are what is typed of a policy.
type Terms struct {
	Name       string
	Climb      Climb
	MinGapDays int // between two reminders to a customer, over all channels
	AfterLast  AfterLast
	RepeatDays int            // where the last level repeats
	Minimums   []money.Amount // a customer who owes less in that currency is not reminded of it
}

// CanReadSetup tells who sees how dunning is set up.
func CanReadSetup(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// CanSet tells who may change how dunning is set up.
func CanSet(a tenant.Actor) bool { return a.Is(tenant.Admin) }

func mayReadSetup(a tenant.Actor) error {
	if !CanReadSetup(a) {
		return errs.Forbidden("Only managers and administrators see how dunning is set up.")
	}
	return nil
}

func maySet(a tenant.Actor) error {
	if !CanSet(a) {
		return errs.Forbidden("Only administrators change how dunning is set up. Ask one of yours.")
	}
	return nil
}

// Policies lists the policies with their levels in use: the default first, then by
// name, the retired ones last.
func Policies(ctx context.Context, tx *tenant.Tx) ([]Policy, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return nil, err
	}
	return policies(ctx, tx, `
		ORDER BY p.retired_at DESC NULLS FIRST, p.is_default DESC, lower(p.name), p.id`, pgx.NamedArgs{})
}

// FindPolicy reads a policy with its levels in use.
func FindPolicy(ctx context.Context, tx *tenant.Tx, id int64) (Policy, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return Policy{}, err
	}
	return findPolicy(ctx, tx, id, "")
}

// findPolicy may hold the row, by a locking clause, until the transaction ends.
func findPolicy(ctx context.Context, tx *tenant.Tx, id int64, hold string) (Policy, error) {
	list, err := policies(ctx, tx, ` AND p.id = @id `+hold, pgx.NamedArgs{"id": id})
	if err == nil && len(list) == 0 {
		return Policy{}, fmt.Errorf("policy %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return Policy{}, err
	}
	return list[0], nil
}

// policies reads them with all that belongs to them, in three queries.
func policies(ctx context.Context, tx *tenant.Tx, which string, args pgx.NamedArgs) ([]Policy, error) {
	args["tenant"] = tx.Actor.TenantID
	rows, _ := tx.Query(ctx, `
		SELECT p.id, p.name, p.is_default, p.climb, p.min_gap_days, p.after_last, coalesce(p.repeat_days, 0), p.retired_at, p.version
		FROM policies p
		WHERE p.tenant_id = @tenant`+which, args)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Policy, err error) {
		err = row.Scan(&p.ID, &p.Name, &p.Default, &p.Climb, &p.MinGapDays, &p.AfterLast, &p.RepeatDays, &p.RetiredAt, &p.Version)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	at := map[int64]*Policy{}
	var ids []int64
	for i := range list {
		at[list[i].ID], ids = &list[i], append(ids, list[i].ID)
	}
	if err := addMinimums(ctx, tx, at, ids); err != nil {
		return nil, err
	}
	all, err := levels(ctx, tx, ` AND l.policy_id = ANY(@ids) AND l.retired_at IS NULL`, pgx.NamedArgs{"ids": ids})
	for _, l := range all {
		at[l.PolicyID].Levels = append(at[l.PolicyID].Levels, l)
	}
	return list, err
}

func addMinimums(ctx context.Context, tx *tenant.Tx, at map[int64]*Policy, ids []int64) error {
	rows, _ := tx.Query(ctx, `
		SELECT m.policy_id, m.amount, m.currency
		FROM policy_minimums m
		WHERE m.tenant_id = @tenant AND m.policy_id = ANY(@ids)
		ORDER BY m.currency`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids})
	var policy int64
	var least money.Amount
	_, err := pgx.ForEachRow(rows, []any{&policy, &least.Minor, &least.Currency}, func() error {
		at[policy].Minimums = append(at[policy].Minimums, least)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read minimums: %w", err)
	}
	return nil
}

// PolicyUse tells how many customers have each policy: by choice, by a rule, or
// because it is the default. Archived ones do not count.
func PolicyUse(ctx context.Context, tx *tenant.Tx) (map[int64]int, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return nil, err
	}
	return countBy(ctx, tx, `
		SELECT v.policy_id, count(*)
		FROM customer_policies v
		JOIN customers c ON c.tenant_id = @tenant AND c.id = v.customer_id AND c.archived_at IS NULL
		WHERE v.tenant_id = @tenant AND v.policy_id IS NOT NULL
		GROUP BY v.policy_id`, pgx.NamedArgs{})
}

// ItemsAt tells how many open items of a policy's customers stand at each of its
// levels. Those that no level was reached with are not among them.
func ItemsAt(ctx context.Context, tx *tenant.Tx, policy int64) (map[int64]int, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return nil, err
	}
	return countBy(ctx, tx, `
		SELECT (
				SELECT l.id
				FROM levels l
				WHERE l.tenant_id = @tenant AND l.policy_id = @policy AND l.retired_at IS NULL AND l.after_days <= n.reached_days
				ORDER BY l.after_days DESC
				LIMIT 1) AS level,
			sum(n.items)
		FROM (
			SELECT i.reached_days, count(*) AS items
			FROM items i
			JOIN customer_policies v ON v.tenant_id = @tenant AND v.customer_id = i.customer_id AND v.policy_id = @policy
			WHERE i.tenant_id = @tenant AND i.reached_days IS NOT NULL AND i.open_amount > 0
			GROUP BY i.reached_days) n
		WHERE EXISTS (
			SELECT FROM levels l
			WHERE l.tenant_id = @tenant AND l.policy_id = @policy AND l.retired_at IS NULL AND l.after_days <= n.reached_days)
		GROUP BY level`, pgx.NamedArgs{"policy": policy})
}

func countBy(ctx context.Context, tx *tenant.Tx, sql string, args pgx.NamedArgs) (map[int64]int, error) {
	args["tenant"] = tx.Actor.TenantID
	rows, _ := tx.Query(ctx, sql, args)
	counts := map[int64]int{}
	var (
		id int64
		n  int
	)
	_, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error {
		counts[id] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count what policies are used for: %w", err)
	}
	return counts, nil
}

// Named is something to choose from a list.
type Named struct {
	ID   int64
	Name string
}

// PolicyChoices lists the policies in use by name, for who gives a customer one.
func PolicyChoices(ctx context.Context, tx *tenant.Tx) ([]Named, error) {
	rows, _ := tx.Query(ctx, `
		SELECT p.id, p.name
		FROM policies p
		WHERE p.tenant_id = $1 AND p.retired_at IS NULL
		ORDER BY lower(p.name), p.id`, tx.Actor.TenantID)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Named])
	if err != nil {
		return nil, fmt.Errorf("read policies: %w", err)
	}
	return list, nil
}

// check brings what was typed into form and refuses what cannot be used. The
// message for a minimum stands under min_ and its currency.
func (t *Terms) check() error {
	var inv errs.Invalid
	checkName(&inv, &t.Name, 80)
	inv.Check(t.Climb == Step || t.Climb == Highest, "climb", "Choose how items go up the levels.")
	checkDays(&inv, t.MinGapDays, 0, 365, "min_gap_days")
	inv.Check(slices.Contains([]AfterLast{RepeatLast, AskManager, OpenCase}, t.AfterLast), "after_last", "Choose what follows the last level.")
	if t.AfterLast == RepeatLast {
		checkDays(&inv, t.RepeatDays, 1, 365, "repeat_days")
	} else {
		t.RepeatDays = 0
	}
	t.Minimums = slices.DeleteFunc(slices.Clone(t.Minimums), money.Amount.IsZero)
	slices.SortFunc(t.Minimums, func(a, b money.Amount) int { return cmp.Compare(a.Currency, b.Currency) })
	for _, m := range t.Minimums {
		inv.Check(m.Minor > 0 && m.Minor <= money.Max, "min_"+string(m.Currency), "Give an amount above zero, or leave it empty.")
	}
	return inv.Err()
}

// checkName brings a name into form and refuses one that cannot be used.
func checkName(inv *errs.Invalid, name *string, limit int) {
	tenant.OneLine(inv, name, "name")
	inv.Check(*name != "", "name", "Give it a name, by which people know it.")
	inv.Check(utf8.RuneCountInString(*name) <= limit, "name", fmt.Sprintf("This holds %d characters at most. Shorten it.", limit))
}

func checkDays(inv *errs.Invalid, n, from, to int, field string) {
	inv.Check(n >= from && n <= to, field, fmt.Sprintf("Give a whole number of days from %d to %d.", from, to))
}

// facts are what the audit record keeps of a policy.
func (t Terms) facts() map[string]any {
	f := map[string]any{"name": t.Name, "climb": string(t.Climb), "min_gap_days": t.MinGapDays, "after_last": string(t.AfterLast)}
	if t.AfterLast == RepeatLast {
		f["repeat_days"] = t.RepeatDays
	}
	for _, m := range t.Minimums {
		f["minimum_"+string(m.Currency)] = m.String()
	}
	return f
}

func (t Terms) equal(o Terms) bool {
	return slices.Equal(t.Minimums, o.Minimums) && t.Name == o.Name && t.Climb == o.Climb && t.MinGapDays == o.MinGapDays &&
		t.AfterLast == o.AfterLast && t.RepeatDays == o.RepeatDays
}
