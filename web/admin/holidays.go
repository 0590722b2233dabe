package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// holidaysPage is a year of the list, with the two forms as typed.
type holidaysPage struct {
	Year             int
	List             []tenant.Holiday
	Edit             bool
	Day, Name, Lines string
	Errors           errs.Invalid
}

// loadHolidays reads the year of the address, this one where it names none.
func loadHolidays(r *http.Request, tx *tenant.Tx) (p holidaysPage, err error) {
	p.Edit = tenant.CanSetHolidays(tx.Actor)
	p.Year, _, _ = tx.Today().Date()
	if year, err := strconv.Atoi(r.URL.Query().Get("year")); err == nil && year >= 2000 && year <= 2100 {
		p.Year = year
	}
	p.List, err = tenant.Holidays(r.Context(), tx, day.New(p.Year, 1, 1), day.New(p.Year, 12, 31))
	return p, err
}

func holidays(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadHolidays(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, holidaysScreen(p))
}

// addHoliday adds one day.
func addHoliday(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadHolidays(r, tx)
	if err != nil {
		return err
	}
	p.Day, p.Name = r.PostFormValue("day"), r.PostFormValue("name")
	d, _ := day.Parse(p.Day) // what is no day is asked for
	return p.add(w, r, tx, []tenant.Holiday{{Day: d, Name: p.Name}})
}

// addHolidays adds a list of days, a line each.
func addHolidays(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadHolidays(r, tx)
	if err != nil {
		return err
	}
	p.Lines = r.PostFormValue("lines")
	list, err := tenant.ParseHolidays(p.Lines)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, holidaysScreen(p))
	}
	if err != nil {
		return err
	}
	return p.add(w, r, tx, list)
}

func (p holidaysPage) add(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, list []tenant.Holiday) error {
	n, err := tenant.AddHolidays(r.Context(), tx, list)
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, holidaysScreen(p))
	}
	if err != nil {
		return err
	}
	year, _, _ := list[0].Day.Date()
	said := ui.Count(n, "holiday is", "holidays are") + " added."
	if old := len(list) - n; old > 0 {
		said += fmt.Sprintf(" %d in the list already.", old)
	}
	if n == 0 && len(list) == 1 {
		h := list[0]
		there, err := tenant.Holidays(r.Context(), tx, h.Day, h.Day)
		if err != nil {
			return err
		}
		for _, one := range there {
			said += fmt.Sprintf(" %s is there as “%s”. Where it is to be “%s”, remove it first.", h.Day.Long(), one.Name, h.Name)
		}
	}
	return web.SeeOther(w, r, holidaysURL(year), said)
}

// removeHoliday takes the day that the path names off the list.
func removeHoliday(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	d, err := day.Parse(chi.URLParam(r, "holiday"))
	if err != nil {
		return errs.NotFound
	}
	if err := tenant.RemoveHoliday(r.Context(), tx, d); err != nil {
		return err
	}
	year, _, _ := d.Date()
	return web.SeeOther(w, r, holidaysURL(year), "The holiday is removed: "+d.Long()+" is a working day unless it is a weekend.")
}

func holidaysURL(year int) string { return fmt.Sprintf("/admin/holidays?year=%d", year) }
