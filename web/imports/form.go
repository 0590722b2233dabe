package imports

import (
	"net/http"
	"slices"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/importer"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// uploadForm is a file to be brought in, as chosen.
type uploadForm struct {
	Kind, Currency, CreateCustomers, AllOrNothing, LoadedTo string

	Errors errs.Invalid
}

func readUpload(r *http.Request) uploadForm {
	return uploadForm{Kind: r.PostFormValue("kind"), Currency: r.PostFormValue("currency"), LoadedTo: r.PostFormValue("loaded_to"),
		CreateCustomers: r.PostFormValue("create_customers"), AllOrNothing: r.PostFormValue("all_or_nothing")}
}

// options reads the form.
func (f uploadForm) options(tx *tenant.Tx) (importer.Options, error) {
	o := importer.Options{Kind: importer.Kind(f.Kind), Currency: strings.TrimSpace(f.Currency),
		CreateCustomers: f.CreateCustomers == "on", AllOrNothing: f.AllOrNothing == "on"}
	if f.LoadedTo == "" || o.Kind != importer.Payments {
		return o, nil
	}
	d, err := day.Parse(f.LoadedTo)
	if err != nil {
		return o, errs.Invalid{"loaded_to": "Give a day such as " + tx.Today().String() + "."}
	}
	o.LoadedTo = tenant.Through(d, tx.Actor.Tenant.Zone, tx.Now)
	return o, nil
}

// store keeps the uploaded file.
func store(r *http.Request, tx *tenant.Tx, o importer.Options) (int64, error) {
	file, head, err := r.FormFile("file")
	if err != nil {
		if !importer.CanImport(tx.Actor) {
			return 0, importer.ErrOnlyManagers
		}
		return 0, errs.Invalid{"file": "Choose the file."}
	}
	defer file.Close()
	o.FileName = head.Filename
	return importer.Store(r.Context(), tx, o, file)
}

func kindOptions() []ui.Option {
	return []ui.Option{{Value: "", Label: "Choose…"}, {Value: "customers", Label: "Customers"},
		{Value: "items", Label: "Items: invoices, instalments, fees, credit notes"}, {Value: "payments", Label: "Payments"}}
}

// mappingForm says which column of the file means what.
type mappingForm struct {
	Import  importer.Import
	Preview importer.Preview
	Columns []importer.Column
	Map     importer.Map

	Errors errs.Invalid
}

// findMapping takes the columns of the import's own map, else what is suggested.
func findMapping(r *http.Request, tx *tenant.Tx) (f mappingForm, err error) {
	if f.Import, err = importer.Find(r.Context(), tx, web.ID(r, "import")); err != nil {
		return f, err
	}
	if !f.Import.CanMap() {
		return f, errs.Conflict("The columns of this import can no longer be changed. Open it to see where it is.")
	}
	k := f.Import.Options.Kind
	f.Columns = importer.Columns(k)
	if f.Preview, err = importer.Look(r.Context(), tx, f.Import.ID); err != nil {
		return f, err
	}
	if f.Map = f.Import.Options.Map; f.Import.State == importer.Checked {
		return f, nil
	}
	f.Map, err = importer.Suggest(r.Context(), tx, k, f.Preview.Header)
	return f, err
}

// read takes what was chosen.
func (f *mappingForm) read(r *http.Request) {
	f.Map = importer.Map{DateFormat: strings.TrimSpace(r.PostFormValue("date_format")), Decimal: r.PostFormValue("decimal"),
		Columns: map[importer.Field]string{}}
	for _, c := range f.Columns {
		if name := r.PostFormValue(fieldName(c)); name != "" {
			f.Map.Columns[c.Field] = name
		}
	}
	for _, word := range strings.Split(r.PostFormValue("true"), ",") {
		if word = strings.TrimSpace(word); word != "" {
			f.Map.True = append(f.Map.True, word)
		}
	}
}

func fieldName(c importer.Column) string { return "column." + string(c.Field) }

// columnOptions are the file's columns to choose from.
func (f *mappingForm) columnOptions() []ui.Option {
	out := []ui.Option{{Value: "", Label: "not read"}}
	var seen []string
	for _, h := range f.Preview.Header {
		if h != "" && !slices.Contains(seen, h) {
			out = append(out, ui.Option{Value: h, Label: h})
			seen = append(seen, h)
		}
	}
	return out
}

// dateOptions are the usual ways of writing dates, and the one chosen.
func (f *mappingForm) dateOptions() []ui.Option {
	out := []ui.Option{{Value: "", Label: "only dates that cannot be misread"}}
	formats := []string{"YYYY-MM-DD", "D.M.YYYY", "D/M/YYYY", "M/D/YYYY", "D-M-YYYY", "YYYYMMDD", "DD.MM.YY", "DD/MM/YY", "MM/DD/YY"}
	if f.Map.DateFormat != "" && !slices.Contains(formats, f.Map.DateFormat) {
		formats = append(formats, f.Map.DateFormat)
	}
	for _, s := range formats {
		out = append(out, ui.Option{Value: s, Label: s})
	}
	return out
}

func decimalOptions() []ui.Option {
	return []ui.Option{{Value: "", Label: "only amounts that cannot be misread"}, {Value: ".", Label: "point: 1,234.56"}, {Value: ",", Label: "comma: 1.234,56"}}
}
