package dunning

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/tenant"
)

// Skipped is an entry with which a bulk does nothing, and why.
type Skipped struct {
	EntryID    int64
	CustomerID int64
	Number     string // of the customer, as Name is
	Name       string
	Why        string
}

// Plan is what a bulk would do.
type Plan struct {
	Entries int // with which it does something
	Letters int
	Emails  int
	SMS     int
	LeftOut []Skipped
	// Wrote are the customers to whom something would be written though they wrote and
	// have no answer yet: nothing goes out to them by itself, and a person is told.
	Wrote []string

	chosen []candidate // those with which it does something
	soon   []candidate // those left out for a reason that ends by itself
}

// Plan tells what a bulk would do, and who is left out and why, in a fixed number of
// queries. Each entry is looked at again when its turn comes.
func (d *Desk) Plan(ctx context.Context, tx *tenant.Tx, ch Choice, what Bulk) (p Plan, err error) {
	if !CanBulk(tx.Actor) {
		return p, ErrBulk
	}
	list, err := candidates(ctx, tx, ch, what)
	if err != nil {
		return p, err
	}
	for part := range slices.Chunk(list, 1000) {
		if err := judge(ctx, tx, part, what); err != nil {
			return p, err
		}
	}
	for _, c := range list {
		switch {
		case c.why != "":
			if c.soon {
				p.soon = append(p.soon, c)
			}
			p.LeftOut = append(p.LeftOut, Skipped{c.ID, c.CustomerID, c.Number, c.Name, c.why})
			continue
		case c.kind == ByLetter:
			p.Letters++
		case c.kind == ByEmail:
			p.Emails++
		case c.kind == BySMS:
			p.SMS++
		}
		if c.Wrote && c.kind != "" {
			p.Wrote = append(p.Wrote, fmt.Sprintf("%s (%s)", c.Name, c.Number))
		}
		p.Entries++
		p.chosen = append(p.chosen, c)
	}
	return p, nil
}

// candidate is an entry that a bulk may be for.
type candidate struct {
	Entry
	Addressed bool         // a postal address is known
	Own       []ActionKind // what its level has to be written, the first one first
	Letter    bool         // one was made in this cycle
	Email     bool
	SMS       bool
	Counts    bool // something was done that counts
	Pending   bool // something is on its way
	Failed    bool // something did not arrive
	Waits     bool // in a batch
	Wrote     bool // the customer, who has no answer yet

	kind ActionKind // what is written; empty: nothing
	why  string     // it is left out
	soon bool       // that ends by itself
}

// candidates reads the chosen entries in the order of their ranks. One that nobody
// may see is left out. To the program only reminders were done about them: an answer
// that asks for nothing neither counts for one nor stands in its way, and a letter that a
// person printed is theirs until they say that it is done, as is a reminder that did not
// arrive.
func candidates(ctx context.Context, tx *tenant.Tx, ch Choice, what Bulk) ([]candidate, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+entryColumns+`, c.street <> '' OR c.city <> '' AS addressed, coalesce(o.kinds, '{}') AS own,
			coalesce(d.letter, false) AS letter, coalesce(d.email, false) AS email, coalesce(d.sms, false) AS sms, coalesce(d.counts, false) AS counts, coalesce(d.pending, false) AS pending, coalesce(d.failed, false) AS failed,
			EXISTS (SELECT FROM batch_entries w WHERE w.tenant_id = @tenant AND w.entry_id = e.id AND w.state = 'waiting') AS waits,
			EXISTS (SELECT FROM inbox_entries i WHERE i.tenant_id = @tenant AND i.customer_id = e.customer_id AND i.state = 'open' AND i.kind = 'reply') AS wrote
		FROM `+entrySource+`
		LEFT JOIN LATERAL (
			SELECT array_agg(a.kind ORDER BY a.position, a.id) AS kinds
			FROM level_actions a
			WHERE a.tenant_id = @tenant AND a.level_id = e.level_id AND a.kind IN ('letter', 'email', 'sms')) o ON true
		LEFT JOIN LATERAL (
			SELECT bool_or(a.kind = 'letter') AS letter, bool_or(a.kind = 'email' AND m.state NOT IN ('failed', 'bounced', 'discarded')) AS email,
				bool_or(a.kind = 'sms' AND m.state NOT IN ('failed', 'bounced', 'discarded')) AS sms,
				bool_or(`+countsSQL+` AND a.answered IS NOT FALSE AND (a.kind <> 'letter' OR NOT @program)) AS counts, bool_or(m.state IN ('queued', 'sending')) AS pending,
				bool_or(m.state IN ('failed', 'bounced', 'discarded')) AS failed
			FROM agenda_actions a
			LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
			WHERE a.tenant_id = @tenant AND a.entry_id = e.id AND (NOT @program OR a.reminds)) d ON true
		WHERE e.tenant_id = @tenant AND e.id = ANY(@ids) AND e.id <> ALL(@except)
		ORDER BY e.level_number DESC, e.due_on, e.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": some(ch.IDs), "except": some(ch.Except), "program": what.program})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c candidate, err error) {
		type read struct {
			Entry
			Addressed                      bool
			Own                            []ActionKind
			Letter, Email, SMS             bool
			Counts, Pending, Failed, Waits bool
			Wrote                          bool
		}
		r, err := pgx.RowToStructByName[read](row)
		return candidate{Entry: r.Entry, Addressed: r.Addressed, Own: r.Own, Letter: r.Letter, Email: r.Email, SMS: r.SMS, Counts: r.Counts, Pending: r.Pending, Failed: r.Failed, Waits: r.Waits, Wrote: r.Wrote}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the chosen entries: %w", err)
	}
	return list, nil
}

// some is the list, which the database takes for an empty one where it is nil.
func some(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}

// judge says of each what is written, or why it is left out.
func judge(ctx context.Context, tx *tenant.Tx, list []candidate, what Bulk) error {
	customers := make([]int64, len(list))
	for i, c := range list {
		customers[i] = c.CustomerID
	}
	cares, may := map[int64]customer.Care{}, map[int64]contactrule.Rulings{}
	if what.Kind != BulkLater {
		b := tx.Batch()
		customer.QueueCares(b, customers, &cares)
		contactrule.QueueMany(b, customers, &cares, &may)
		if err := b.Send(ctx); err != nil {
			return err
		}
	}
	for i := range list {
		c := &list[i]
		if c.why = c.refused(tx, what); c.why == "" {
			c.choose(what, cares[c.CustomerID], may[c.CustomerID])
		}
	}
	return nil
}

// refused says why nothing may be done with the entry; empty: something may.
func (c candidate) refused(tx *tenant.Tx, what Bulk) string {
	switch {
	case c.State != Open:
		return "It is closed already."
	case c.Waits && !what.begun:
		return "It waits in another batch."
	case c.DoneAskedAt != nil:
		return "It is said to be done, and waits for its message to be sent."
	case what.Kind == BulkLater:
		return ""
	case c.LaterOn.After(tx.Today()):
		return "It is put away until " + c.LaterOn.Long() + "."
	case c.Why == WhyLast && what.Kind == BulkApprove:
		return "Its last level was sent: decide by itself what comes next."
	}
	return ""
}

// choose finds what is written, or why nothing can be. The program writes what can be
// sent: a letter needs somebody who prints it and takes it to the post. What of that is
// barred, or has no address, gives way to the next; what has to wait for its hour waits.
func (c *candidate) choose(what Bulk, care customer.Care, may contactrule.Rulings) {
	ways := c.Own[:min(len(c.Own), 1)]
	switch {
	case what.Kind == BulkLater:
		return
	case what.Kind == BulkPrint:
		ways = []ActionKind{ByLetter}
	case what.Kind == BulkMail:
		ways = []ActionKind{ByEmail}
	case what.program:
		ways = slices.DeleteFunc(slices.Clone(c.Own), func(k ActionKind) bool { return !k.Sends() })
	}
	switch {
	case what.program && c.Failed && c.Counts:
		c.why = "A reminder was not sent or did not arrive, and something else was done. Say that it is done."
		return
	case what.program && c.Failed:
		c.why = "Its reminder was not sent or did not arrive, and is not sent again by itself. Work it by hand."
		return
	case what.Kind == BulkApprove && c.Counts:
		return // it was done by hand, and only has to be said to be done
	case what.Kind == BulkApprove && c.Pending:
		c.why, c.soon = "Its message is on its way. Say that it is done once it was sent.", true
		return
	case what.program && c.Letter:
		c.why = "Its letter was printed by hand. Whoever takes it to the post says that it is done."
		return
	case len(ways) == 0 && what.program:
		c.why = "Nothing of its level can be sent by itself. Work it by hand."
	case len(ways) == 0:
		c.why = "Its level has neither a letter nor an e-mail nor an SMS. Work it by itself."
	}
	var all []string
	for _, way := range ways {
		c.kind = way
		if c.why, c.soon = c.obstacle(care, may); c.why == "" || c.soon {
			return
		}
		all = append(all, c.why)
		c.why = strings.Join(all, " ")
	}
}

// obstacle says why that kind cannot be written, and whether that ends by itself.
func (c *candidate) obstacle(care customer.Care, may contactrule.Rulings) (why string, soon bool) {
	point, ruling := c.kind.Ruling(care, may)
	switch {
	case c.kind == ByLetter && c.Letter:
		return "Its letter was printed already.", false
	case c.kind == ByEmail && c.Email:
		return "Its e-mail was written already.", false
	case c.kind == BySMS && c.SMS:
		return "Its SMS was written already.", false
	case c.kind == ByLetter && !c.Addressed:
		return "No postal address of this customer is known. Give it under Edit.", false
	case c.kind == ByEmail && point == nil:
		return noEmail, false
	case c.kind == BySMS && point == nil:
		return noPhone, false
	case ruling != nil && ruling.Verdict != contactrule.Allowed:
		return ruling.Reason + ".", ruling.Verdict == contactrule.NotYet
	}
	return "", false
}
