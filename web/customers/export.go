package customers

import (
	"context"
	"io"
	"net/http"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
	"dunwell/web"
)

func exportCSV(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return export(w, r, tx, "text/csv; charset=utf-8", ".csv", customer.WriteCSV)
}

func exportXLSX(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return export(w, r, tx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", customer.WriteXLSX)
}

// export sends the list as filtered and sorted, all of its pages.
func export(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, contentType, ending string,
	write func(context.Context, *tenant.Tx, io.Writer, customer.Filter) error) error {
	f, err := parseFilter(r.Form, tx.Actor.Tenant.Currency)
	if err != nil {
		return err
	}
	f.After = customer.Key{}
	web.Attachment(w, contentType, "customers-"+tx.Today().String()+ending)
	return write(r.Context(), tx, w, f)
}
