package diary

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// The views of a diary.
const (
	byDay   = "day"
	byWeek  = "week"
	byMonth = "month"
)

// How much of a diary is shown at once: of a cell before it folds, beside the days,
// and of a list.
const (
	foldWeek  = 6
	foldMonth = 4
	shownSide = 12
	shownList = 100
	// shownDays is how much the days of a week or month show together. Who has more,
	// has the cells fold sooner.
	shownDays = 100
)

// sheetPage is a part of a diary: a day, a week or a month.
type sheetPage struct {
	diary.Sheet
	whose
	View        string
	On          day.Day
	From, Until day.Day
	Only        string // overdue, nodate or day: one list alone, from a place on
	Skip        int
	Today       day.Day
	Clock       string
	To          string // whom a manager chose to give something to
	Ticked      map[string]bool
	Errors      errs.Invalid
	back        string // the address of the page, as it stands in another
}

func showSheet(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadSheet(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, sheetScreen(&p))
}

// loadSheet reads what the address asks for; what it does not say is the week of
// today, and one's own.
func loadSheet(r *http.Request, tx *tenant.Tx) (p sheetPage, err error) {
	p.Today, p.Clock, p.Ticked = tx.Today(), followup.Clock(tx), map[string]bool{}
	if p.whose, err = readWhose(r, tx); err != nil {
		return p, err
	}
	p.View, p.On = r.Form.Get("view"), p.Today
	if on, err := day.Parse(r.Form.Get("on")); err == nil {
		p.On = on
	}
	switch p.Only = r.Form.Get("list"); p.Only {
	case "overdue", "nodate", "day":
		p.View, p.Skip = byDay, int(min(web.Number(r.Form.Get("from")), 1_000_000))
	default:
		p.Only = ""
	}
	l := p.look()
	p.back = url.QueryEscape(p.here())
	p.Sheet, err = diary.ReadSheet(r.Context(), tx, l)
	return p, err
}

// look is what is read for the view.
func (p *sheetPage) look() diary.Look {
	l := diary.Look{Member: p.Member, Overdue: diary.Window{Size: shownSide}, NoDate: diary.Window{Size: shownSide}}
	switch p.View {
	case byDay:
		p.From, p.Until = p.On, p.On
		l.Cell, l.Overdue.Size, l.NoDate.Size = diary.Window{Size: shownList}, shownList, shownList
		if list := map[string]*diary.Window{"overdue": &l.Overdue, "nodate": &l.NoDate, "day": &l.Cell}[p.Only]; list != nil {
			list.From = p.Skip
		}
	case byMonth:
		y, m, _ := p.On.Date()
		p.From, p.Until = monday(day.New(y, m, 1)), monday(day.New(y, m+1, 0)).Add(6)
		l.Cell, l.Most = diary.Window{Size: foldMonth}, shownDays
	default:
		p.View, p.From = byWeek, monday(p.On)
		p.Until, l.ByHour = p.From.Add(6), true
		l.Cell, l.Most = diary.Window{Size: foldWeek}, shownDays
	}
	l.From, l.Until = p.From, p.Until
	return l
}

func monday(d day.Day) day.Day { return d.Add(-(int(d.Weekday()) + 6) % 7) }

// days are those of the view.
func (p *sheetPage) days() (list []day.Day) {
	for d := p.From; !d.After(p.Until); d = d.Add(1) {
		list = append(list, d)
	}
	return list
}

// rows are the hours of a week that stand there: those of work, and what lies outside
// where something stands in it.
func (p *sheetPage) rows() (list []int) {
	busy := map[int]bool{diary.AnyTime: true}
	for place := range p.Cells {
		busy[place.Hour] = true
	}
	for h := diary.AnyTime; h < 24; h++ {
		if busy[h] || h >= firstHour && h <= lastHour {
			list = append(list, h)
		}
	}
	return list
}

// cell is what stands on the day in that hour; an empty list where nothing does.
func (p *sheetPage) cell(on day.Day, hour int) *diary.List {
	if list := p.Cells[diary.Place{On: on, Hour: hour}]; list != nil {
		return list
	}
	return &diary.List{}
}

// step is the day on which the view before, or after, stands.
func (p *sheetPage) step(by int) day.Day {
	switch p.View {
	case byDay:
		return p.On.Add(by)
	case byMonth:
		return p.On.AddMonths(by)
	}
	return p.On.Add(7 * by)
}

// url is the address of a view of the diary on a day.
func (p *sheetPage) url(view string, on day.Day) string {
	at := "/diary?"
	if key := p.key(); key != "" {
		at += "member=" + key + "&"
	}
	return at + "on=" + on.String() + "&view=" + view
}

// listURL is the address of one list of a day alone, from a place on.
func (p *sheetPage) listURL(list string, from int) string {
	return p.url(byDay, p.On) + "&list=" + list + "&from=" + strconv.Itoa(from)
}

// arrows says where the keys with the arrows lead.
func (p *sheetPage) arrows() string {
	if p.View == byDay {
		return "the day before and after"
	}
	return "the day before and after, from the edge the " + p.View
}

// title says which days are looked at.
func (p *sheetPage) title() string {
	switch p.View {
	case byDay:
		return p.On.Format("Monday 2 January 2006")
	case byMonth:
		return p.On.Format("January 2006")
	}
	from := p.From.Format("2 January")
	if y, m, _ := p.From.Date(); p.Until.Format("2006-1") == strconv.Itoa(y)+"-"+strconv.Itoa(int(m)) {
		from = p.From.Format("2")
	}
	return from + " – " + p.Until.Format("2 January 2006")
}

// heading is whose diary it is.
func (w whose) heading() string {
	switch {
	case w.Member == diary.NoOwner:
		return "Tasks of nobody"
	case w.Name != "":
		return "Tasks of " + w.Name
	}
	return "My tasks"
}

// off says why nobody works on the day, empty where somebody does.
func (p *sheetPage) off(d day.Day) string { return p.Off.Why(d) }

// agendaURL leads to all that wait in the agenda; empty for somebody else’s, which
// has no page.
func (p *sheetPage) agendaURL() string {
	switch {
	case p.Member == diary.NoOwner:
		return "/agenda?whose=unassigned"
	case p.Name != "":
		return ""
	}
	return "/agenda?whose=mine"
}

// moreWaiting is how many more than stand on today wait in the agenda: "21",
// "480 or more".
func (p *sheetPage) moreWaiting() string {
	n := p.Waiting.N - diary.AgendaShown
	switch {
	case n <= 0:
		return ""
	case p.Waiting.More:
		return strconv.Itoa(n) + " or more"
	}
	return strconv.Itoa(n)
}

// short24 is as much of a text as an entry of a week has room for.
func short24(text string) string { return short(strings.TrimSpace(text), 24) }
