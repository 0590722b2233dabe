package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Standing is where a customer stands in dunning.
type Standing struct {
	PolicyID int64 // 0: there is none
	Policy   string
	Chosen   bool    // somebody chose the policy for the customer
	RuleID   int64   // the rule that gave the policy; 0: chosen for the customer, or the default
	Level    int     // the highest that an open item has reached; 0: none
	Entry    Entry   // the open one; its ID is 0 where there is none
	ComesOn  day.Day // when the customer comes up by itself; zero: it is up, or does not

	sentence string
}

// Sentence says what comes next, and why.
func (s Standing) Sentence() string { return s.sentence }

// standingTail is the part of Standing that the evaluation knows.
const standingTail = `
SELECT coalesce(p.id, 0), coalesce(p.name, ''), k.policy_id IS NOT DISTINCT FROM p.id AND p.id IS NOT NULL, coalesce(v.rule_id, 0),
	coalesce((SELECT max(d.reached) FROM due d), 0),
	(SELECT min(d.opens_on) FROM due d WHERE d.collectable > 0 AND d.opens_on > @as_of)
FROM customers k
LEFT JOIN customer_policies v ON v.tenant_id = @tenant AND v.customer_id = k.id
LEFT JOIN policies p ON p.tenant_id = @tenant AND p.id = v.policy_id
WHERE k.tenant_id = @tenant AND k.id = ANY(@customers)`

// StandingOf finds where the customer stands in dunning today.
func StandingOf(ctx context.Context, tx *tenant.Tx, customer int64) (s Standing, err error) {
	var k books
	b := tx.Batch()
	queueBooks(b, &k)
	if err := b.Send(ctx); err != nil {
		return s, err
	}
	on := k.day(tx)
	args := evaluationArgs(tx, on, []int64{customer})
	var next day.Day
	b.Queue("read where the customer stands", evaluateSome+standingTail, args, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&s.PolicyID, &s.Policy, &s.Chosen, &s.RuleID, &s.Level, &next}, func() error { return nil })
		return err
	})
	var list []verdict
	b.Queue("evaluate", verdictsSome, args, tenant.Into(&list))
	if err := b.Send(ctx); err != nil {
		return s, err
	}
	if s.Entry, _, err = OpenEntry(ctx, tx, customer); err != nil {
		return s, err
	}
	s.say(k, on, list, next)
	return s, nil
}

// say finds the sentence.
func (s *Standing) say(k books, on day.Day, list []verdict, next day.Day) {
	switch {
	case !k.On:
		s.sentence = "Dunning is switched off."
	case s.Entry.ID != 0 && s.Entry.LaterOn.After(on):
		s.ComesOn, s.sentence = s.Entry.LaterOn, fmt.Sprintf("It was put away until %s: %s", s.Entry.LaterOn.Long(), s.Entry.LaterReason)
		if s.Entry.LaterReason == "" {
			s.sentence = fmt.Sprintf("It was put away until %s.", s.Entry.LaterOn.Long())
		}
	case s.Entry.ID != 0:
		s.sentence = s.Entry.Sentence(on)
	case len(list) > 0 && list[0].Code != "" && !list[0].Opens:
		s.ComesOn, s.sentence = list[0].ComesOn, list[0].leftOut(on)
	case len(list) > 0 && list[0].Opens:
		s.ComesOn, s.sentence = on.Add(1), list[0].entry().Sentence(on)+" The next run puts it on the agenda."
	case !next.IsZero():
		s.ComesOn, s.sentence = next, fmt.Sprintf("Nothing is overdue. If nothing is paid, the next level opens on %s.", next.Long())
	default:
		s.sentence = "Nothing is owed that could be collected."
	}
}
