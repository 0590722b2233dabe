package customer

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/spreadsheet"
	"dunwell/internal/tenant"
)

// line is a customer and currency in an export.
type line struct {
	Number, Name, Kind, Street, PostalCode, City, Region, Country string
	Owner, Branch, Stops, Watched, Archived                       string
	Currency                                                      money.Currency
	Items                                                         int
	Open, Overdue, Held, Credit, ToCollect                        int64
	OldestDueOn                                                   day.Day
}

// headings name the columns of both kinds of files.
var headings = []string{
	"Number", "Name", "Kind", "Street", "Postal code", "City", "Region", "Country", "Owner", "Branch", "Stops", "Watch flag until", "Archived on",
	"Currency", "Open items", "Open", "Overdue", "Held back", "Credit", "To collect", "Oldest due date",
}

func (l line) texts() []string {
	return []string{l.Number, l.Name, l.Kind, l.Street, l.PostalCode, l.City, l.Region, l.Country, l.Owner, l.Branch, l.Stops, l.Watched, l.Archived, string(l.Currency)}
}

func (l line) amounts() []money.Amount {
	var list []money.Amount
	for _, minor := range []int64{l.Open, l.Overdue, l.Held, l.Credit, l.ToCollect} {
		list = append(list, money.New(minor, l.Currency))
	}
	return list
}

// WriteCSV writes all customers that fit the filter in its order, a line a
// currency in which they have figures, for spreadsheets. Amounts are plain numbers
// with a decimal point. That it was written is recorded.
func WriteCSV(ctx context.Context, tx *tenant.Tx, w io.Writer, f Filter) error {
	if _, known := orders[f.Sort]; !known {
		return errDamaged
	}
	out, err := spreadsheet.CSV(w)
	if err != nil {
		return err
	}
	if err := out.Write(headings); err != nil {
		return err
	}
	if err := each(ctx, tx, f, "CSV", func(l line) error { return writeLine(out, l) }); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func writeLine(out *csv.Writer, l line) error {
	var cells []string
	for _, text := range l.texts() {
		cells = append(cells, spreadsheet.NoFormula(text))
	}
	cells = append(cells, fmt.Sprint(l.Items))
	for _, a := range l.amounts() {
		cells = append(cells, a.Plain())
	}
	return out.Write(append(cells, l.OldestDueOn.String()))
}

// each reads the lines one by one, so that they need not fit into memory.
func each(ctx context.Context, tx *tenant.Tx, f Filter, format string, write func(line) error) error {
	o, known := orders[f.Sort]
	if !known {
		return errDamaged
	}
	args := f.args(tx)
	args["own"], args["zone"] = tx.Actor.Tenant.Currency, tx.Actor.Tenant.Zone.String()
	n := 0
	rows, _ := tx.Query(ctx, `
		SELECT l.number, l.name, l.kind, l.street, l.postal_code, l.city, l.region, l.country,
			coalesce(u.name, ''), coalesce(b.name, ''),
			coalesce((
				SELECT string_agg(replace(s.kind, '_', ' '), ', ' ORDER BY s.kind) FROM stops s
				WHERE s.tenant_id = @tenant AND s.customer_id = l.id AND s.lifted_at IS NULL), ''),
			coalesce(CASE WHEN l.watch_until >= @today THEN l.watch_until::text END, ''),
			coalesce((l.archived_at AT TIME ZONE @zone)::date::text, ''),
			coalesce(x.currency, @own), coalesce(x.items, 0), coalesce(x.open_amount, 0), coalesce(x.overdue, 0), coalesce(x.held, 0),
			coalesce(x.credit, 0), coalesce(x.to_collect, 0), x.oldest_due_on
		FROM (
			SELECT c.id, c.number, c.name, c.kind, c.street, c.postal_code, c.city, c.region, c.country, c.owner_id, c.branch_id,
				c.watch_until, c.archived_at, row_number() OVER (ORDER BY `+o.sort+`) AS place`+f.from()+`) l
		LEFT JOIN customer_totals x ON x.tenant_id = @tenant AND x.customer_id = l.id AND (x.items <> 0 OR x.credit <> 0)
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = l.owner_id
		LEFT JOIN users u ON u.id = m.user_id
		LEFT JOIN branches b ON b.tenant_id = @tenant AND b.id = l.branch_id
		ORDER BY l.place, x.currency <> @own, x.currency`, args)
	var l line
	_, err := pgx.ForEachRow(rows, []any{&l.Number, &l.Name, &l.Kind, &l.Street, &l.PostalCode, &l.City, &l.Region, &l.Country,
		&l.Owner, &l.Branch, &l.Stops, &l.Watched, &l.Archived,
		&l.Currency, &l.Items, &l.Open, &l.Overdue, &l.Held, &l.Credit, &l.ToCollect, &l.OldestDueOn}, func() error {
		n++
		return write(l)
	})
	tx.Later(tenant.Event{Kind: "customers.exported", Data: map[string]any{"format": format, "lines": n, "filter": f.facts()}})
	if err != nil {
		return fmt.Errorf("export customers: %w", err)
	}
	return nil
}
