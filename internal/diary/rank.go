package diary

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// place puts reasons in order: what has its hour today by that hour, on a day
// before all others; then what is late by its day; then what is due today at any
// time, on a day after all others.
const place = `CASE
			WHEN r.due_on < @today THEN r.due_on::timestamp
			WHEN r.due_at IS NULL THEN ` + anyTime + `
			ELSE DATE '0001-01-01' + r.due_at
		END`

const anyTime = `TIMESTAMP '9999-12-31'`

var atAnyTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// placesSQL reads who has a reason of a branch, place by place. There may be
// thousands, so nothing else is read of them, and nothing is sorted.
const placesSQL = `
	(SELECT ` + place + ` AS place, {kind} AS kind, r.due_on < @today AS late, string_agg(int8send(r.customer_id), NULL) AS customers, false AS bounded
	FROM ({branch}) r (customer_id, id, due_on, due_at, text)
	GROUP BY r.due_on, r.due_at)`

// nearSQL reads no more of a branch than a page needs, in their places: who has an
// hour today, and of the others the first ones.
const nearSQL = `
	(SELECT ` + place + ` AS place, {kind} AS kind, r.due_on < @today AS late, string_agg(int8send(r.customer_id), NULL) AS customers, false AS bounded
	FROM ({branch}) r (customer_id, id, due_on, due_at, text)
	WHERE r.due_on = @today AND r.due_at IS NOT NULL
	GROUP BY r.due_on, r.due_at)
	UNION ALL
	(SELECT ` + place + `, {kind}, r.due_on < @today, string_agg(int8send(r.customer_id), NULL), true
	FROM (
		SELECT r.due_on, r.due_at, r.customer_id
		FROM ({branch}) r (customer_id, id, due_on, due_at, text)
		WHERE r.due_on < @today OR r.due_at IS NULL
		ORDER BY r.due_on, r.due_at
		LIMIT @near) r
	GROUP BY r.due_on, r.due_at)`

// ranking is everybody who has a reason, each at the first of their places. Which
// of those at one place comes first, it does not tell.
type ranking struct {
	customers []int64
	places    []begin
	marks     map[int64]mark

	sure  int  // so many of the customers are known to be the first
	cut   bool // and more than these there are perhaps
	mixed bool // of which any may have other reasons than follow-ups
}

// begin is a place, and where in the ranking it begins.
type begin struct {
	at    time.Time
	first int
}

// mark tells what is among a customer's reasons.
type mark uint8

const (
	late   mark = 1 << iota
	review      // what is decided is to be looked at again
	other       // any reason but a follow-up
)

// marks are used again: to make them anew takes as long as to fill them.
var marks = sync.Pool{New: func() any { return map[int64]mark{} }}

// count ranks the customers of the places, which come in order, and counts them. Of a
// branch of which near reasons were read there may be more, from the last place on.
func (d *Day) count(rows pgx.Rows, k *ranking, near int) error {
	type end struct{ read, first int }
	ends := map[Kind]end{}
	var at time.Time
	var kind Kind
	var isLate, bounded bool
	var who []byte
	d.Counts = Counts{}
	_, err := pgx.ForEachRow(rows, []any{&at, &kind, &isLate, &who, &bounded}, func() error {
		if n := len(k.places); n == 0 || !k.places[n-1].at.Equal(at) {
			k.places = append(k.places, begin{at, len(k.customers)})
		}
		if bounded {
			ends[kind] = end{ends[kind].read + len(who)/8, k.places[len(k.places)-1].first}
		}
		var is mark
		if isLate {
			is |= late
		}
		if kind.reviews() {
			is |= review
		}
		if kind != FollowUp {
			is |= other
		}
		d.add(k, ids(who), is)
		return nil
	})
	d.Total, k.sure = len(k.customers), len(k.customers)
	for kind, e := range ends {
		if e.read >= near {
			k.cut, k.sure, k.mixed = true, min(k.sure, e.first), k.mixed || kind != FollowUp
		}
	}
	return err
}

// add puts customers at the last place unless they have one before it.
func (d *Day) add(k *ranking, customers iter.Seq[int64], is mark) {
	for c := range customers {
		before, known := k.marks[c]
		added := is &^ before
		if !known {
			k.customers = append(k.customers, c)
		}
		if !known || added != 0 {
			k.marks[c] = before | is
		}
		if added&late != 0 {
			d.Late++
		}
		if added&review != 0 {
			d.Reviews++
		}
	}
}

// ids are the numbers in what int8send made of them. An array would be the same, but
// pgx takes several times as long for it, and there are thousands of them.
func ids(packed []byte) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for id := range slices.Chunk(packed, 8) {
			if !yield(int64(binary.BigEndian.Uint64(id))) {
				return
			}
		}
	}
}

// tied are the customers among whom a page is, with all who share a place with its
// first or its last one; skip is how many of them come before the page.
type tied struct {
	customers []int64
	places    []time.Time
	others    []bool // whether there is any reason but follow-ups
	skip      int
}

// entries are the customers, without a rank.
func (t tied) entries() []Entry {
	list := make([]Entry, len(t.customers))
	for i, c := range t.customers {
		list[i] = Entry{CustomerID: c, others: t.others[i]}
	}
	return list
}

func (k ranking) around(from, size int) (t tied) {
	for i, p := range k.places {
		end := len(k.customers)
		if i+1 < len(k.places) {
			end = k.places[i+1].first
		}
		if end <= from || p.first >= from+size {
			continue
		}
		t.skip = max(t.skip, from-p.first)
		for _, c := range k.customers[p.first:end] {
			t.customers, t.places, t.others = append(t.customers, c), append(t.places, p.at), append(t.others, k.mixed || k.marks[c]&other != 0)
		}
	}
	return t
}

// byAmount and byName read a page of some customers in their rank. What decides among
// those at one place, their amounts and names, is looked up only here, and the amounts
// only where some are due today at any time.
var byAmount, byName = func() (string, string) {
	const sql = `
	SELECT c.id, c.number, c.name, p.others
	FROM unnest(@customers::bigint[], @places::timestamp[], @others::boolean[]) p (customer_id, place, others)
	JOIN customers c ON c.tenant_id = @tenant AND c.id = p.customer_id{amounts}
	ORDER BY p.place{by amount}, c.name_key, c.id
	OFFSET @skip::bigint
	LIMIT @size::bigint`
	with := strings.NewReplacer("{amounts}", `
	LEFT JOIN customer_totals o ON o.tenant_id = @tenant AND o.currency = @own AND o.to_collect > 0
		AND o.customer_id = CASE WHEN p.place = `+anyTime+` THEN p.customer_id END
	LEFT JOIN LATERAL (
		SELECT t.currency, t.to_collect
		FROM customer_totals t
		WHERE p.place = `+anyTime+` AND o.customer_id IS NULL
			AND t.tenant_id = @tenant AND t.customer_id = p.customer_id AND t.currency <> @own AND t.to_collect > 0
		ORDER BY t.currency
		LIMIT 1) t ON true`, "{by amount}", `, o.to_collect DESC NULLS LAST, t.currency, t.to_collect DESC`)
	return with.Replace(sql), strings.NewReplacer("{amounts}", "", "{by amount}", "").Replace(sql)
}()

// queueRank asks for the customers after the first d.From, size of them, and calls
// then when it is known among whom they are: before their order is, where these are few.
// Unless all are to be counted no more is read than that takes.
func (d *Day) queueRank(b *tenant.Batch, size int, all bool, then func(among []Entry)) {
	args := arguments(b.Tx, d.Of)
	sql, near := queries(d.Of).places, 0
	if !all {
		sql, near = queries(d.Of).near, d.From+size+ahead
		args["near"] = near
	}
	b.Queue("rank the day", sql, args, func(rows pgx.Rows) error {
		k := ranking{marks: marks.Get().(map[int64]mark)}
		defer marks.Put(k.marks)
		defer clear(k.marks)
		lately := d.Counts
		if err := d.count(rows, &k, near); err != nil {
			return err
		}
		switch {
		case !k.cut:
		case k.sure < d.From+size:
			d.queueRank(b, size, true, then)
			return nil
		default:
			d.Counts = lately
			d.Total = max(d.Total, k.sure)
		}
		t := k.around(d.From, size)
		if len(t.customers) == 0 {
			return nil
		}
		args["customers"], args["places"], args["others"], args["skip"], args["size"] = t.customers, t.places, t.others, t.skip, size
		few, order := len(t.customers) <= 2*size, byName
		if t.places[len(t.places)-1].Equal(atAnyTime) {
			order = byAmount
		}
		b.Queue("rank those at one place", order, args, func(rows pgx.Rows) error {
			err := d.collect(rows)
			if !few {
				then(d.Entries)
			}
			return err
		})
		if few {
			then(t.entries())
		}
		return nil
	})
}

// ahead is how many reasons are looked at beyond those of a page, which may be of one
// customer or at one place.
const ahead = 100

// collect reads the ranked customers.
func (d *Day) collect(rows pgx.Rows) error {
	var e Entry
	_, err := pgx.ForEachRow(rows, []any{&e.CustomerID, &e.Number, &e.Name, &e.others}, func() error {
		e.Rank = d.From + len(d.Entries) + 1
		d.Entries = append(d.Entries, e)
		return nil
	})
	return err
}
