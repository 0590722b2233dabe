package admin

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/handover"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// settingsPage is the company's settings with their form.
type settingsPage struct {
	Now tenant.Settings
	ui.Draft
}

func loadSettings(r *http.Request, tx *tenant.Tx) (p settingsPage, err error) {
	if p.Now, err = tenant.LoadSettings(r.Context(), tx); err != nil {
		return p, err
	}
	s := p.Now
	now := map[string]string{"name": s.Name, "currency": string(s.Currency), "time_zone": s.TimeZone, "language": s.Language,
		"loaded_day": "", "loaded_time": "", "branch_limited": ticked(s.BranchLimited), "feed_names": ticked(s.FeedNames)}
	if s.PaymentsLoadedTo != nil {
		now["loaded_day"], now["loaded_time"] = loadedTyped(*s.PaymentsLoadedTo, tx.Actor.Tenant.Zone)
	}
	box := []ui.Option{{Value: "on", Label: "yes"}, {Value: "", Label: "no"}}
	p.Choices = map[string][]ui.Option{"language": languageOptions(), "branch_limited": box, "feed_names": box}
	p.Open(s.Version, 0, now)
	return p, nil
}

// settings shows a form to who may change them, else the facts.
func settings(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadSettings(r, tx)
	if err != nil {
		return err
	}
	if !tenant.CanSet(tx.Actor) {
		return web.Render(w, r, http.StatusOK, settingsFacts(p.Now))
	}
	return web.Render(w, r, http.StatusOK, settingsScreen(p))
}

func saveSettings(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadSettings(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	s, err := p.typed(tx.Now)
	if err == nil {
		err = web.Renamed(tenant.SaveSettings(r.Context(), tx, s), map[string]string{"payments_loaded_to": "loaded_day"})
	}
	if err == nil {
		err = promise.DecideAll(r.Context(), tx)
	}
	var hidden handover.Counts
	if err == nil && s.BranchLimited && !p.Now.BranchLimited {
		hidden, err = handover.Unseen(r.Context(), tx, 0)
	}
	said, look := unseen("Some people do", hidden)
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: "/admin/settings", Look: look,
		Flash:  strings.TrimSpace("The settings are saved. "+tenant.LessLoaded(p.Now, s)) + said,
		Screen: func() templ.Component { return settingsScreen(p) },
		Again: func() (again error) {
			if p, again = loadSettings(r, tx); again == nil {
				web.Rebased(r, &p.Draft, err)
			}
			return again
		}})
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

// typed reads the form; the hour of the payments is one of the time zone that was
// typed beside it.
func (p settingsPage) typed(now time.Time) (tenant.Settings, error) {
	t := p.Typed
	s := tenant.Settings{Name: t["name"], Currency: money.Currency(t["currency"]), TimeZone: t["time_zone"], Language: t["language"],
		BranchLimited: t["branch_limited"] == "on", FeedNames: t["feed_names"] == "on", Version: p.Version}
	if t["loaded_day"] == "" && t["loaded_time"] == "" {
		return s, nil
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return s, errs.Invalid{"time_zone": "Give a time zone such as Europe/Oslo."}
	}
	on, err := day.Parse(t["loaded_day"])
	to := tenant.Through(on, zone, now)
	if err == nil && t["loaded_time"] != "" {
		*to, err = time.ParseInLocation("2006-01-02 15:04", on.String()+" "+t["loaded_time"], zone)
	}
	if err != nil {
		return s, errs.Invalid{"loaded_day": "Give a day and an hour such as 17:00, the day alone for all of it, or leave both empty."}
	}
	s.PaymentsLoadedTo = sameMinute(p.Now.PaymentsLoadedTo, to)
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
