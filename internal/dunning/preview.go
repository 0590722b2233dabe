package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Result is what a run did, or would do: written as JSON it is what the command
// prints.
type Result struct {
	AsOf      day.Day       `json:"as_of"`
	Items     int           `json:"items_examined"`
	Opened    int           `json:"opened"`
	Updated   int           `json:"updated"`
	Withdrawn int           `json:"withdrawn"`
	Entries   []ResultEntry `json:"entries"`
	LeftOut   []LeftOut     `json:"left_out"`
}

// ResultEntry is a customer who is to be reminded.
type ResultEntry struct {
	CustomerID int64          `json:"-"`
	Customer   string         `json:"customer"` // the number
	Name       string         `json:"-"`
	LevelID    int64          `json:"-"` // 0: none, as a manager is to be asked
	LevelName  string         `json:"-"`
	Level      int            `json:"level"`
	Reason     string         `json:"reason"`
	ToCollect  []money.Amount `json:"-"` // net of credit, a currency each
	Change     Change         `json:"-"`
	Lines      []ResultLine   `json:"lines"`
}

// Change is what a run does about a customer's entry.
type Change string

// The changes. Kept: the entry is open and stays as it is.
const (
	Opens     Change = "open"
	Updates   Change = "update"
	Kept      Change = "keep"
	Withdraws Change = "withdraw"
)

// ResultLine is an item of a customer who is to be reminded.
type ResultLine struct {
	Item     string         `json:"item"` // the number
	Level    int            `json:"level"`
	Days     int            `json:"days"`
	Amount   string         `json:"amount"` // decimal, what may be chased
	Currency money.Currency `json:"currency"`
}

// LeftOut is a customer who owes something overdue and is not to be reminded now.
type LeftOut struct {
	CustomerID int64          `json:"-"`
	Customer   string         `json:"customer"`
	Name       string         `json:"-"`
	Why        string         `json:"why"`
	ComesOn    day.Day        `json:"-"` // when that changes by itself; zero: it does not
	ToCollect  []money.Amount `json:"-"`
	Change     Change         `json:"-"`
}

// Preview is what Run would do, without doing it: also in a transaction that only
// reads, for days to come, and while dunning is switched off.
func Preview(ctx context.Context, tx *tenant.Tx, asOf day.Day) (Result, error) {
	k, err := mayLook(ctx, tx)
	if err != nil {
		return Result{}, err
	}
	if k.On {
		if err := k.refuse(asOf); err != nil {
			return Result{}, err
		}
	}
	return look(ctx, tx, asOf)
}

// Outlook is Preview without the lines and without who is left out, of which a
// large company has very many.
func Outlook(ctx context.Context, tx *tenant.Tx, asOf day.Day) (Result, error) {
	if _, err := mayLook(ctx, tx); err != nil {
		return Result{}, err
	}
	list, err := evaluate(ctx, tx, asOf, nil)
	if err != nil {
		return Result{}, err
	}
	r := result(asOf, list)
	r.LeftOut = nil
	return r, nil
}

func mayLook(ctx context.Context, tx *tenant.Tx) (k books, err error) {
	if !CanRun(tx.Actor) {
		return k, errs.Forbidden("Only managers and administrators look ahead at a run. Your own customers stand in your agenda.")
	}
	b := tx.Batch()
	queueBooks(b, &k)
	err = b.Send(ctx)
	return k, err
}

// look reads what a run as of the day does.
func look(ctx context.Context, tx *tenant.Tx, asOf day.Day) (Result, error) {
	list, err := evaluate(ctx, tx, asOf, nil)
	if err != nil {
		return Result{}, err
	}
	r := result(asOf, list)
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM collectable($2) c WHERE c.tenant_id = $1`, tx.Actor.TenantID, asOf).Scan(&r.Items); err != nil {
		return Result{}, fmt.Errorf("count items: %w", err)
	}
	return r, r.addLines(ctx, tx)
}

func result(asOf day.Day, list []verdict) Result {
	r := Result{AsOf: asOf, Entries: []ResultEntry{}, LeftOut: []LeftOut{}}
	for _, v := range list {
		switch v.Change {
		case Opens:
			r.Opened++
		case Updates:
			r.Updated++
		case Withdraws:
			r.Withdrawn++
		}
		switch {
		case v.Opens && !v.LaterOn.After(asOf):
			r.Entries = append(r.Entries, ResultEntry{CustomerID: v.CustomerID, Customer: v.Number, Name: v.Name, LevelID: v.LevelID, LevelName: v.LevelName, Level: v.Level,
				Reason: v.entry().Sentence(asOf), ToCollect: v.amounts(), Change: v.Change, Lines: []ResultLine{}})
		case v.Code != "":
			out := LeftOut{CustomerID: v.CustomerID, Customer: v.Number, Name: v.Name, Why: v.leftOut(asOf), ComesOn: v.ComesOn, ToCollect: v.amounts(), Change: v.Change}
			if v.Opens {
				out.ComesOn = v.LaterOn
			}
			r.LeftOut = append(r.LeftOut, out)
		}
	}
	return r
}

func (v verdict) amounts() []money.Amount {
	list := make([]money.Amount, len(v.Amounts))
	for i, n := range v.Amounts {
		list[i] = money.New(n, v.Currencies[i])
	}
	return list
}

// addLines reads the lines of the entries.
func (r *Result) addLines(ctx context.Context, tx *tenant.Tx) error {
	at, ids := map[int64]*ResultEntry{}, []int64{}
	for i := range r.Entries {
		e := &r.Entries[i]
		at[e.CustomerID], ids = e, append(ids, e.CustomerID)
	}
	if len(ids) == 0 {
		return nil
	}
	sql := evaluateSome + `
		SELECT d.customer_id, i.number, coalesce(greatest(CASE WHEN f.fits THEN d.next END, d.reached), 0), d.days, d.collectable, d.currency
		FROM due d
		JOIN items i ON i.tenant_id = @tenant AND i.id = d.mark & (1::bigint << 40) - 1
		` + fitsSQL + `
		WHERE d.next > -2
		ORDER BY d.customer_id, d.mark`
	var (
		customer int64
		line     ResultLine
		minor    int64
	)
	err := atScale(ctx, tx, ids, func() error {
		rows, _ := tx.Query(ctx, sql, evaluationArgs(tx, r.AsOf, ids))
		_, err := pgx.ForEachRow(rows, []any{&customer, &line.Item, &line.Level, &line.Days, &minor, &line.Currency}, func() error {
			line.Amount = money.New(minor, line.Currency).Plain()
			at[customer].Lines = append(at[customer].Lines, line)
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	return nil
}
