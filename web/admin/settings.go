package admin

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dunwell/internal/day"
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
		f.LoadedDay, f.LoadedTime = loadedTyped(*s.PaymentsLoadedTo, tx.Actor.Tenant.Zone)
	}
	return web.Render(w, r, http.StatusOK, settingsScreen(f))
}

func saveSettings(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := settingsForm{
		Name: r.PostFormValue("name"), Currency: r.PostFormValue("currency"), TimeZone: r.PostFormValue("time_zone"), Language: r.PostFormValue("language"),
		LoadedDay: r.PostFormValue("loaded_day"), LoadedTime: r.PostFormValue("loaded_time"),
		BranchLimited: r.PostFormValue("branch_limited"), FeedNames: r.PostFormValue("feed_names"), Version: r.PostFormValue("version"),
	}
	was, err := tenant.LoadSettings(r.Context(), tx)
	if err != nil {
		return err
	}
	s, err := f.settings(tx.Now)
	if err == nil {
		s.PaymentsLoadedTo = sameMinute(was.PaymentsLoadedTo, s.PaymentsLoadedTo)
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
	return web.SeeOther(w, r, "/admin/settings", strings.TrimSpace("The settings are saved. "+tenant.LessLoaded(was, s)))
}

// loadedTyped is the day and the hour that are typed for the moment; without an hour
// it is the end of the day.
func loadedTyped(at time.Time, zone *time.Location) (on, hour string) {
	d, whole := tenant.LoadedDay(at, zone)
	if !whole {
		hour = at.In(zone).Format("15:04")
	}
	return d.String(), hour
}

// sameMinute keeps the moment as it was where no other minute was typed.
func sameMinute(was, typed *time.Time) *time.Time {
	if was != nil && typed != nil && was.Truncate(time.Minute).Equal(*typed) {
		return was
	}
	return typed
}

// settings reads the form; the hour of the payments is one of the time zone that
// was typed beside it.
func (f settingsForm) settings(now time.Time) (tenant.Settings, error) {
	version, _ := strconv.Atoi(f.Version)
	s := tenant.Settings{Name: f.Name, Currency: money.Currency(f.Currency), TimeZone: f.TimeZone, Language: f.Language, BranchLimited: f.BranchLimited == "on", FeedNames: f.FeedNames == "on", Version: version}
	if f.LoadedDay == "" && f.LoadedTime == "" {
		return s, nil
	}
	zone, err := time.LoadLocation(f.TimeZone)
	if err != nil {
		return s, errs.Invalid{"time_zone": "Give a time zone such as Europe/Oslo."}
	}
	const wrong = "Give a day and an hour such as 17:00, the day alone for all of it, or leave both empty."
	if f.LoadedTime == "" {
		d, err := day.Parse(f.LoadedDay)
		if err != nil {
			return s, errs.Invalid{"payments_loaded_to": wrong}
		}
		s.PaymentsLoadedTo = tenant.Through(d, zone, now)
		return s, nil
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", f.LoadedDay+" "+f.LoadedTime, zone)
	if err != nil {
		return s, errs.Invalid{"payments_loaded_to": wrong}
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
