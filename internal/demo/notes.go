package demo

import (
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
)

// story is what gets noted while money is overdue, one step after another.
// {who} answers the phone, {item} is the oldest overdue item, {open} what is
// left of it, {due} its due date, {day} a day soon after the note's own.
type story []string

var companyStories = map[habit][]story{
	disputes: {
		{
			"{who} refuses {item}: part of the delivery arrived damaged. Asked for photographs and the delivery note.",
			"Photographs received from {who}, passed on to the warehouse.",
			"The warehouse accepts two of five pallets. Credit note to be decided by the branch; {who} knows.",
		}, {
			"{who} says the price on {item} is not the one agreed. Asked sales for the order confirmation.",
			"Sales confirms the invoice. Sent {who} a copy of the order; they will check by {day}.",
			"{who} still disagrees and wants to speak to the manager of sales.",
		},
	},
	broken: {
		{
			"Called accounts: {item} over {open} is approved and goes into the payment run of {day}.",
			"Nothing came. {who} says a large customer of theirs has not paid; asks for time until {day}.",
			"No answer on three days, left a message at the switchboard.",
			"{who} no longer returns calls. Deliveries stopped, manager informed.",
		}, {
			"{who} is new in accounts and could not find {item}; sent a copy.",
			"{who} has the copy now. Only the owner may release payments and he is away until {day}.",
			"The owner promises the money every week. Asked for it in writing.",
		},
	},
	parts: {
		{
			"{who} sent a part of {item} and asks to pay the rest, {open}, by {day}.",
			"Reminded {who} of the rest. Cash is short until their season starts.",
			"Agreed with {who} that new orders are paid in advance until the rest has come.",
		},
	},
	never: {
		{
			"First call: {who} has not received {item}. E-mail address corrected, copy sent.",
			"{who} has the invoice and will pay by {day}.",
			"Nothing received. The line is dead; the address is still right according to the register.",
		},
	},
	"": {
		{
			"Called {who} about {item}, due {due}: approved, goes into the payment run of {day}.",
			"{who} apologises, the run was moved. {open} still open.",
			"Spoke to {who}; they always pay late but they pay. No pressure needed yet.",
		}, {
			"Left a message for {who} about {item}.",
			"{who} called back: invoices must carry the order number. Sent {item} again with it.",
			"{who} confirms that {item} is posted on their side.",
		}, {
			"Accounts are reached best before ten in the morning; ask for {who}.",
			"{who} wants a statement instead of single reminders.",
		},
	},
}

var borrowerStories = map[habit][]story{
	broken: {
		{
			"Reached the borrower: lost the job, unemployment benefit is applied for. Will call on {day}.",
			"Did not call. Tried twice, no answer.",
			"Borrower can pay half of {open} a month. Told that the branch decides.",
			"No payment and no answer any more.",
		}, {
			"Direct debit for {item} came back for lack of funds.",
			"Reached the borrower at home: separated, the account is being divided. Will pay {open} by {day}.",
			"Nothing received by the day named.",
		},
	},
	parts: {
		{
			"Borrower paid a part of {item}; the rest, {open}, with the next salary on {day}.",
			"Spoke to the borrower: hours were cut at work, tries to catch up.",
		},
	},
	never: {
		{
			"First instalment did not come. The borrower had given the direct debit for a closed account.",
			"New bank account received, debit is ordered from {day}.",
			"The debit from the new account came back as well.",
		},
	},
	"": {
		{
			"Reminded the borrower of {item}, due {due}. Salary comes late in the month, will pay by {day}.",
			"One instalment behind as ever, but money comes every month.",
		}, {
			"Left a message asking for a call back, without the reason.",
			"Borrower called back and promises {open} by bank transfer before {day}.",
		},
	},
}

var quiet = []string{
	"Wants all letters by e-mail.", "Bank details changed and confirmed by phone.", "Moved; the new address was checked against the register.",
	"Asked for a copy of the contract, sent.", "Prefers to be called in the afternoon.", "Annual balance confirmation returned without remarks.",
}

// notes tells the story of the oldest overdue item, as far as it has come;
// where nothing is overdue there is little to tell.
func (m *maker) notes() {
	oldest := m.c.overdue(m.today)
	if oldest == nil {
		if m.chance(30) {
			m.wrote(m.today.Add(-m.between(20, 400)), one(m.dice, quiet))
		}
		return
	}
	stories := borrowerStories
	if m.c.Business {
		stories = companyStories
	}
	of := stories[m.habit]
	if of == nil || m.habit == parts && oldest.Open == oldest.Amount.Minor || m.habit == disputes && oldest.Family != ledger.Disputed {
		of = stories[""]
	}
	who := m.person().String()
	at := oldest.DueOn.Add(m.between(3, 12))
	for _, text := range one(m.dice, of) {
		if at = workday(at); !at.Before(m.today) {
			return
		}
		open := oldest.Amount
		open.Minor = oldest.Open
		m.wrote(at, strings.NewReplacer("{who}", who, "{item}", oldest.Number, "{open}", open.String(),
			"{due}", said(oldest.DueOn), "{day}", said(workday(at.Add(m.between(4, 9))))).Replace(text))
		at = at.Add(m.between(6, 25))
	}
}

// wrote keeps when and by whom in the text: a journal's own dates are those of
// the moment at which it was written, also for what was taken over.
func (m *maker) wrote(on day.Day, text string) {
	m.c.Notes = append(m.c.Notes, said(on)+", "+m.author()+": "+text)
}

func said(d day.Day) string { return d.Format("2 January 2006") }
