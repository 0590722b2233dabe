package tenant

import (
	"slices"

	"github.com/jackc/pgx/v5"
)

// Rare is a table of what few customers have: customer_has says whose it holds anything.
type Rare string

// What few have. Merged are the customers who were merged into another, Corrections
// the notes that correct one.
const (
	Calls       Rare = "call_attempts"
	OpenCalls   Rare = "open_calls"
	Requests    Rare = "contact_requests"
	Times       Rare = "contact_times"
	Permissions Rare = "permissions"
	Stops       Rare = "stops"
	Promises    Rare = "promises"
	CaseItems   Rare = "case_items"
	Inbox       Rare = "inbox_entries"
	Pins        Rare = "note_pins"
	Corrections Rare = "notes"
	Merged      Rare = "customers"
)

// seldom is a question about it, and whose is to be read.
type seldom struct {
	from Rare
	of   []int64
	ask  func()
}

// Seldom is Queue for what few customers have. One statement reads what there is of
// these customers, and of those who were merged into them, for all such questions of
// the batch, which takes less time than to begin one of them; what there is is then
// asked for in a second round trip.
func (b *Batch) Seldom(doing string, from Rare, of []int64, sql string, args pgx.NamedArgs, read func(pgx.Rows) error) {
	b.seldom = append(b.seldom, seldom{from, of, func() { b.Queue(doing, sql, args, read) }})
}

// queueSeldom asks which of the seldom questions are to be asked.
func (b *Batch) queueSeldom() {
	all := b.seldom
	if b.seldom = nil; len(all) == 0 {
		return
	}
	var customers []int64
	for _, q := range all {
		customers = append(customers, q.of...)
	}
	slices.Sort(customers)
	b.Queue("look what there is", `
		SELECT DISTINCT h.what
		FROM customer_has h
		WHERE h.tenant_id = @tenant AND h.customer_id = ANY(@customers::bigint[] || ARRAY(
			SELECT d.id FROM customers d WHERE d.tenant_id = @tenant AND d.merged_into = ANY(@customers)))`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customers": slices.Compact(customers)}, func(rows pgx.Rows) error {
			has, err := pgx.CollectRows(rows, pgx.RowTo[Rare])
			for _, q := range all {
				if slices.Contains(has, q.from) {
					q.ask()
				}
			}
			return err
		})
}
