package admin

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// settingsForm is what is typed about the company.
type settingsForm struct {
	Name, Currency, TimeZone, Language, LoadedDay, LoadedTime, BranchLimited, FeedNames, Version string
	Errors                                                                                       errs.Invalid
}

// settings shows a form to who may change them, else the facts.
func settings(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	s, err := tenant.LoadSettings(r.Context(), tx)
	if err != nil {
		return err
	}
	if !tenant.CanSet(tx.Actor) {
		return web.Render(w, r, http.StatusOK, settingsFacts(s))
	}
	f := settingsForm{Name: s.Name, Currency: string(s.Currency), TimeZone: s.TimeZone, Language: s.Language, Version: strconv.Itoa(s.Version)}
	if s.BranchLimited {
		f.BranchLimited = "on"
	}
	if s.FeedNames {
		f.FeedNames = "on"
	}
	if s.PaymentsLoadedTo != nil {
		local := s.PaymentsLoadedTo.In(tx.Actor.Tenant.Zone)
		f.LoadedDay, f.LoadedTime = local.Format(time.DateOnly), local.Format("15:04")
	}
	return web.Render(w, r, http.StatusOK, settingsScreen(f))
}

func saveSettings(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := settingsForm{
		Name: r.PostFormValue("name"), Currency: r.PostFormValue("currency"), TimeZone: r.PostFormValue("time_zone"), Language: r.PostFormValue("language"),
		LoadedDay: r.PostFormValue("loaded_day"), LoadedTime: r.PostFormValue("loaded_time"),
		BranchLimited: r.PostFormValue("branch_limited"), FeedNames: r.PostFormValue("feed_names"), Version: r.PostFormValue("version"),
	}
	s, err := f.settings()
	if err == nil {
		err = tenant.SaveSettings(r.Context(), tx, s)
	}
	if err == nil {
		err = promise.DecideAll(r.Context(), tx)
	}
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, settingsScreen(f))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/settings", "The settings are saved.")
}

// settings reads the form; the hour of the payments is one of the time zone that
// was typed beside it.
func (f settingsForm) settings() (tenant.Settings, error) {
	version, _ := strconv.Atoi(f.Version)
	s := tenant.Settings{Name: f.Name, Currency: money.Currency(f.Currency), TimeZone: f.TimeZone, Language: f.Language, BranchLimited: f.BranchLimited == "on", FeedNames: f.FeedNames == "on", Version: version}
	if f.LoadedDay == "" && f.LoadedTime == "" {
		return s, nil
	}
	zone, err := time.LoadLocation(f.TimeZone)
	if err != nil {
		return s, errs.Invalid{"time_zone": "Give a time zone such as Europe/Oslo."}
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", f.LoadedDay+" "+cmp.Or(f.LoadedTime, "00:00"), zone)
	if err != nil {
		return s, errs.Invalid{"payments_loaded_to": "Give a day and an hour such as 17:00, or leave both empty."}
	}
	s.PaymentsLoadedTo = &at
	return s, nil
}

func languageOptions() (list []ui.Option) {
	for _, code := range slices.SortedFunc(maps.Keys(tenant.Languages), func(a, b string) int { return cmp.Compare(tenant.Languages[a], tenant.Languages[b]) }) {
		list = append(list, ui.Option{Value: code, Label: tenant.Languages[code]})
	}
	return list
}

// orNone stands where there is nothing to show.
func orNone(s string) string { return cmp.Or(s, "none") }
