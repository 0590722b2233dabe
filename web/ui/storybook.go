package ui

import (
	"context"
	"io"
	"time"

	"github.com/a-h/templ"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Storybook shows every component with made-up data, for looking at them while
// developing. It takes nothing from the context but the theme.
func Storybook() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		p := storyPage()
		p.Theme = PageOf(ctx).Theme
		return stories().Render(WithPage(ctx, p), w)
	})
}

// storyPage is a manager of two companies, on a Saturday.
func storyPage() Page {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		oslo = time.UTC
	}
	now := time.Date(2026, 11, 21, 14, 32, 0, 0, oslo)
	loaded := time.Date(2026, 11, 20, 17, 0, 0, 0, oslo)
	return Page{
		Actor: &tenant.Actor{
			TenantID: 1, MemberID: 1, Name: "Astrid Moen", Email: "astrid@example.com", Role: tenant.Manager,
			Tenant: tenant.Tenant{Name: "Fjordlink Finance", Currency: "NOK", Zone: oslo, PaymentsLoadedTo: &loaded,
				LastWorkingDay: storyDay.Add(-1)},
		},
		Several: true, Path: "/customers",
		Flash: "The note is in the journal of Vestby Kran AS.", Undo: "/storybook",
		Today: day.Of(now), Now: now, RequestID: "story-000001",
	}
}

var storyDay = day.New(2026, 11, 21)

var storyFollowups = []followup.Followup{
	{ID: 1, CustomerID: 1, AssigneeID: 1, Working: true, State: followup.Active, DueOn: storyDay.Add(-3), DueAt: "15:00", Text: "Ask for the signed goods note"},
	{ID: 2, CustomerID: 1, AssigneeID: 2, Assignee: "T. Berg", Working: true, State: followup.Active, DueOn: storyDay, DueAt: "14:30", Text: "Call the harbour office"},
	{ID: 3, CustomerID: 1, AssigneeID: 3, Assignee: "J. Okafor", State: followup.Active, DueOn: storyDay.Add(11), Text: "Second reminder, ask for a date"},
}

// storyCustomer is a row of the storybook's table.
type storyCustomer struct {
	name, number string
	daysLate     int
	open, due    money.Amount
	last         string
}

var storyCustomers = []storyCustomer{
	{"Vestby Kran AS", "K-20417", 41, money.New(18_740_250, "NOK"), money.New(6_104_975, "NOK"), "Thu call: asks for copies"},
	{"Aurora Dental Ltd", "K-20088", 12, money.New(731_940, "GBP"), money.New(220_015, "GBP"), "2 Nov letter"},
	{"Okada Seiki KK", "K-20113", 0, money.New(1_284_000, "JPY"), money.New(0, "JPY"), "never"},
	{"Mensah, Grace", "L-90331", -4, money.New(65_525, "USD"), money.New(0, "USD"), "Today 09:40, no answer"},
}

var storyErrors = errs.Invalid{
	"":       "The account was closed while you were typing. Choose another one.",
	"amount": "Give an amount such as 1250.00.",
	"due_on": "This day has passed. Choose today or later.",
}

var storyFields = struct{ name, amount, due, text, branch, remember, file Field }{
	name: Field{Label: "Name", Name: "name", Value: "Vestby Kran AS", Required: true, MaxLength: 120,
		Hint: "As it stands on letters."},
	amount: Field{Label: "Amount", Name: "amount", Value: "twelve", Error: "Give an amount such as 1250.00.",
		Hint: "In NOK.", Required: true},
	due:      Field{Label: "Due", Name: "due_on", Value: "2026-11-20", Error: "This day has passed. Choose today or later."},
	text:     Field{Label: "Note", Name: "text", Value: "Goods note sent.\nAsks for copies of both invoices.", Rows: 3},
	branch:   Field{Label: "Branch", Name: "branch", Value: "2"},
	remember: Field{Label: "Add to the journal (cannot be deleted later)", Name: "journal", Value: "on"},
	file:     Field{Label: "File", Name: "file", Hint: "CSV, at most 50 MB."},
}
