package dossier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Dossier is one that was made. What the database knows stands in a file without a
// name, which goes with the process at the latest; the documents are fetched from
// their store while it is written out, so that it needs neither memory for them nor
// a transaction. Close it.
type Dossier struct {
	*making
	// Name is what to call the file.
	Name  string
	spool *os.File
	of    []record
	store document.Store
	about string
}

// record is what one customer takes in the archive: the one that it is about, or one
// who was merged into that.
type record struct {
	folder string
	papers []paper
}

// Open makes the dossier that was taken with that note. It holds the journal as it is
// now, and all else too.
func Open(ctx context.Context, tx *tenant.Tx, store document.Store, customerID, seq int64) (*Dossier, error) {
	if !CanTake(tx.Actor) {
		return nil, onlyManagers
	}
	c, err := customer.Find(ctx, tx, customerID)
	if err != nil {
		return nil, err
	}
	if err := taken(ctx, tx, c.ID, seq); err != nil {
		return nil, err
	}
	spool, err := os.CreateTemp("", "dunwell-dossier-*")
	if err != nil {
		return nil, fmt.Errorf("begin a dossier: %w", err)
	}
	d := &Dossier{Name: fmt.Sprintf("dossier-%d-%s.zip", c.ID, tx.Today()), spool: spool, store: store, making: &making{bundle: newBundle(spool, tx.Now),
		tx: tx, args: pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": c.ID}}}
	if err := errors.Join(os.Remove(spool.Name()), d.ask(ctx, c, seq)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close lets the file go.
func (d *Dossier) Close() error { return d.spool.Close() }

// ask writes what the database knows: of the customer, and of those who turned out to
// be that one.
func (d *Dossier) ask(ctx context.Context, c customer.Customer, seq int64) error {
	d.about = d.readme(c, seq)
	if err := d.record(ctx, c, ""); err != nil {
		return err
	}
	if len(c.Merged) > 0 {
		d.about += mergedText
	}
	for _, id := range c.Merged {
		old, err := customer.Find(ctx, d.tx, id)
		if err != nil {
			return err
		}
		folder := fmt.Sprintf("merged/%d/", id)
		if err := d.record(ctx, old, folder); err != nil {
			return err
		}
		d.about += fmt.Sprintf("%-27s %s, %s\n", folder, old.Number, old.Name)
	}
	return nil
}

// record writes into a folder what is on record under one customer.
func (d *Dossier) record(ctx context.Context, c customer.Customer, folder string) error {
	head, err := note.HeadOf(ctx, d.tx, c.ID)
	if err != nil {
		return err
	}
	d.folder, d.args["customer"] = folder, c.ID
	journal := func(write func(context.Context, customer.Customer, note.Link) error) func(context.Context) error {
		return func(ctx context.Context) error { return write(ctx, c, head) }
	}
	for _, write := range []func(context.Context) error{
		d.head, journal(d.journalHTML), journal(d.journalCSV), journal(d.chain), d.pins, d.accounts, d.items, d.statuses, d.returns, d.payments, d.applications,
		d.points, d.times, d.vehicles, d.messages, d.received, d.inbox, d.calls, d.refusals, d.permissions, d.stops, d.requests, d.followUps, d.contacts,
		d.cases, d.caseItems, d.caseLinks, d.promises, d.promisedItems, d.decisions, d.agenda, d.actions, d.reminders, d.bulkWork, d.statementRuns, d.access,
	} {
		if err := write(ctx); err != nil {
			return fmt.Errorf("make a dossier: %w", err)
		}
	}
	r := record{folder: folder}
	err = each(ctx, d.making, papersSQL, func(p paper) error {
		r.papers = append(r.papers, p)
		return nil
	})
	d.of = append(d.of, r)
	return err
}

// WriteOut writes the archive. It can be called once, and after the transaction.
func (d *Dossier) WriteOut(ctx context.Context, w io.Writer) error {
	if err := d.turn(w); err != nil {
		return err
	}
	if _, err := d.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(w, d.spool); err != nil {
		return err
	}
	for _, r := range d.of {
		if err := d.fetch(ctx, r); err != nil {
			return err
		}
	}
	d.folder = ""
	if err := d.text("README.txt", d.about); err != nil {
		return err
	}
	return d.close()
}

func (d *Dossier) readme(c customer.Customer, seq int64) string {
	t := d.tx.Actor.Tenant
	return fmt.Sprintf(readmeText, c.Name, c.Number, c.Kind, c.Address(), t.Name, d.moment(d.tx.Now), d.tx.Actor.Name, seq, t.Zone)
}

const readmeText = `What is on record about %s

Number:    %s
Kind:      %s
Address:   %s
Company:   %s
Made on:   %s by %s
Recorded:  in the journal as note %d

Moments are in the time zone %s, each with its distance from UTC. Days are written year, month, day. An amount has its
currency beside it or in a column of its own.

customer.csv                who the customer is, who works them, how and when they are reminded, and what to be careful with
journal.html, journal.csv   what happened, line after line, the first one first; corrections stand with what they correct
pins.csv                    notes that somebody keeps on top
accounts.csv, items.csv     what the customer owes under, and what is owed: status, pause, what is open now
item_statuses.csv           each change of an item's status, with its reason
item_returns.csv            items that went back to where they are chased
payments.csv                money that was received, and what of it is not applied
applications.csv            what of it was set against which item, or was taken back from it
contact_points.csv          numbers and addresses with their people, also those that are out of use
contact_times.csv           when the customer is reached best, and when they must not be tried
vehicles.csv                vehicles, with the loan that each belongs to
messages.csv, messages/     what was written to the customer, and to who settles a case of theirs, each text as it was sent, and
                            what became of it
received.csv                what the customer wrote, each text as it was received, and what was done about it
inbox.csv                   what somebody had to look at: what came in, and messages that did not get out
documents.csv, documents/   letters, attachments and other files, as they were received or sent
calls.csv                   calls that were placed or taken, with what came of them
refusals.csv                contacts that a rule barred: refused, or made all the same by a manager, with the rule and its version
permissions.csv             what people allowed or forbade, and how that is known
stops.csv                   reasons not to contact the debtor, and when they were lifted, on what evidence
requests.csv                contacts that the debtor asked for
follow_ups.csv              dated reminders of ours, also those that were done or deleted, by whom and when
contacts.csv                contacts of the diary, each with the one that follows it, and what came of it
cases.csv, case_items.csv   what was taken out of dunning to be settled, with the amounts in question, and when it came back; each
                            step of a case stands in the journal
case_links.csv              links by which a colleague answered a case, and each use of them
promises.csv, promise_items.csv, promise_decisions.csv
                            promises to pay, their items, and each decision about them with what it was made from
agenda.csv                  each time at which the customer was to be reminded, why, and how it ended
agenda_actions.csv          what was done about it, with the items that were named
reminders.csv               reminders of items, the level of each, and those that were taken back
bulk_work.csv               what was done with the customer together with many others
statement_runs.csv          statements that were made together with those of others
access.csv                  who opened the profile, its documents and lists, and when
proof/                      the proof that the journal is as it was written, and how to check it
manifest.sha256             the SHA-256 sum of each of these files: sha256sum -c manifest.sha256

An apostrophe before a cell that begins with =, +, - or @ keeps spreadsheets from taking it for a formula.
`

const mergedText = `
Some customers turned out to be this one. What was open of theirs moved here, with their documents and messages; what was
done before stays under them, each in a folder with the same files and a proof of its own:

`
