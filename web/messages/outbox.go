package messages

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// outboxPageSize is how many messages stand on a page.
const outboxPageSize = 50

// outboxPage is the list with what is to be decided.
type outboxPage struct {
	State  message.State // empty: what waits or needs somebody
	Counts map[message.State]int
	List   []message.Message
	First  string // the address of the first page; empty: this is it
	Next   string
	Ready  bool
	Ticked []int64 // as typed, where something was refused
	Reason string
	Errors errs.Invalid
}

func (s screens) outbox(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.loadOutbox(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, outboxScreen(p))
}

func (s screens) loadOutbox(r *http.Request, tx *tenant.Tx) (p outboxPage, err error) {
	p.Ready, p.State = s.box.Ready(), message.State(r.FormValue("state"))
	if !slices.Contains(message.States, p.State) {
		p.State = ""
	}
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64)
	if p.Counts, err = message.Counts(r.Context(), tx); err != nil {
		return p, err
	}
	if p.List, err = message.List(r.Context(), tx, message.Filter{State: p.State, Before: before, Limit: outboxPageSize + 1}); err != nil {
		return p, err
	}
	if before > 0 {
		p.First = p.address(0)
	}
	if len(p.List) > outboxPageSize {
		p.List = p.List[:outboxPageSize]
		p.Next = p.address(p.List[outboxPageSize-1].ID)
	}
	return p, nil
}

// acts tells that something can be done with one of the list.
func (p outboxPage) acts() bool { return slices.ContainsFunc(p.List, message.Message.CanDiscard) }

func (p outboxPage) address(before int64) string {
	q := url.Values{}
	if p.State != "" {
		q.Set("state", string(p.State))
	}
	if before != 0 {
		q.Set("before", strconv.FormatInt(before, 10))
	}
	return strings.TrimSuffix("/outbox?"+q.Encode(), "?")
}

// tabs are the states that messages are in, with how many.
func (p outboxPage) tabs() []ui.Tab {
	all := 0
	for state, n := range p.Counts {
		if state != message.Discarded {
			all += n
		}
	}
	tabs := []ui.Tab{{Label: "All that is not sent", URL: "/outbox", Count: all, Active: p.State == ""}}
	for _, state := range message.States {
		if p.Counts[state] == 0 && state != p.State && state != message.Sent && state != message.Delivered && state != message.Discarded {
			continue
		}
		tabs = append(tabs, ui.Tab{Label: stateName(state), URL: outboxPage{State: state}.address(0), Count: p.Counts[state], Active: p.State == state})
	}
	return tabs
}

func stateName(s message.State) string {
	if s == message.Unknown {
		return "Not known"
	}
	return strings.ToUpper(string(s[:1])) + string(s[1:])
}

// retry sends on what was ticked.
func (s screens) retry(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.several(w, r, tx, func(ids []int64) (int, string, error) {
		n, left, err := s.box.Retry(r.Context(), tx, ids)
		return n, ui.Count(n, "message is", "messages are") + " on the way again." + leftAlone(ids, n, left), err
	})
}

// discard takes out what was ticked.
func (s screens) discard(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.several(w, r, tx, func(ids []int64) (int, string, error) {
		n, err := message.Discard(r.Context(), tx, ids, r.PostFormValue("reason"))
		return n, ui.Count(n, "message is", "messages are") + " discarded." + leftAlone(ids, n, nil), err
	})
}

// leftAlone says with how many nothing was done, and why: each that is not named was
// somebody else's.
func leftAlone(ids []int64, n int, why []string) (said string) {
	counts := map[string]int{}
	for _, w := range why {
		counts[w]++
	}
	if rest := len(ids) - n - len(why); rest > 0 {
		counts["somebody was faster."] = rest
	}
	for _, w := range slices.Sorted(maps.Keys(counts)) {
		said += fmt.Sprintf(" %d left alone: %s", counts[w], w)
	}
	return said
}

// several does something with the messages of the form, and comes back to the list;
// where nothing was done with the one of its page, to that page.
func (s screens) several(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, do func(ids []int64) (int, string, error)) error {
	p, err := s.loadOutbox(r, tx)
	if err != nil {
		return err
	}
	var ids []int64
	for _, v := range r.PostForm["message"] {
		ids = append(ids, web.Number(v))
	}
	if p.Ticked, err = message.Known(r.Context(), tx, ids); err != nil {
		return err
	}
	if len(p.Ticked) == 0 && len(ids) > 0 {
		return errs.NotFound
	}
	p.Reason = r.PostFormValue("reason")
	p.Errors.Check(len(p.Ticked) > 0, "", "Tick the messages first.")
	n, said := 0, ""
	if err = p.Errors.Err(); err == nil {
		n, said, err = do(p.Ticked)
	}
	if r.PostFormValue("one") != "" && len(p.Ticked) == 1 && n == 0 {
		return s.refuse(w, r, tx, p.Ticked[0], err)
	}
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, outboxScreen(p))
	}
	if conflict := errs.Conflict(""); errors.As(err, &conflict) {
		p.Errors = errs.Invalid{"": string(conflict)}
		return web.Render(w, r, http.StatusConflict, outboxScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, web.Local(r.PostFormValue("back"), "/outbox"), said)
}

// outboxMessage is one message with what can be decided about it.
type outboxMessage struct {
	message.Detail
	Ready  bool
	Reason string // as typed, where something was refused
	Unsaid string // that, where there is nothing to say it in any more
	Errors errs.Invalid
}

// open tells that there is something to decide.
func (p outboxMessage) open() bool { return p.State == message.Unknown || p.CanDiscard() }

func (s screens) showInOutbox(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.loadMessage(r, tx, web.ID(r, "message"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, outboxMessageScreen(p))
}

func (s screens) loadMessage(r *http.Request, tx *tenant.Tx, id int64) (p outboxMessage, err error) {
	if p.Detail, err = message.FindInOutbox(r.Context(), tx, id); err != nil {
		return p, err
	}
	p.Reason = r.PostFormValue("reason")
	p.Ready, err = s.leaves(r, tx, p.Detail)
	return p, err
}

// leaves tells whether the message would go out if it was sent again.
func (s screens) leaves(r *http.Request, tx *tenant.Tx, d message.Detail) (bool, error) {
	if d.Channel != customer.SMS {
		return s.box.Ready(), nil
	}
	_, held, err := s.box.ReadySMS(r.Context(), tx)
	return held == "", err
}

// decide ends the doubt about a message.
func (s screens) decide(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "message")
	to, said := message.Queued, "It is sent again, under the same message id."
	switch r.PostFormValue("outcome") {
	case "arrived":
		to, said = message.Sent, "It counts as sent."
	case "lost":
		to, said = message.Discarded, "It is discarded."
	}
	if err := s.box.Decide(r.Context(), tx, id, web.Version(r), to, r.PostFormValue("reason")); err != nil {
		return s.refuse(w, r, tx, id, err)
	}
	return web.SeeOther(w, r, "/outbox", said)
}

// refuse shows a message as it is now, with what was typed and why nothing was done
// about it; without a reason somebody else was faster.
func (s screens) refuse(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, id int64, why error) error {
	if errors.Is(why, errs.NotFound) || errors.As(why, new(errs.Forbidden)) {
		return why
	}
	p, err := s.loadMessage(r, tx, id)
	if err != nil {
		return err
	}
	if why == nil {
		why = p.Late()
	}
	if decided := r.PostFormValue("outcome") != "" && p.State != message.Unknown; decided || !p.open() {
		p.Unsaid, p.Reason = p.Reason, ""
	}
	status := http.StatusUnprocessableEntity
	if late := errs.Conflict(""); errors.As(why, &late) {
		p.Errors, status = errs.Invalid{"": string(late)}, http.StatusConflict
	} else if !errors.As(why, &p.Errors) {
		return why
	}
	return web.Render(w, r, status, outboxMessageScreen(p))
}
