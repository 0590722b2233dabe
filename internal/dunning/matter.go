package dunning

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// matter is what an action about an entry is about: the items that may be asked for
// now, and the levels that they stand at.
type matter struct {
	Entry
	items  []matterItem // the oldest first
	levels []Level
	today  day.Day
}

// matterItem is an item that may be asked for, in a currency that is reminded of.
type matterItem struct {
	CustomerID int64
	ItemID     int64
	AccountID  int64
	Days       int   // overdue
	LevelID    int64 // that it is due for, else the one it has reached; 0: none
	Level      int
	AfterDays  int
	Amount     int64
	Currency   money.Currency
	Next       int // the level that it is due for; 0: none, -1: the last was sent
}

var mattersSQL = evaluateSome + `
	SELECT d.customer_id, d.mark & (1::bigint << 40) - 1 AS item_id, d.account_id, d.days, coalesce(s.ids[a.at], 0) AS level_id, coalesce(a.at, 0) AS level,
		coalesce(s.after_days[a.at], 0) AS after_days, d.collectable AS amount, d.currency, d.next
	FROM due d
	LEFT JOIN steps s ON s.id = d.policy_id
	` + fitsSQL + `
	CROSS JOIN LATERAL (SELECT CASE WHEN d.next > 0 THEN d.next ELSE nullif(d.reached, 0) END AS at) a
	WHERE f.fits AND d.collectable > 0 AND (d.days > 0 OR d.next > 0)
	ORDER BY d.mark`

// mattersOf reads what is to be asked for about these entries, in a fixed number of
// queries.
func mattersOf(ctx context.Context, tx *tenant.Tx, entries []Entry) ([]matter, error) {
	on, err := standsOn(ctx, tx)
	if err != nil {
		return nil, err
	}
	var customers, policies, levelIDs []int64
	for _, e := range entries {
		customers, policies, levelIDs = append(customers, e.CustomerID), append(policies, e.PolicyID), append(levelIDs, e.LevelID)
	}
	rows, _ := tx.Query(ctx, mattersSQL, evaluationArgs(tx, on, customers))
	items, err := pgx.CollectRows(rows, pgx.RowToStructByName[matterItem])
	if err != nil {
		return nil, fmt.Errorf("read what is asked for: %w", err)
	}
	all, err := levels(ctx, tx, ` AND (l.policy_id = ANY(@policies) AND l.retired_at IS NULL OR l.id = ANY(@levels))`,
		pgx.NamedArgs{"policies": policies, "levels": levelIDs})
	if err != nil {
		return nil, err
	}
	list := make([]matter, len(entries))
	for i, e := range entries {
		list[i] = matter{Entry: e, levels: all, today: tx.Today(),
			items: slices.DeleteFunc(slices.Clone(items), func(x matterItem) bool { return x.CustomerID != e.CustomerID })}
	}
	return list, nil
}

// matterOf is mattersOf for one entry.
func matterOf(ctx context.Context, tx *tenant.Tx, e Entry) (matter, error) {
	list, err := mattersOf(ctx, tx, []Entry{e})
	if err != nil {
		return matter{}, err
	}
	return list[0], nil
}

// level is the entry's own; nil where none is reached.
func (m matter) level() *Level {
	if i := slices.IndexFunc(m.levels, func(l Level) bool { return l.ID == m.LevelID }); i >= 0 {
		return &m.levels[i]
	}
	return nil
}

// listed are the items that a text about the entry lists.
func (m matter) listed() (ids []int64) {
	for _, x := range m.items {
		ids = append(ids, x.ItemID)
	}
	return ids
}

// accounts are those of the items.
func (m matter) accounts() (ids []int64) {
	for _, x := range m.items {
		ids = append(ids, x.AccountID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// overdue tells that some of it is; else all of it falls due yet.
func (m matter) overdue() bool {
	return slices.ContainsFunc(m.items, func(x matterItem) bool { return x.Days > 0 })
}

// payBy is the deadline that a text about the entry gives; zero where no level says
// one.
func (m matter) payBy() day.Day {
	if l := m.level(); l != nil {
		return m.today.Add(l.PayWithinDays)
	}
	return day.Day{}
}

// named is an item as an action names it. Along tells that no level of its own has
// come: it is named with others, and its own next level waits no longer for that.
type named struct {
	matterItem
	PayBy day.Day
	Along bool
}

// named lists the items that an action names now. One that has no level yet is
// asked for all the same, and reminded of at none.
func (m matter) named() []named {
	list := []named{}
	for _, x := range m.items {
		if x.LevelID == 0 {
			continue
		}
		by := m.payBy()
		if by.IsZero() {
			by = m.today
		}
		list = append(list, named{x, by, x.Next == 0 || x.Next < 0 && m.Why != WhyLast})
	}
	return list
}
