package dunning

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Rule gives a policy to customers who have none of their own: the first one that
// fits counts. What a rule does not name fits all.
type Rule struct {
	ID       int64
	Position int
	RuleTerms
	Policy  string // its name
	Branch  string // its name
	Version int
}

// RuleTerms are what is typed of a rule.
type RuleTerms struct {
	PolicyID int64
	Kind     customer.Kind
	BranchID int64
	Tag      string
	From     money.Amount // who owes this much or more; without a currency: whatever is owed
}

// String says whom the rule fits: "consumers tagged fleet who owe EUR 500.00 or
// more".
func (r Rule) String() string {
	who := "customers"
	switch r.Kind {
	case customer.Business:
		who = "businesses"
	case customer.Consumer:
		who = "consumers"
	}
	if r.BranchID != 0 {
		who += " of " + cmp.Or(r.Branch, "a branch")
	}
	if r.Tag != "" {
		who += " tagged " + r.Tag
	}
	if r.From.Currency != "" {
		who += " who owe " + r.From.String() + " or more"
	}
	return who
}

// Rules lists the rules in their order.
func Rules(ctx context.Context, tx *tenant.Tx) ([]Rule, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return nil, err
	}
	return rules(ctx, tx, "", pgx.NamedArgs{})
}

// FindRule reads one rule.
func FindRule(ctx context.Context, tx *tenant.Tx, id int64) (Rule, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return Rule{}, err
	}
	list, err := rules(ctx, tx, ` AND r.id = @id`, pgx.NamedArgs{"id": id})
	if err == nil && len(list) == 0 {
		return Rule{}, fmt.Errorf("policy rule %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return Rule{}, err
	}
	return list[0], nil
}

func rules(ctx context.Context, tx *tenant.Tx, which string, args pgx.NamedArgs) ([]Rule, error) {
	args["tenant"] = tx.Actor.TenantID
	rows, _ := tx.Query(ctx, `
		SELECT r.id, r.position, r.policy_id, p.name, coalesce(r.kind, ''), coalesce(r.branch_id, 0), coalesce(b.name, ''),
			coalesce(r.tag, ''), coalesce(r.currency, ''), coalesce(r.open_from, 0), r.version
		FROM policy_rules r
		JOIN policies p ON p.tenant_id = @tenant AND p.id = r.policy_id
		LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = r.branch_id
		WHERE r.tenant_id = @tenant`+which+`
		ORDER BY r.position, r.id`, args)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Rule, err error) {
		err = row.Scan(&r.ID, &r.Position, &r.PolicyID, &r.Policy, &r.Kind, &r.BranchID, &r.Branch, &r.Tag, &r.From.Currency, &r.From.Minor,
			&r.Version)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read policy rules: %w", err)
	}
	return list, nil
}

// Placement tells how customers came to their policies. Archived ones do not count.
type Placement struct {
	ByRule  map[int64]int
	Chosen  int // somebody chose it for the customer
	Default int // nobody did, and no rule fits
}

// PlacementOf counts how all customers came to their policies.
func PlacementOf(ctx context.Context, tx *tenant.Tx) (Placement, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return Placement{}, err
	}
	const chosen = -1
	n, err := countBy(ctx, tx, `
		SELECT CASE WHEN v.rule_id IS NOT NULL THEN v.rule_id WHEN v.policy_id = c.policy_id THEN @chosen::bigint ELSE 0 END AS way, count(*)
		FROM customer_policies v
		JOIN customers c ON c.tenant_id = @tenant AND c.id = v.customer_id AND c.archived_at IS NULL
		WHERE v.tenant_id = @tenant
		GROUP BY way`, pgx.NamedArgs{"chosen": chosen})
	p := Placement{ByRule: n, Chosen: n[chosen], Default: n[0]}
	return p, err
}

// AddRule adds a rule after all others.
func AddRule(ctx context.Context, tx *tenant.Tx, t RuleTerms) (id int64, err error) {
	all, err := lockRules(ctx, tx)
	if err != nil {
		return 0, err
	}
	r, err := t.prepare(ctx, tx, Rule{})
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO policy_rules (position, policy_id, kind, branch_id, tag, currency, open_from)
		VALUES (@position, @policy, nullif(@kind, ''), nullif(@branch::bigint, 0), nullif(@tag, ''), nullif(@currency, '')::bpchar, nullif(@from::bigint, 0))
		RETURNING id`, r.args(tx, len(all)+1)).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("add policy rule: %w", err)
	}
	return id, auditSetup(ctx, tx, "policy_rule.added", id, nil, r.facts())
}

// ChangeRule changes a rule that still has the version which the actor saw.
func ChangeRule(ctx context.Context, tx *tenant.Tx, id int64, version int, t RuleTerms) error {
	was, _, err := lockRule(ctx, tx, id)
	if err != nil {
		return err
	}
	r, err := t.prepare(ctx, tx, was)
	if err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict("Somebody else changed this rule meanwhile. Look at what it says now, and save again.")
	}
	if r.RuleTerms == was.RuleTerms {
		return nil
	}
	args := r.args(tx, was.Position)
	args["id"] = id
	_, err = tx.Exec(ctx, `
		UPDATE policy_rules
		SET policy_id = @policy, kind = nullif(@kind, ''), branch_id = nullif(@branch::bigint, 0), tag = nullif(@tag, ''),
			currency = nullif(@currency, '')::bpchar, open_from = nullif(@from::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, args)
	if err != nil {
		return fmt.Errorf("change policy rule: %w", err)
	}
	return auditSetup(ctx, tx, "policy_rule.changed", id, was.facts(), r.facts())
}

// MoveRule moves a rule one place up, or down. At the end of the list it stays.
func MoveRule(ctx context.Context, tx *tenant.Tx, id int64, up bool) error {
	_, list, err := lockRule(ctx, tx, id)
	if err != nil {
		return err
	}
	order := orderOfRules(list)
	from, to := order.Shift(id, up)
	if from == to {
		return nil
	}
	if err := order.Keep(ctx, tx, "policy_rules"); err != nil {
		return err
	}
	return auditSetup(ctx, tx, "policy_rule.moved", id, map[string]any{"place": from}, map[string]any{"place": to})
}

// RemoveRule removes a rule. Customers who had their policy by it get the one of
// the next rule that fits, or the default.
func RemoveRule(ctx context.Context, tx *tenant.Tx, id int64) error {
	was, list, err := lockRule(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		DELETE FROM policy_rules
		WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, id)
	if err != nil {
		return fmt.Errorf("remove policy rule: %w", err)
	}
	left := slices.DeleteFunc(list, func(o Rule) bool { return o.ID == id })
	if err := orderOfRules(left).Keep(ctx, tx, "policy_rules"); err != nil {
		return err
	}
	return auditSetup(ctx, tx, "policy_rule.removed", id, was.facts(), nil)
}

func orderOfRules(list []Rule) tenant.Order {
	return tenant.OrderOf(list, func(r Rule) int64 { return r.ID })
}

// lockRules asks for permission and reads all rules, which nobody else changes
// until the transaction ends.
func lockRules(ctx context.Context, tx *tenant.Tx) ([]Rule, error) {
	if err := maySet(tx.Actor); err != nil {
		return nil, err
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('policy_rules'), $1::bigint::integer)`, tx.Actor.TenantID)
	if err != nil {
		return nil, fmt.Errorf("hold the policy rules: %w", err)
	}
	return rules(ctx, tx, "", pgx.NamedArgs{})
}

func lockRule(ctx context.Context, tx *tenant.Tx, id int64) (Rule, []Rule, error) {
	list, err := lockRules(ctx, tx)
	if err != nil {
		return Rule{}, nil, err
	}
	at := slices.IndexFunc(list, func(r Rule) bool { return r.ID == id })
	if at < 0 {
		return Rule{}, nil, fmt.Errorf("policy rule %d: %w", id, errs.NotFound)
	}
	return list[at], list, nil
}

// prepare checks what was typed and finds what it names. What the rule had before
// it may keep, retired or not.
func (t RuleTerms) prepare(ctx context.Context, tx *tenant.Tx, was Rule) (r Rule, err error) {
	var inv errs.Invalid
	t.Tag = customer.TidyTag(t.Tag)
	tenant.OneLine(&inv, &t.Tag, "tag")
	inv.Check(t.Kind == "" || slices.Contains(customer.Kinds, t.Kind), "kind", "Choose business or consumer, or leave it empty.")
	inv.Check(utf8.RuneCountInString(t.Tag) <= customer.MaxTag, "tag", fmt.Sprintf("A tag has %d characters at most. Shorten it.", customer.MaxTag))
	inv.Check(!strings.Contains(t.Tag, ","), "tag", "Name one tag. For another one add another rule.")
	inv.Check(t.From.Currency == "" || t.From.Minor > 0 && t.From.Minor <= money.Max, "open_from", "Give an amount above zero.")
	inv.Check(t != RuleTerms{PolicyID: t.PolicyID}, "", "The rule fits everybody. Say whom it is for; what all others get is the default policy.")
	r = Rule{RuleTerms: t}
	err = tx.QueryRow(ctx, `
		SELECT coalesce((
				SELECT p.name
				FROM policies p
				WHERE p.tenant_id = @tenant AND p.id = @policy AND p.retired_at IS NULL), ''),
			coalesce((
				SELECT b.name
				FROM branches b
				WHERE b.tenant_id = @tenant AND b.id = @branch AND (b.retired_at IS NULL OR b.id = @had)), '')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "policy": t.PolicyID, "branch": t.BranchID, "had": was.BranchID}).Scan(&r.Policy, &r.Branch)
	if err != nil {
		return r, fmt.Errorf("find what a rule names: %w", err)
	}
	inv.Check(r.Policy != "", "policy", "Choose a policy of the list.")
	inv.Check(t.BranchID == 0 || r.Branch != "", "branch", "There is no such branch. Choose one of the list.")
	return r, inv.Err()
}

func (r Rule) args(tx *tenant.Tx, position int) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "position": position, "policy": r.PolicyID, "kind": r.Kind, "branch": r.BranchID,
		"tag": r.Tag, "currency": r.From.Currency, "from": r.From.Minor}
}

// facts are what the audit record keeps of a rule.
func (r Rule) facts() map[string]any {
	return map[string]any{"for": r.String(), "policy": r.Policy}
}
