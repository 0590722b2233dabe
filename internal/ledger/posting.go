package ledger

import (
	"dunwell/internal/day"
	"dunwell/internal/money"
)

// Source tells which of the two a Posting is.
type Source string

// What a Posting is.
const (
	OfItem    Source = "item"
	OfPayment Source = "payment"
)

// Posting is an item or a payment as a row of a list, as of a day. Amounts are
// minor units, below zero for what is credit. Status and pause are as they are
// now; a payment has none.
type Posting struct {
	Source      Source
	ID          int64
	Kind        string // of the item, or "payment"
	Number      string
	Origin      Origin // of a payment
	AccountID   int64
	Account     string  // its account's number
	IssuedOn    day.Day // of a payment: its value date
	DueOn       day.Day // zero: it has none
	Currency    money.Currency
	Amount      int64
	Open        int64 // as of the day
	Returned    bool  // a payment that was taken back by the day
	StatusID    int64
	Status      string
	Family      string
	Colour      string // of its status
	PauseReason string
	PausedUntil day.Day // zero: not paused, or no longer
	PausedBy    string
	Promised    int64 // of what is owed, what a promise is open for
	CaseID      int64 // the open case that it stands in; 0: none
	Case        string
	InQuestion  int64 // there; 0: the whole item
	Version     int   // of the item
	Documents   int   // that the item has
	// Place is where it stands in the list; a page of the list begins after a Key.
	Place int
}

// Name is what people call it: by its number, where that means something to them.
func (p Posting) Name() string { return p.Origin.Name(p.Number) }

// Key is the posting's place in the list it was read from.
func (p Posting) Key() PostingKey { return PostingKey{p.Place, p.Source, p.ID} }

// DaysLate is how many days the item is overdue; 0 or less where it is not, or
// where nothing of it is owed.
func (p Posting) DaysLate(asOf day.Day) int {
	if p.DueOn.IsZero() || p.Open <= 0 {
		return 0
	}
	return asOf.Sub(p.DueOn)
}

// Disputed is what of the open amount is in dispute, in litigation or in a case.
func (p Posting) Disputed() int64 {
	switch {
	case p.Open <= 0 || p.CaseID == 0 && p.Family != Disputed && p.Family != Litigation:
		return 0
	case p.Family == Litigation || p.InQuestion == 0:
		return p.Open
	}
	return min(p.InQuestion, p.Open)
}

// Owed tells an item of which something is owed.
func (p Posting) Owed() bool { return p.Open > 0 }

// Credit tells a payment or a credit note of which something is left.
func (p Posting) Credit() bool { return p.Open < 0 }
