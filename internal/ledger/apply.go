package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Line sets an amount in minor units against an item. A message about it stands
// at the field "line-" and the item's id.
type Line struct {
	ItemID int64
	Minor  int64
}

func (l Line) field() string { return fmt.Sprintf("line-%d", l.ItemID) }

// check refuses a line that pays nothing.
func (l Line) check(inv *errs.Invalid) {
	inv.Check(l.Minor > 0, l.field(), "Give an amount above zero, or take the tick away.")
}

// sum of the lines, which cannot run over: what is too large stays too large.
func sum(lines []Line) (minor int64) {
	for _, l := range lines {
		minor += max(min(l.Minor, money.Max+1), 0)
	}
	return minor
}

// origin is a table whose rows can be set against items.
type origin struct {
	table, column string // column of applications
	dated, left   string // when it came, and how much of it is not applied
	noun          string
}

var (
	payments    = origin{"payments", "payment_id", "value_on", "unapplied", "payment"}
	creditNotes = origin{"items", "credit_id", "issued_on", "greatest(-open_amount, 0)", "credit note"}
)

// ApplyPayment sets credit of a payment of the customer against items of the
// same account and currency.
func ApplyPayment(ctx context.Context, tx *tenant.Tx, customer, payment int64, lines []Line) (Receipt, error) {
	return applyCredit(ctx, tx, payments, customer, payment, lines)
}

// ApplyCreditNote sets a credit note of the customer against items of the same
// account and currency.
func ApplyCreditNote(ctx context.Context, tx *tenant.Tx, customer, item int64, lines []Line) (Receipt, error) {
	return applyCredit(ctx, tx, creditNotes, customer, item, lines)
}

func applyCredit(ctx context.Context, tx *tenant.Tx, o origin, customer, id int64, lines []Line) (Receipt, error) {
	c, err := lockCredit(ctx, tx, o, customer, id)
	if err != nil {
		return Receipt{}, err
	}
	var inv errs.Invalid
	inv.Check(len(lines) > 0, "lines", "Tick the items that the credit pays.")
	inv.Check(sum(lines) <= c.Left.Minor, "lines", fmt.Sprintf("The items take %s, and %s of %s %s is left. Lower an amount.",
		money.New(sum(lines), c.Left.Currency), c.Left, o.noun, c.Number))
	if err := inv.Err(); err != nil {
		return Receipt{}, err
	}
	paid, err := checkLines(ctx, tx, c.AccountID, c.Left.Currency, lines)
	if err != nil {
		return Receipt{}, err
	}
	if err := apply(ctx, tx, o, id, lines); err != nil {
		return Receipt{}, err
	}
	tx.Touch(customer)
	c.Left.Minor -= sum(lines)
	r := Receipt{Text: fmt.Sprintf("Credit of %s %s %s.", o.noun, c.Number, used(paid, c.Left))}
	return r, journal(ctx, tx, note.New{CustomerID: customer, Kind: "application", Text: r.Text,
		Subject: strings.TrimSuffix(o.table, "s"), SubjectID: id, Data: newMovement(paid, c.Left)})
}

// credit is a payment or a credit note with what is left of it.
type credit struct {
	AccountID int64
	Number    string
	Left      money.Amount
}

// lockCredit finds the customer's credit and reads what is left of it once nobody
// else can move money of its account.
func lockCredit(ctx context.Context, tx *tenant.Tx, o origin, customer, id int64) (c credit, err error) {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id}
	err = tx.QueryRow(ctx, `SELECT account_id FROM `+o.table+` WHERE tenant_id = @tenant AND customer_id = @customer AND id = @id`, args).Scan(&c.AccountID)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("%s %d: %w", o.noun, id, errs.NotFound)
	}
	if err != nil {
		return c, fmt.Errorf("find credit: %w", err)
	}
	if err := lockAccount(ctx, tx, customer, c.AccountID); err != nil {
		return c, err
	}
	err = tx.QueryRow(ctx, `SELECT number, currency, `+o.left+` FROM `+o.table+` WHERE tenant_id = @tenant AND id = @id`, args).
		Scan(&c.Number, &c.Left.Currency, &c.Left.Minor)
	if err != nil {
		return c, fmt.Errorf("read credit: %w", err)
	}
	if c.Left.Minor == 0 {
		return c, errs.Conflict(fmt.Sprintf("Nothing of %s %s is left to be applied.", o.noun, c.Number))
	}
	return c, nil
}

// lockAccount makes those who move money of one account take turns. It is the
// customer's, who must be one that the actor may see.
func lockAccount(ctx context.Context, tx *tenant.Tx, customer, account int64) error {
	var id int64
	err := tx.QueryRow(ctx, `
		SELECT a.id
		FROM accounts a
		JOIN customers c ON c.tenant_id = a.tenant_id AND c.id = a.customer_id
		WHERE a.tenant_id = @tenant AND a.customer_id = @customer AND a.id = @account
		FOR NO KEY UPDATE OF a`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "account": account}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("account %d: %w", account, errs.NotFound)
	}
	if err != nil {
		return fmt.Errorf("lock account: %w", err)
	}
	return nil
}

// paidLine is a line with the item's number, for the note.
type paidLine struct {
	ItemID int64  `json:"item"`
	Number string `json:"number"`
	Minor  int64  `json:"amount"`
}

// movement is the data of a note about money set against items, in minor units.
type movement struct {
	Currency money.Currency `json:"currency"`
	Lines    []paidLine     `json:"lines"`
	Left     int64          `json:"credit_left"`
}

func newMovement(paid []paidLine, left money.Amount) movement {
	return movement{left.Currency, paid, left.Minor}
}

// checkLines reads the items, each of the account and currency, and refuses what
// is more than is open.
func checkLines(ctx context.Context, tx *tenant.Tx, account int64, c money.Currency, lines []Line) ([]paidLine, error) {
	ids := make([]int64, len(lines))
	for i, l := range lines {
		ids[i] = l.ItemID
	}
	type item struct {
		ID     int64
		Number string
		Open   int64
	}
	rows, _ := tx.Query(ctx, `
		SELECT id, number, open_amount AS open
		FROM items
		WHERE tenant_id = @tenant AND account_id = @account AND currency = @currency AND id = ANY(@items) AND amount > 0`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "account": account, "currency": c, "items": ids})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[item])
	if err != nil {
		return nil, fmt.Errorf("read items to pay: %w", err)
	}
	by := make(map[int64]item, len(found))
	for _, i := range found {
		by[i.ID] = i
	}
	var inv errs.Invalid
	var settled []string // their rows are gone from the form, so that it is said of the whole
	paid := make([]paidLine, len(lines))
	for n, l := range lines {
		i, known := by[l.ItemID]
		paid[n] = paidLine{l.ItemID, i.Number, l.Minor}
		if known && i.Open == 0 {
			settled = append(settled, i.Number)
			continue
		}
		inv.Check(known, "lines", "Money pays only what is owed on its own account and in its own currency. Choose items of that account.")
		l.check(&inv)
		inv.Check(!known || l.Minor <= i.Open, l.field(), fmt.Sprintf("Only %s of %s is open.", money.New(i.Open, c), i.Number))
	}
	inv.Check(len(settled) == 0, "", paidMeanwhile(settled))
	return paid, inv.Err()
}

// paidMeanwhile says that nothing is open any more of the items with these numbers.
func paidMeanwhile(numbers []string) string {
	list, verb := strings.Join(numbers, ", "), "was"
	if len(numbers) > 1 {
		verb = "were"
	}
	return fmt.Sprintf("%s %s paid meanwhile. Look at what is ticked now, then save it: what the ticked items leave stays as credit.", list, verb)
}

// apply adds the applications. Their value date is the money's, but never before
// the item was issued: until then the money was credit.
func apply(ctx context.Context, tx *tenant.Tx, o origin, id int64, lines []Line) error {
	items, amounts := make([]int64, len(lines)), make([]int64, len(lines))
	for n, l := range lines {
		items[n], amounts[n] = l.ItemID, l.Minor
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO applications (account_id, currency, item_id, `+o.column+`, amount, value_on, member_id)
		SELECT i.account_id, i.currency, i.id, s.id, l.amount, greatest(s.`+o.dated+`, i.issued_on), nullif(@member, 0)
		FROM unnest(@items::bigint[], @amounts::bigint[]) WITH ORDINALITY AS l (item, amount, place)
		JOIN items i ON i.tenant_id = @tenant AND i.id = l.item
		JOIN `+o.table+` s ON s.tenant_id = @tenant AND s.id = @source AND s.account_id = i.account_id AND s.currency = i.currency
		ORDER BY l.place`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "source": id, "items": items, "amounts": amounts, "member": tx.Actor.MemberID})
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.ConstraintName {
		case "items_not_overapplied", "payments_not_overapplied", "payments_returned_unapplied": // an import moved it meanwhile
			return errs.Conflict("The ledger changed meanwhile, and this is more than is open now. Open the page again to see what is left.")
		}
	}
	if err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	return nil
}

// used says what money was set against and what is left of it.
func used(paid []paidLine, left money.Amount) string {
	const named = 8
	if len(paid) == 0 {
		return "pays nothing yet: all of it stays credit"
	}
	parts := make([]string, 0, named+1)
	for _, p := range paid[:min(len(paid), named)] {
		parts = append(parts, fmt.Sprintf("%s with %s", p.Number, money.New(p.Minor, left.Currency)))
	}
	if more := len(paid) - named; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more items", more))
	}
	text := "pays " + parts[0]
	if n := len(parts) - 1; n > 0 {
		text = "pays " + strings.Join(parts[:n], ", ") + " and " + parts[n]
	}
	if left.IsZero() {
		return text
	}
	return fmt.Sprintf("%s; %s stays credit", text, left)
}

func journal(ctx context.Context, tx *tenant.Tx, n note.New) error {
	_, err := note.Add(ctx, tx, n)
	return err
}
