package admin

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// promisesPage is the rules for promises to pay with their form. A tolerance is a line
// such as EUR 5.00.
type promisesPage struct {
	Edit bool
	ui.Draft
}

func loadPromises(r *http.Request, tx *tenant.Tx) (p promisesPage, err error) {
	s, err := promise.SettingsOf(r.Context(), tx)
	if err != nil {
		return p, err
	}
	lines := make([]string, len(s.Tolerances))
	for n, t := range s.Tolerances {
		lines[n] = string(t.Currency) + " " + t.Plain()
	}
	p.Edit = promise.CanSet(tx.Actor)
	p.Open(s.Version, 0, map[string]string{"grace_days": strconv.Itoa(s.GraceDays), "replacements": strconv.Itoa(s.Replacements), "tolerances": strings.Join(lines, "\n")})
	return p, nil
}

func promises(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPromises(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, promisesScreen(p))
}

func savePromises(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPromises(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	s, err := p.settings()
	if err == nil {
		err = promise.SaveSettings(r.Context(), tx, s)
	}
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: "/admin/promises", Flash: "The rules for promises are saved. They hold for those that are made from now on.",
		Screen: func() templ.Component { return promisesScreen(p) },
		Again: func() (again error) {
			if p, again = loadPromises(r, tx); again == nil {
				web.Rebased(r, &p.Draft, err)
			}
			return again
		}})
}

// settings reads what was typed. What is no number is refused as one out of range.
func (p promisesPage) settings() (s promise.Settings, err error) {
	whole := func(text string) int {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return -1
		}
		return n
	}
	s = promise.Settings{GraceDays: whole(p.Typed["grace_days"]), Replacements: whole(p.Typed["replacements"]), Version: p.Version}
	var inv errs.Invalid
	for n, line := range strings.Split(p.Typed["tolerances"], "\n") {
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
