package diary

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Person is a member whose day can be looked at; the first one of People is
// NoOwner, without a name.
type Person struct {
	ID   int64
	Name string
	Due  int // reasons for which the day lists customers, DueCounted at most
}

// DueCounted is how far what is due of a Person is counted.
const DueCounted = 1_000

// dueSQL counts the reasons for which the day lists customers, of the people %s: id and
// name. What goes by a column is counted a person at a time, by its index; the rest, whose
// it is has to be looked up, once for all.
//
// dueOfNobodySQL counts those of NoOwner.
var dueSQL, dueOfNobodySQL = func() (string, string) {
	var owned, nobodys []string
	each := []string{`coalesce((SELECT o.n FROM owned o WHERE o.id = p.id), 0)`}
	for _, b := range branches {
		nobodys = append(nobodys, upTo(whose(b.sql, isNobody)))
		if who := isOf.FindStringSubmatch(b.sql)[1]; column.MatchString(who) {
			each = append(each, upTo(whose(b.sql, `${1} = p.id`)))
		} else {
			owned = append(owned, strings.Replace(whose(b.sql, `true`), "SELECT ", "SELECT "+who+", ", 1))
		}
	}
	return `
		WITH owned AS MATERIALIZED (
			SELECT r.whose AS id, count(*) AS n
			FROM (` + strings.Join(owned, " UNION ALL ") + `) r (whose)
			GROUP BY 1)
		SELECT p.id, p.name, least(@counted, ` + strings.Join(each, " + ") + `) AS due
		FROM (%s) p (id, name)
		ORDER BY lower(p.name), p.id`, `
		SELECT 0::bigint AS id, '' AS name, least(@counted, ` + strings.Join(nobodys, " + ") + `) AS due`
}()

var column = regexp.MustCompile(`^\w+\.\w+$`)

// upTo counts the rows of a query, @counted at most.
func upTo(sql string) string {
	return `(SELECT count(*) FROM (SELECT FROM (` + sql + `) r LIMIT @counted) d)`
}

// due counts for some people.
func due(ctx context.Context, tx *tenant.Tx, sql string, members []int64) ([]Person, error) {
	args := arguments(tx, NoOwner)
	args["counted"], args["members"] = DueCounted, members
	rows, _ := tx.Query(ctx, sql, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Person])
	if err != nil {
		return nil, fmt.Errorf("count what people have to do: %w", err)
	}
	return list, nil
}

// People lists NoOwner and then the active members by name, for managers.
func People(ctx context.Context, tx *tenant.Tx) ([]Person, error) {
	if !tx.Actor.Is(tenant.Manager) {
		return nil, errs.Forbidden("Only managers and administrators see what everybody has to do.")
	}
	return due(ctx, tx, dueOfNobodySQL+`
		UNION ALL (`+fmt.Sprintf(dueSQL, `
			SELECT m.id, u.name
			FROM members m
			JOIN users u ON u.id = m.user_id
			WHERE m.tenant_id = @tenant AND m.active`)+`)`, nil)
}
