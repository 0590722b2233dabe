package diary

import (
	"strings"
	"time"
)

// piles are the kinds of which somebody may have thousands, by their tables, which
// have an index in the order of a member's days and hours.
var piles = map[Kind]string{FollowUp: "follow_ups", Contact: "contacts"}

// pileSQL is placesSQL for one of the piles: what has its hour today, then what is late
// with what is due at any time. Both are read in the order of the index, the first
// @most with all that share the last place.
var pileSQL = `
	(SELECT DATE '0001-01-01' + p.due_at AS place, {kind} AS kind, false AS late, string_agg(int8send(p.customer_id), NULL) AS customers
	FROM (
		SELECT p.customer_id, p.due_at
		FROM {pile} p
		WHERE ` + piled + ` AND p.due_on = @today AND p.due_at IS NOT NULL
		ORDER BY p.due_at
		FETCH FIRST @most ROWS WITH TIES) p
	GROUP BY p.due_at)
	UNION ALL
	(SELECT CASE WHEN p.due_on < @today THEN p.due_on::timestamp ELSE ` + anyTime + ` END, {kind}, p.due_on < @today, string_agg(int8send(p.customer_id), NULL)
	FROM (
		SELECT p.customer_id, p.due_on
		FROM {pile} p
		WHERE ` + piled + ` AND p.due_on <= @today AND (p.due_at IS NULL OR p.due_on < @today)
		ORDER BY p.due_on
		FETCH FIRST @most ROWS WITH TIES) p
	GROUP BY p.due_on)`

// fewSQL begins a query with piles: it reads archived customers, a few hundred of them.
const fewSQL = `
	WITH few AS MATERIALIZED (
		SELECT a.id FROM customers a WHERE a.tenant_id = @tenant AND a.archived_at IS NOT NULL LIMIT 300)`

// piled is whose it is, without archived customers. If those are few, all are known,
// which takes less time than to look up each customer.
var piled = `p.tenant_id = @tenant AND p.assignee_id {is} AND p.ended IS NULL
		AND CASE WHEN (SELECT count(*) < 300 FROM few) THEN p.customer_id NOT IN (SELECT f.id FROM few f) ELSE ` + kept(`p.customer_id`) + ` END`

// places is what ranks a day: piles from their indexes, as far as they are needed.
func places(some func(string, []branch) string) string {
	var parts []string
	for _, b := range branches {
		if table := piles[b.kind]; table != "" {
			parts = append(parts, strings.ReplaceAll(some(pileSQL, []branch{b}), "{pile}", table))
		} else {
			parts = append(parts, some(placesSQL, []branch{b}))
		}
	}
	return fewSQL + strings.Join(parts, "\n\tUNION ALL") + "\n\tORDER BY place"
}

// pile is a part of what there is of a kind: what has its hour, or the rest.
type pile struct {
	kind  Kind
	timed bool
}

// end is how many reasons of a pile were read, and the place of the last.
type end struct {
	read int
	at   time.Time
}

// cut leaves out the places behind the last one that is whole, where no more than the
// first most reasons of a pile were read. It tells whether that is enough for a page
// behind the first from customers, and for counting.
func (k *ranking) cut(most, from, size int) (enough bool) {
	enough = true
	whole := len(k.places)
	for p, e := range k.ends {
		if e.read < most || e.at.Year() == anyTimeYear { // the last place, with all that share it
			continue
		}
		for i, at := range k.places[:whole] {
			if at.at.After(e.at) {
				whole = i
				break
			}
		}
		enough = enough && k.seen > from+Counted && (p.timed || k.late > from+Counted)
		k.unsure = k.unsure || p.kind != FollowUp
	}
	if whole < len(k.places) {
		k.customers, k.places = k.customers[:k.places[whole].first], k.places[:whole]
		enough = enough && len(k.customers) >= from+size
	}
	return enough
}
