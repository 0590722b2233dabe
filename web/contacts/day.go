package contacts

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/followup"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// memberDay is the diary of whoever follows the contact up, on the day that was
// chosen.
type memberDay struct {
	Of      string
	On      day.Day
	Warning string // why nobody works then
	Away    string // that the member is away, and who covers
	AnyTime []diary.Task
	Hours   []hour
}

// hour is one of a day, with what is planned in it.
type hour struct {
	Clock     string // 09:00
	Tasks     []diary.Task
	Best      bool // the customer is best reached then
	Forbidden bool // the customer must not be tried then
	Past      bool
}

// The hours that a day shows at least.
const firstHour, lastHour = 8, 17

// assist does what the form's own buttons ask for, which save nothing: a look at the
// day, an hour of it, what the type proposes. It tells whether one was pressed. Where
// the form is saved and its type proposes something that was not proposed yet, that
// comes in.
func (f *form) assist(r *http.Request, tx *tenant.Tx) (pressed bool, err error) {
	if clock := r.PostFormValue("hour"); clock != "" {
		f.Typed["due_at"], pressed = clock, true
	}
	pressed = pressed || r.PostFormValue("look") != ""
	if f.Typed["type"] != f.Typed["proposed_for"] {
		return pressed, f.propose(r.Context(), tx)
	}
	return pressed, nil
}

// propose puts what the type proposes for the follow-up where nothing else was typed,
// and reads the day anew.
func (f *form) propose(ctx context.Context, tx *tenant.Tx) error {
	t := f.Typed
	next, on, err := f.Choices.Propose(ctx, tx, web.Number(t["type"]))
	if err != nil {
		return err
	}
	if t["next_type"] == t["proposed_type"] {
		t["next_type"] = number(next)
	}
	if t["due_on"] == t["proposed_on"] {
		t["due_on"] = on.String()
	}
	t["proposed_for"], t["proposed_type"], t["proposed_on"] = t["type"], number(next), on.String()
	return f.look(ctx, tx)
}

// look reads the member's day, where both are chosen.
func (f *form) look(ctx context.Context, tx *tenant.Tx) error {
	f.Day = memberDay{}
	m, there := f.Choices.Member(web.Number(f.Typed["assignee"]))
	if f.Edited != nil && m.ID == 0 && f.Edited.AssigneeID == web.Number(f.Typed["assignee"]) {
		m, there = contact.Person{ID: f.Edited.AssigneeID, Name: f.Edited.Assignee}, true
	}
	on, err := day.Parse(f.Typed["due_on"])
	if f.Day.Of = m.Name; !there || err != nil {
		return nil
	}
	f.Day.On = on
	if f.Day.Warning, err = followup.Warning(ctx, tx, on); err != nil {
		return err
	}
	away, err := member.Away(ctx, tx, m.ID, on)
	if err != nil {
		return err
	}
	if away != nil {
		f.Day.Away = away.String()
	}
	tasks, err := diary.On(ctx, tx, m.ID, on)
	if err != nil {
		return err
	}
	f.Day.fill(tasks)
	f.mark(tx)
	return nil
}

// fill puts the tasks of the day into its hours.
func (d *memberDay) fill(tasks []diary.Task) {
	from, to := firstHour, lastHour
	at := map[int][]diary.Task{}
	for _, t := range tasks {
		if t.At == "" {
			d.AnyTime = append(d.AnyTime, t)
			continue
		}
		n, _ := strconv.Atoi(t.At[:2])
		at[n] = append(at[n], t)
		from, to = min(from, n), max(to, n)
	}
	for n := from; n <= to; n++ {
		d.Hours = append(d.Hours, hour{Clock: fmt.Sprintf("%02d:00", n), Tasks: at[n]})
	}
}

// mark says of each hour whether the customer is best reached then, by the customer's
// own clock, and whether it is over.
func (f *form) mark(tx *tenant.Tx) {
	company := tx.Actor.Tenant.Zone
	theirs := f.Customer.Zone(company)
	y, m, d := f.Day.On.Date()
	for i := range f.Day.Hours {
		h := &f.Day.Hours[i]
		n, _ := strconv.Atoi(h.Clock[:2])
		at := time.Date(y, m, d, n, 0, 0, 0, company)
		holds := func(t customer.ContactTime) bool { return t.Holds(at.In(theirs)) }
		h.Best = slices.ContainsFunc(f.Care.TimesOf(customer.Best), holds)
		h.Forbidden = slices.ContainsFunc(f.Care.TimesOf(customer.Forbidden), holds)
		h.Past = at.Add(time.Hour).Before(tx.Now)
	}
}

// move gives an open contact another day and hour, and nothing else.
func move(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadOne(r, tx)
	if err != nil {
		return err
	}
	var on day.Day
	if typed := r.PostFormValue("due_on"); typed != "" {
		if on, err = day.Parse(typed); err != nil {
			p.Errors.Check(false, "due_on", "This is no day. Write it as 2027-03-31.")
			return web.Render(w, r, http.StatusUnprocessableEntity, contactScreen(p))
		}
	}
	at := r.PostFormValue("due_at")
	if err := contact.Reschedule(r.Context(), tx, p.Customer.ID, p.Contact.ID, web.Version(r), on, at); err != nil {
		return p.refuse(w, r, tx, err)
	}
	to := contact.Contact{DueOn: on, DueAt: at}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), summaryPath(p.Customer.ID, p.Contact.ID)), "The contact is moved to "+to.When()+".")
}
