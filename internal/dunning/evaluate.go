package dunning

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

//go:embed evaluate.sql
var evaluateSQL string

// ofSome marks where the evaluation may be kept to some customers.
var ofSome = regexp.MustCompile(`\{(\w+\.\w+)\}`)

// evaluateAll and evaluateSome begin a statement that goes on from judged.
var (
	evaluateAll  = ofSome.ReplaceAllString(evaluateSQL, "")
	evaluateSome = ofSome.ReplaceAllString(evaluateSQL, "AND $1 = ANY(@customers)")
)

// code is what the evaluation says of a customer: the first four are reasons for an
// entry, the others keep the customer out.
type code string

const (
	outStopped  code = "stopped"
	outPaused   code = "paused"
	outDisputed code = "disputed"
	outPromised code = "promised"
	outHeld     code = "held" // some of it for one of these reasons, the rest for another
	outNoPolicy code = "no_policy"
	outManual   code = "manual"
	outCredit   code = "credit"
	outMinimum  code = "minimum"
	outByHand   code = "by_hand"
	outEarly    code = "early"
	outGap      code = "gap"
	outResting  code = "resting"
)

// verdict is what is to be done about a customer as of a day.
type verdict struct {
	CustomerID int64
	Number     string
	Name       string
	Code       code
	Opens      bool
	Entry      int64  // the open one; 0: none
	Urgent     Why    // for which the open entry is there besides its level; empty: none
	Change     Change // empty: there is no entry, and none is to be made

	LevelID          int64 // 0: none, as a manager is to be asked
	Level, AfterDays int
	LevelName        string
	ItemNumber       string
	DueOn            day.Day
	RemindedOn       day.Day // that item
	Items            int
	LastRemindedOn   day.Day // the customer
	Gap              int
	Asks             bool // what comes next is that a manager is asked
	ComesOn          day.Day
	PromisedOn       day.Day // the day of the first open promise
	LaterOn          day.Day
	Currencies       []money.Currency
	Amounts          []int64 // net of credit, in the order of Currencies
}

// differs tells that the open entry e is not what the evaluation j says.
const differs = `(e.policy_id, e.level_id, e.level_number, e.item_id, e.due_on, e.items, e.currency, e.to_collect, e.currencies,
			CASE WHEN e.why IN ('broken_promise', 'reply', 'bounce', 'reversal') THEN j.code ELSE e.why END)
		IS DISTINCT FROM (j.policy_id, j.level_id, coalesce(j.level, 0), j.item_id, j.due_on, j.items, j.currency::char(3), j.to_collect, j.currencies, j.code)`

// verdictsTail reads the verdicts with the entries that are open, also those of
// customers of whom nothing is left to say.
const verdictsTail = `, amounts AS (
	SELECT a.customer_id, array_agg(a.currency ORDER BY a.currency <> @own, a.currency) AS currencies, array_agg(a.net ORDER BY a.currency <> @own, a.currency) AS amounts
	FROM (
		SELECT r.customer_id, r.currency, sum(r.net)::bigint AS net
		FROM ranked r
		WHERE r.fits AND r.once
		GROUP BY r.customer_id, r.currency) a
	GROUP BY a.customer_id
)
SELECT k.id AS customer_id, k.number, k.name, coalesce(j.code, '') AS code, coalesce(j.opens, false) AS opens,
	coalesce(e.id, 0) AS entry, CASE WHEN e.why IN ('broken_promise', 'reply', 'bounce', 'reversal') THEN e.why ELSE '' END AS urgent,
	CASE WHEN e.id IS NULL AND j.opens THEN 'open' WHEN e.id IS NULL THEN '' WHEN j.opens IS NOT TRUE THEN 'withdraw' WHEN ` + differs + ` THEN 'update' ELSE 'keep' END AS change,
	coalesce(j.level_id, 0) AS level_id, coalesce(j.level, 0) AS level, coalesce(j.after_days, 0) AS after_days, coalesce(l.name, '') AS level_name,
	coalesce(i.number, '') AS item_number, j.due_on, i.reminded_on, coalesce(j.items, 0) AS items, j.last_reminded_on, coalesce(j.min_gap_days, 0) AS gap, coalesce(j.asks, false) AS asks,
	j.comes_on, j.promised_on, e.later_on, coalesce(a.currencies, '{}') AS currencies, coalesce(a.amounts, '{}') AS amounts
FROM judged j
FULL JOIN (
	SELECT e.id, e.customer_id, e.why, e.policy_id, e.level_id, e.level_number, e.item_id, e.due_on, e.items, e.currency, e.to_collect, e.currencies, e.later_on
	FROM agenda_entries e
	WHERE e.tenant_id = @tenant AND e.state = 'open' {e.customer_id}) e ON e.customer_id = j.customer_id
JOIN customers k ON k.tenant_id = @tenant AND k.id = coalesce(j.customer_id, e.customer_id)
LEFT JOIN items i ON i.tenant_id = @tenant AND i.id = j.item_id
LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = j.level_id
LEFT JOIN amounts a ON a.customer_id = j.customer_id
ORDER BY k.number`

var (
	verdictsAll  = evaluateAll + ofSome.ReplaceAllString(verdictsTail, "")
	verdictsSome = evaluateSome + ofSome.ReplaceAllString(verdictsTail, "AND $1 = ANY(@customers)")
)

// evaluate reads the verdicts on these customers, or with nil on all, in the order
// of their numbers.
func evaluate(ctx context.Context, tx *tenant.Tx, asOf day.Day, customers []int64) ([]verdict, error) {
	sql := verdictsAll
	if customers != nil {
		sql = verdictsSome
	}
	var list []verdict
	err := atScale(ctx, tx, customers, func() (err error) {
		rows, _ := tx.Query(ctx, sql, evaluationArgs(tx, asOf, customers))
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[verdict])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	return list, nil
}

func evaluationArgs(tx *tenant.Tx, asOf day.Day, customers []int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "as_of": asOf, "own": tx.Actor.Tenant.Currency, "customers": customers}
}
