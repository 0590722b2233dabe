package statements

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/money"
	"dunwell/internal/statementrun"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// runs are the screens of statements for many.
type runs struct{ desk *statementrun.Desk }

const (
	// perPage is how many runs the list shows at once.
	perPage = 30
	// leftShown is how many of those who get no statement are listed.
	leftShown = 500
)

type listPage struct {
	Runs        []statementrun.Run
	First, Next string // addresses; empty: none
}

func listRuns(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	before, _ := strconv.ParseInt(r.FormValue("before"), 10, 64) // what is no id starts at the newest
	all, err := statementrun.List(r.Context(), tx, before, perPage+1)
	if err != nil {
		return err
	}
	p := listPage{Runs: all}
	if before != 0 {
		p.First = "/statements"
	}
	if len(all) > perPage {
		p.Runs = all[:perPage]
		p.Next = fmt.Sprintf("/statements?before=%d", all[perPage-1].ID)
	}
	return web.Render(w, r, http.StatusOK, listScreen(p))
}

// planPage says what a run would do, before it is started. The choice travels in the
// form, as typed.
type planPage struct {
	Plan     statementrun.Plan
	Owners   []customer.Owner
	Branches []member.Unit
	Tags     []string // that customers have, the first customer.MostTags
	Typed    url.Values
	Notice   string
	Errors   errs.Invalid
}

// readPlan reads the choice and what it comes to. A choice that cannot be is said
// beside its fields.
func readPlan(r *http.Request, tx *tenant.Tx) (p planPage, err error) {
	p.Typed = r.Form
	if !p.Typed.Has("whom") {
		p.Typed.Set("whom", string(statementrun.Open))
	}
	ch, err := choice(p.Typed)
	if err == nil {
		p.Plan, err = statementrun.Read(r.Context(), tx, ch)
	}
	if err != nil && !errors.As(err, &p.Errors) {
		return p, err
	}
	if p.Typed.Get("as_of") == "" {
		p.Typed.Set("as_of", tx.Today().String())
	}
	b := tx.Batch()
	customer.QueueOwners(b, &p.Owners)
	member.Branches.Queue(b, &p.Branches)
	customer.QueueTags(b, &p.Tags)
	return p, b.Send(r.Context())
}

// choice reads whom a run is for.
func choice(form url.Values) (ch statementrun.Choice, err error) {
	var inv errs.Invalid
	ch = statementrun.Choice{Whom: statementrun.Whom(form.Get("whom")), Tag: form.Get("tag"), AsOf: web.TypedDay(&inv, "as_of", form.Get("as_of"))}
	for field, id := range map[string]*int64{"owner": &ch.OwnerID, "branch": &ch.BranchID} {
		if text := form.Get(field); text != "" {
			if *id, err = strconv.ParseInt(text, 10, 64); err != nil {
				return ch, errs.NotFound
			}
		}
	}
	return ch, inv.Err()
}

func newRun(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !statementrun.CanRun(tx.Actor) {
		return statementrun.ErrRun
	}
	p, err := readPlan(r, tx)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, planScreen(p))
}

func (s runs) start(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !statementrun.CanRun(tx.Actor) {
		return statementrun.ErrRun
	}
	var run int64
	ch, err := choice(r.PostForm)
	if err == nil {
		run, err = s.desk.Start(r.Context(), tx, ch)
	}
	var conflict errs.Conflict
	var invalid errs.Invalid
	status := http.StatusConflict
	switch {
	case err == nil:
		return web.SeeOther(w, r, runPath(run), "")
	case errors.As(err, &invalid):
		status = http.StatusUnprocessableEntity
	case !errors.As(err, &conflict):
		return err
	}
	p, err := readPlan(r, tx)
	if err != nil {
		return err
	}
	p.Notice = string(conflict)
	if len(p.Errors) == 0 {
		p.Errors = invalid
	}
	return web.Render(w, r, status, planScreen(p))
}

// runPage is how far a run has come.
type runPage struct {
	statementrun.Run
	LeftOut []statementrun.LeftOut
	Reasons []statementrun.Reason
}

func showRun(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (err error) {
	var p runPage
	if p.Run, p.LeftOut, err = statementrun.Find(r.Context(), tx, web.ID(r, "statement_run"), leftShown); err != nil {
		return err
	}
	if len(p.LeftOut) > 0 {
		if p.Reasons, err = statementrun.Reasons(r.Context(), tx, p.Run); err != nil {
			return err
		}
	}
	return web.Render(w, r, http.StatusOK, runScreen(p))
}

// print gives all statements of a run as one file.
func (s runs) print(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	run, _, err := statementrun.Find(r.Context(), tx, web.ID(r, "statement_run"), 0)
	if err != nil {
		return err
	}
	web.Attachment(w, "application/pdf", fmt.Sprintf("statements-%s-%d.pdf", run.AsOf, run.ID))
	return s.desk.Print(r.Context(), tx, run, w)
}

// owed is what is open, a currency each.
func owed(list []money.Amount) string {
	if len(list) == 0 {
		return "nothing"
	}
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = a.String()
	}
	return strings.Join(words, ", ")
}

func runPath(id int64) string { return fmt.Sprintf("/statements/%d", id) }

var whomOptions = []ui.Option{{Value: string(statementrun.Open), Label: "open"}, {Value: string(statementrun.Overdue), Label: "overdue"}}

func (p planPage) ownerOptions() []ui.Option {
	options := []ui.Option{{Label: "Everybody's"}}
	for _, o := range p.Owners {
		label := o.Name
		if !o.Active {
			label += " (left)"
		}
		options = append(options, ui.Option{Value: strconv.FormatInt(o.ID, 10), Label: label})
	}
	return options
}

func (p planPage) branchOptions() []ui.Option {
	options := []ui.Option{{Label: "All branches"}}
	for _, b := range p.Branches {
		label := b.Name
		if b.Retired {
			label += " (closed)"
		}
		options = append(options, ui.Option{Value: strconv.FormatInt(b.ID, 10), Label: label})
	}
	return options
}

// chosen is the choice that was looked at, for the form that starts it: what was typed
// since is not meant.
func (p planPage) chosen() [][2]string {
	ch := p.Plan.Choice
	list := [][2]string{{"as_of", ch.AsOf.String()}, {"whom", string(ch.Whom)}, {"tag", ch.Tag}}
	for field, id := range map[string]int64{"owner": ch.OwnerID, "branch": ch.BranchID} {
		if id != 0 {
			list = append(list, [2]string{field, strconv.FormatInt(id, 10)})
		}
	}
	return list
}

// about says whom a run is for.
func about(r statementrun.Run) string {
	text := "customers with anything " + string(r.Whom)
	if r.Tag != "" {
		text += ", tag " + r.Tag
	}
	if r.Owner != "" {
		text += ", of " + r.Owner
	}
	if r.Branch != "" {
		text += ", branch " + r.Branch
	}
	return text
}

// says how far the run is.
func (p runPage) says() string {
	text := fmt.Sprintf("%s of %s a statement", ui.Number(p.Done), ui.Count(p.Customers, "customer has", "customers have"))
	if p.Left > 0 {
		text += ", " + ui.Count(p.Left, "is", "are") + " left out"
	}
	if p.FinishedAt == nil {
		return text + ". You may leave this page: the work goes on."
	}
	return text + ". It is finished."
}

// before says that statements as of the day were made already.
func (p planPage) before() string {
	b := p.Plan.Before
	if b.FinishedAt == nil {
		return "A run as of this day goes on, started by " + b.Member + ": "
	}
	return ui.Count(b.Done, "statement", "statements") + " as of this day, for " + about(*b) + ", " + map[bool]string{true: "was", false: "were"}[b.Done == 1] + " made by " + b.Member + " already: "
}

// says what is looked at, in a sentence.
func (p planPage) says() string {
	n := len(p.Plan.LeftOut)
	if n == 0 {
		return "All who fit get one. Money counts by its value date; statuses and pauses are as they are today."
	}
	return ui.Count(n, "more fits, and is", "more fit, and are") + " left out: see below. Money counts by its value date; statuses and pauses are as they are today."
}

// nobody says what to do where the choice fits nobody.
func (p planPage) nobody() string {
	tag := p.Plan.Choice.Tag
	if tag != "" && len(p.Tags) < customer.MostTags && !slices.Contains(p.Tags, tag) {
		return "Nobody has the tag “" + tag + "”. Choose another one."
	}
	return "Choose another day, or other customers."
}

// documentsHint says where each statement is found besides.
const documentsHint = "Each stands among its customer’s documents too, and the journal says so. Nobody is reminded by it: no level is raised."
