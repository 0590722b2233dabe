package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// promisesForm is what is typed about the rules for promises to pay. A tolerance is
// a line such as EUR 5.00.
type promisesForm struct {
	Grace, Replacements, Tolerances, Version string
	Edit                                     bool
	Errors                                   errs.Invalid
}

func promises(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	s, err := promise.SettingsOf(r.Context(), tx)
	if err != nil {
		return err
	}
	lines := make([]string, len(s.Tolerances))
	for n, t := range s.Tolerances {
		lines[n] = string(t.Currency) + " " + t.Plain()
	}
	return web.Render(w, r, http.StatusOK, promisesScreen(promisesForm{Grace: strconv.Itoa(s.GraceDays), Replacements: strconv.Itoa(s.Replacements),
		Tolerances: strings.Join(lines, "\n"), Version: strconv.Itoa(s.Version), Edit: promise.CanSet(tx.Actor)}))
}

func savePromises(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := promisesForm{Grace: r.PostFormValue("grace_days"), Replacements: r.PostFormValue("replacements"), Tolerances: r.PostFormValue("tolerances"),
		Version: r.PostFormValue("version"), Edit: true}
	s, err := f.settings()
	if err == nil {
		err = promise.SaveSettings(r.Context(), tx, s)
	}
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, promisesScreen(f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/promises", "The rules for promises are saved. They hold for those that are made from now on.")
}

// settings reads what was typed. What is no number is refused as one out of range.
func (f promisesForm) settings() (s promise.Settings, err error) {
	whole := func(text string) int {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return -1
		}
		return n
	}
	s = promise.Settings{GraceDays: whole(f.Grace), Replacements: whole(f.Replacements)}
	s.Version, _ = strconv.Atoi(f.Version)
	var inv errs.Invalid
	for n, line := range strings.Split(f.Tolerances, "\n") {
		code, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if code == "" {
			continue
		}
		c, err := money.ParseCurrency(code)
		if err != nil {
			inv.Check(false, "tolerances", fmt.Sprintf("Line %d: give the currency first, such as EUR 5.00.", n+1))
			continue
		}
		a, err := money.ParseTyped(number, c)
		if err != nil {
			inv.Check(false, "tolerances", fmt.Sprintf("Line %d: %s", n+1, err))
			continue
		}
		s.Tolerances = append(s.Tolerances, a)
	}
	return s, inv.Err()
}
