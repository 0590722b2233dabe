package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

type importFile struct {
	Tenant          string        `required:"" help:"The company's slug."`
	Kind            importer.Kind `required:"" enum:"customers,items,payments" help:"What the file holds: items, customers or payments."`
	Map             string        `required:"" help:"JSON file that says which column holds what, and how dates and numbers are written." type:"existingfile" placeholder:"FILE.json"`
	Currency        string        `help:"The currency of rows that name none."`
	LoadedTo        day.Day       `help:"With payments: the bank's are complete up to the end of this day, once no row is refused." placeholder:"YYYY-MM-DD"`
	CreateCustomers bool          `help:"Create the unknown customers of items instead of refusing the rows."`
	AllOrNothing    bool          `help:"Take no row where one is refused."`
	DryRun          bool          `help:"Check only; change nothing."`
	JSON            bool          `help:"Print JSON."`
	File            string        `arg:"" help:"The CSV file." type:"existingfile"`
}

// Run imports the file.
func (i *importFile) Run(ctx context.Context, e *env) error {
	m, err := readMap(i.Map)
	if err != nil {
		return err
	}
	file, err := os.Open(i.File)
	if err != nil {
		return importer.Unusable(err.Error())
	}
	defer file.Close()
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	id, err := db.BySlug(ctx, i.Tenant)
	if err != nil {
		return err
	}
	o := importer.Options{Kind: i.Kind, Map: m, Currency: i.Currency, CreateCustomers: i.CreateCustomers,
		AllOrNothing: i.AllOrNothing, DryRun: i.DryRun, FileName: filepath.Base(i.File)}
	if !i.LoadedTo.IsZero() {
		err := db.Read(ctx, tenant.System(id), func(tx *tenant.Tx) error {
			o.LoadedTo = tenant.Through(i.LoadedTo, tx.Actor.Tenant.Zone, tx.Now)
			return nil
		})
		if err != nil {
			return err
		}
	}
	result, err := importer.Run(ctx, db, id, o, file)
	if err != nil {
		return err
	}
	return errors.Join(i.print(e, result), refusedRows(result))
}

func readMap(path string) (m importer.Map, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return m, importer.Unusable(err.Error())
	}
	return importer.ParseMap(b)
}

func refusedRows(r importer.Result) error {
	if r.Refused > 0 {
		return exit(1)
	}
	return nil
}

func (i *importFile) print(e *env, r importer.Result) error {
	if i.JSON {
		return json.NewEncoder(e.out).Encode(r)
	}
	done := "Imported"
	if i.DryRun {
		done = "Checked only"
	}
	fmt.Fprintf(e.out, "%s: %d rows read, %d new, %d changed, %d unchanged, %d refused, %d customers created.\n",
		done, r.Read, r.New, r.Changed, r.Unchanged, r.Refused, r.CustomersCreated)
	if !i.LoadedTo.IsZero() && r.Refused > 0 {
		fmt.Fprintln(e.out, "The date up to which payments are loaded stays where it is, because rows are refused.")
	}
	if r.PartPaid > 0 {
		fmt.Fprintf(e.out, "New items that are paid in part or in full, on a day that the file does not say: %d.\n", r.PartPaid)
	}
	if r.Assumed > 0 {
		fmt.Fprintf(e.out, "Rows whose currency is empty, and that are read as %s: %d.\n", i.Currency, r.Assumed)
	}
	for _, t := range r.Totals {
		fmt.Fprintf(e.out, "Total of the amounts %s %s\n", t.Currency, t.Amount)
	}
	for _, c := range r.Changes {
		fmt.Fprintf(e.out, "row %d, %s %s: %s\n", c.Row, c.Number, c.Name, strings.Join(c.Fields, "; "))
	}
	if more := r.Changed - int64(len(r.Changes)); more > 0 && len(r.Changes) > 0 {
		fmt.Fprintf(e.out, "and %d more changed.\n", more)
	}
	if r.LeftOut > 0 {
		fmt.Fprintf(e.out, "Telephone numbers and addresses left out of rows that are taken: %d.\n", r.LeftOut)
	}
	if r.OptedOut > 0 {
		fmt.Fprintf(e.out, "New telephone numbers and addresses that begin opted out, by what was said before: %d.\n", r.OptedOut)
	}
	for _, k := range r.Kept {
		fmt.Fprintf(e.out, "%s %q is no longer in use: %d rows taken, the %s left as it was.\n", k.Field, k.Value, k.Rows, k.Field)
	}
	if r.OwnersEmptied+r.BranchesEmptied > 0 {
		fmt.Fprintf(e.out, "Empty cells: %d customers without their owner, %d without their branch.\n", r.OwnersEmptied, r.BranchesEmptied)
	}
	for _, j := range r.Rejects {
		fmt.Fprintf(e.out, "row %d, %s %q: %s\n", j.Row, j.Column, j.Value, j.Reason)
	}
	return nil
}
