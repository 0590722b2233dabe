package dunning

import (
	"context"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// CountedTo is how far the entries of a level, or of a reason, are counted.
const CountedTo = 500

// Count is how many there are; More: and more, which were not counted.
type Count struct {
	N    int
	More bool
}

// LevelCount is how many entries stand at a level.
type LevelCount struct {
	Level int
	Count
}

// WhyCount is how many entries opened for a reason other than their level.
type WhyCount struct {
	Why Why
	Count
}

// Counts are the counters of the agenda. They overlap: an entry stands at a level,
// and may have a reason of its own besides.
type Counts struct {
	Fits       Count // the whole filter
	Levels     []LevelCount
	Whys       []WhyCount
	Later      Count // put away
	Mine       Count
	Team       Count // only for managers, as Unassigned is
	Unassigned Count
}

// queueCounts asks for the counters of the one whose agenda it is. All of them are
// read from indexes, and none further than CountedTo; what the levels come to is
// counted once.
func (f Filter) queueCounts(b *tenant.Batch, into *Counts) {
	of := Filter{Whose: f.Whose, Member: f.Member}
	args := f.args(b.Tx)
	args["most"] = CountedTo
	later := of
	later.Later = true
	queueCount(b, later.from(), args, &into.Later)
	of.queueLevels(b, args, &into.Levels)
	of.queueWhys(b, args, &into.Whys)
	count := func(g Filter, args pgx.NamedArgs, at *Count) {
		g.Sort, g.After, g.Limit = "", Key{}, 0
		switch g {
		case of:
			b.Lastly(func() { *at = inAll(into.Levels) })
		case later:
			b.Lastly(func() { *at = into.Later })
		default:
			queueCount(b, g.from(), args, at)
		}
	}
	count(f, args, &into.Fits)
	mine := f.args(b.Tx)
	mine["most"], mine["owner"] = CountedTo, b.Tx.Actor.MemberID
	me := Filter{Whose: Mine}
	if f.Member == b.Tx.Actor.MemberID {
		me.Member = f.Member
	}
	count(me, mine, &into.Mine)
	if b.Tx.Actor.Is(tenant.Manager) {
		count(Filter{Whose: Team, Member: f.Member}, args, &into.Team)
		count(Filter{Whose: Unassigned, Member: f.Member}, args, &into.Unassigned)
	}
}

// inAll is what the levels come to: each entry stands at one.
func inAll(levels []LevelCount) Count {
	n, more := 0, false
	for _, l := range levels {
		n, more = n+l.N, more || l.More
	}
	all := counted(n)
	all.More = all.More || more
	return all
}

func queueCount(b *tenant.Batch, from string, args pgx.NamedArgs, into *Count) {
	b.Queue("count agenda entries", `SELECT count(*) FROM (SELECT`+from+` LIMIT @most + 1) n`, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Count, error) {
			var n int
			err := row.Scan(&n)
			return counted(n), err
		})
		return err
	})
}

func counted(n int) Count { return Count{N: min(n, CountedTo), More: n > CountedTo} }

// queueLevels counts the entries of each level; it jumps from one level to the next
// along the index.
func (f Filter) queueLevels(b *tenant.Batch, args pgx.NamedArgs, into *[]LevelCount) {
	b.Queue("count the levels", `
		WITH RECURSIVE used AS (
			(SELECT e.level_number AS level`+f.from()+` ORDER BY e.level_number DESC LIMIT 1)
			UNION ALL
			SELECT (SELECT e.level_number`+f.from()+` AND e.level_number < u.level ORDER BY e.level_number DESC LIMIT 1)
			FROM used u
			WHERE u.level IS NOT NULL)
		SELECT u.level, n.n
		FROM used u
		CROSS JOIN LATERAL (
			SELECT count(*) AS n
			FROM (SELECT`+f.from()+` AND e.level_number = u.level LIMIT @most + 1) c) n
		WHERE u.level IS NOT NULL
		ORDER BY u.level`, args, func(rows pgx.Rows) error {
		var level, n int
		_, err := pgx.ForEachRow(rows, []any{&level, &n}, func() error {
			*into = append(*into, LevelCount{level, counted(n)})
			return nil
		})
		return err
	})
}

func (f Filter) queueWhys(b *tenant.Batch, args pgx.NamedArgs, into *[]WhyCount) {
	b.Queue("count the reasons", `
		SELECT c.why, count(*)
		FROM (SELECT e.why`+f.from()+` AND `+urgent+` LIMIT @most * 4) c
		GROUP BY c.why
		ORDER BY c.why`, args, func(rows pgx.Rows) error {
		var why Why
		var n int
		_, err := pgx.ForEachRow(rows, []any{&why, &n}, func() error {
			*into = append(*into, WhyCount{why, counted(n)})
			return nil
		})
		return err
	})
}

// CountMine counts the actor's own entries that are to be worked.
func CountMine(ctx context.Context, tx *tenant.Tx) (n Count, err error) {
	f := Filter{Whose: Mine}
	args := f.args(tx)
	args["most"] = CountedTo
	b := tx.Batch()
	queueCount(b, f.from(), args, &n)
	err = b.Send(ctx)
	return n, err
}

// Owned tells that an entry e of the agenda is @member's. It is a range: by an equality
// the database takes everybody for one who has all entries, where one member has, and
// goes through the whole agenda for whoever has none.
const Owned = `e.owner_id BETWEEN @member AND @member`

// QueueWaiting counts in a batch the entries of one owner that are to be worked; 0:
// those whom nobody owns.
func QueueWaiting(b *tenant.Batch, owner int64, into *Count) {
	f := Filter{Whose: Unassigned}
	from := f.from()
	if owner != 0 {
		from = `
		FROM agenda_entries e
		WHERE e.tenant_id = @tenant AND e.state = 'open' AND ` + Owned + laterSQL[false]
	}
	args := f.args(b.Tx)
	args["most"], args["member"] = CountedTo, owner
	queueCount(b, from, args, into)
}
