package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// MaxText is how many characters a comment holds, MaxTitle a title.
const (
	MaxText  = 2000
	MaxTitle = 120
)

// Opening is what a new case is to be.
type Opening struct {
	Title      string
	OwnerID    int64
	ResolverID int64   // 0: none
	NextOn     day.Day // when somebody looks again
	// Complaint gives it a deadline, and bars all contact with the customer at once.
	Complaint  bool
	DeadlineOn day.Day
	Comment    string
}

// years is how far ahead the dates of a case may be.
const years = 10

// noComplaint refuses the day of a complaint where there is none.
const noComplaint = "Only a complaint is to be answered by a day. Tick that it is one, or empty this."

// checkDeadline is stricter: by then a complaint is answered, and the stop that comes
// with it is reviewed.
func checkDeadline(inv *errs.Invalid, on, today day.Day) {
	checkDay(inv, on, today, "deadline_on", "Give the day by which the complaint is answered.")
	inv.Check(!on.After(today.AddMonths(12)), "deadline_on", "A complaint is answered within a year. Give an earlier day.")
}

func checkDay(inv *errs.Invalid, on day.Day, today day.Day, field, missing string) {
	inv.Check(!on.IsZero(), field, missing)
	inv.Check(!on.Before(today), field, "This day is past. Choose today or a day to come.")
	inv.Check(on.Before(today.AddMonths(12*years)), field, "This is more than ten years ahead. Look at the year again.")
}

func checkText(inv *errs.Invalid, text *string, field string) {
	*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
	n := utf8.RuneCountInString(*text)
	inv.Check(n <= MaxText, field, fmt.Sprintf("This has %d characters, and %d fit. Shorten it, or attach a document.", n, MaxText))
	inv.Check(!note.HasCard(*text), field, note.NoCard)
}

func checkTitle(inv *errs.Invalid, title *string) {
	tenant.OneLine(inv, title, "title")
	inv.Check(*title != "", "title", "Say in a few words what the case is about.")
	inv.Check(utf8.RuneCountInString(*title) <= MaxTitle, "title", fmt.Sprintf("A title holds %d characters. Shorten it; the rest belongs into the comment.", MaxTitle))
	inv.Check(!note.HasCard(*title), "title", note.NoCard)
}

func (o *Opening) check(today day.Day) error {
	var inv errs.Invalid
	checkTitle(&inv, &o.Title)
	checkText(&inv, &o.Comment, "comment")
	checkDay(&inv, o.NextOn, today, "on", "Give the day on which somebody looks at the case again.")
	if o.Complaint {
		checkDeadline(&inv, o.DeadlineOn, today)
	}
	inv.Check(o.Complaint || o.DeadlineOn.IsZero(), "deadline_on", noComplaint)
	return inv.Err()
}

// Open opens a case for the customer with these items, or with none yet. They are out
// of dunning from then on: each as a whole, or with the amount in question.
func Open(ctx context.Context, tx *tenant.Tx, customerID int64, o Opening, items []Ticked) (id int64, err error) {
	if err := hold(ctx, tx, customerID); err != nil {
		return 0, err
	}
	list, err := ticked(ctx, tx, customerID, items)
	if err != nil {
		return 0, err
	}
	var inv errs.Invalid
	check(&inv, list)
	if err := inv.Err(); err != nil {
		return 0, err
	}
	return open(ctx, tx, customerID, o, list)
}

// open is Open for items that were read already, of a customer who is held.
func open(ctx context.Context, tx *tenant.Tx, customerID int64, o Opening, items []chosen) (id int64, err error) {
	if err := o.check(tx.Today()); err != nil {
		return 0, err
	}
	owner, err := ownerOf(ctx, tx, customerID, o.OwnerID)
	if err != nil {
		return 0, err
	}
	r, err := resolverOf(ctx, tx, o.ResolverID, 0)
	if err != nil {
		return 0, err
	}
	stop, err := o.bar(ctx, tx, customerID)
	if err != nil {
		return 0, err
	}
	status := InWork
	if o.ResolverID != 0 {
		status = WithResolver
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO cases (customer_id, title, status, owner_id, resolver_id, next_on, deadline_on, stop_id, opened_on, opened_at, opened_by)
		VALUES (@customer, @title, @status, @owner, nullif(@resolver::bigint, 0), @next_on, @deadline, nullif(@stop::bigint, 0), @today, @now, nullif(@member::bigint, 0))
		RETURNING id`,
		pgx.NamedArgs{"customer": customerID, "title": o.Title, "status": status, "owner": o.OwnerID, "resolver": o.ResolverID, "next_on": o.NextOn,
			"deadline": o.DeadlineOn, "stop": stop, "today": tx.Today(), "now": tx.Now, "member": tx.Actor.MemberID}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("open case: %w", err)
	}
	if err := join(ctx, tx, customerID, id, items); err != nil {
		return 0, err
	}
	_, err = note.Add(ctx, tx, line(customerID, id, o.words(owner, r.Name, items), data{Event: "opened", Status: status, Shown: o.ResolverID != 0}))
	return id, err
}

// words is the line of the journal.
func (o Opening) words(owner, resolver string, items []chosen) string {
	var w strings.Builder
	kind := "Case"
	if o.Complaint {
		kind = "Complaint"
	}
	fmt.Fprintf(&w, "%s opened: %s. Worked by %s, to be looked at on %s.", kind, strings.TrimSuffix(o.Title, "."), owner, o.NextOn.Long())
	if resolver != "" {
		fmt.Fprintf(&w, " To be settled by %s.", resolver)
	}
	if o.Complaint {
		fmt.Fprintf(&w, " To be answered by %s; until a manager lifts the stop nobody contacts the customer.", o.DeadlineOn.Long())
	}
	if len(items) > 0 {
		fmt.Fprintf(&w, " Out of dunning: %s.", words(items))
	}
	if o.Comment != "" {
		w.WriteString(" " + o.Comment)
	}
	return w.String()
}

// bar places the stop of a complaint, or takes the one that is in force.
func (o Opening) bar(ctx context.Context, tx *tenant.Tx, customerID int64) (stop int64, err error) {
	if !o.Complaint {
		return 0, nil
	}
	err = tx.QueryRow(ctx, `
		SELECT s.id
		FROM stops s
		WHERE s.tenant_id = $1 AND s.customer_id = $2 AND s.kind = 'complaint' AND s.lifted_at IS NULL`, tx.Actor.TenantID, customerID).Scan(&stop)
	if err == nil || !errors.Is(err, pgx.ErrNoRows) {
		return stop, err
	}
	review := o.DeadlineOn
	if !review.After(tx.Today()) {
		review = tx.Today().Add(1)
	}
	return customer.PlaceStop(ctx, tx, customerID, customer.Stop{Kind: "complaint", Reason: "Complaint: " + o.Title, Since: tx.Today(), ReviewOn: review})
}

// join puts items into an open case.
func join(ctx context.Context, tx *tenant.Tx, customerID, id int64, items []chosen) error {
	if len(items) == 0 {
		return nil
	}
	var inv errs.Invalid
	for _, i := range items {
		inv.Check(i.CaseID == 0, "items", fmt.Sprintf("Item %s stands in case %d already, and an item is in one open case only. Take its tick away, or remove it there first.", i.Number, i.CaseID))
		inv.Check(i.Family != "dispute_resolved", "items", fmt.Sprintf("Item %s has the status %s: it would leave the case at once. Choose another status with it.", i.Number, i.Status))
	}
	if err := inv.Err(); err != nil {
		return err
	}
	accounts, currencies, asked := make([]int64, len(items)), make([]string, len(items)), make([]int64, len(items))
	for n, i := range items {
		accounts[n], currencies[n], asked[n] = i.AccountID, string(i.Currency), i.Asked
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO case_items (case_id, customer_id, account_id, currency, item_id, amount, credits_to, joined_at, joined_by)
		SELECT @case, @customer, n.account, n.currency, n.item, nullif(n.asked, 0), `+applied+`, @now, nullif(@member::bigint, 0)
		FROM unnest(@items::bigint[], @accounts::bigint[], @currencies::text[], @asked::bigint[]) AS n (item, account, currency, asked)
		ORDER BY n.item`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id, "customer": customerID, "items": itemIDs(items), "accounts": accounts, "currencies": currencies, "asked": asked,
			"now": tx.Now, "member": tx.Actor.MemberID})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "case_items_once" {
		return errs.Conflict("One of these items was put into a case meanwhile. Nothing of yours was saved. Look at the items again.")
	}
	if err != nil {
		return fmt.Errorf("put items into a case: %w", err)
	}
	tx.Touch(customerID)
	return nil
}

// ownerOf names a member who can work the case, or refuses at the field owner.
func ownerOf(ctx context.Context, tx *tenant.Tx, customerID, member int64) (string, error) {
	name, err := followup.Assignee(ctx, tx, customerID, member)
	var inv errs.Invalid
	if errors.As(err, &inv) {
		return "", errs.Invalid{"owner": inv["assignee"]}
	}
	return name, err
}
