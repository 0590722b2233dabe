// Package contactrule answers one question: may this person be contacted now, on
// this channel, about these accounts? It has the company's rules of when and how
// often, and knows what the debtor allowed, forbade and asked for. It contacts
// nobody, and what was said is recorded elsewhere.
package contactrule

import (
	"context"
	"slices"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
)

// Verdict is the answer in a word.
type Verdict string

// The verdicts. NotYet turns into Allowed by itself, No never does.
const (
	Allowed Verdict = "allowed"
	NotYet  Verdict = "not_yet"
	No      Verdict = "no"
)

// Ruling is the answer with its reason.
type Ruling struct {
	Verdict Verdict
	// Until is when the verdict ends: of Allowed the first moment at which it no
	// longer holds, of NotYet the first that is allowed. Zero: no end is known.
	Until time.Time
	// Reason is one plain sentence without its full stop. It names no person and no
	// number.
	Reason string
	// RuleID and RuleVersion are those of the rule that decided; 0 where none did.
	RuleID      int64
	RuleVersion int
	// Overridable tells that a manager may set the ruling aside: hours and
	// frequency, never a stop or what the debtor said.
	Overridable bool
}

// Rulings are the answers for one customer at one moment.
type Rulings struct{ facts facts }

// Of reads what is needed for every point and channel of the customer at the
// moment of the transaction: a fixed number of queries.
func Of(ctx context.Context, tx *tenant.Tx, customerID int64) (Rulings, error) {
	c, err := customer.Find(ctx, tx, customerID)
	if err != nil {
		return Rulings{}, err
	}
	care, err := customer.CareOf(ctx, tx, customerID)
	if err != nil {
		return Rulings{}, err
	}
	return OfCare(ctx, tx, c, care)
}

// OfCare is Of where the customer and its care are there already: one round trip.
func OfCare(ctx context.Context, tx *tenant.Tx, c customer.Customer, care customer.Care) (r Rulings, err error) {
	b := tx.Batch()
	QueueOf(b, &c, &care, &r)
	err = b.Send(ctx)
	return r, err
}

// QueueOf is OfCare in a batch. The customer, but for its id, and its care may be
// asked for before in the same batch.
func QueueOf(b *tenant.Batch, c *customer.Customer, care *customer.Care, into *Rulings) {
	f := &into.facts
	f.now, f.home, f.zones = b.Tx.Now, b.Tx.Actor.Tenant.Zone, map[int64][]*time.Location{}
	f.queue(b, c.ID, func() { f.customer, f.care = *c, *care })
}

// For answers for a contact point and a channel it has; for a letter the point is
// 0, the customer's postal address. The accounts are those that the contact is
// about; none: all of them, or the one that the point is for.
func (r Rulings) For(pointID int64, channel customer.Channel, accounts ...int64) Ruling {
	return r.facts.decide(Ask{PointID: pointID, Channel: channel, AccountIDs: accounts})
}

// Ask is a contact that somebody is about to make.
type Ask struct {
	CustomerID int64
	AccountIDs []int64 // empty: see Rulings.For
	PointID    int64   // 0: the postal address
	Channel    customer.Channel
	// Answering: the debtor wrote or called, and this is the answer.
	Answering bool
	// Override is why a manager does it although hours or frequency bar it.
	Override string
}

// facts are what the answers are made of; nothing is read after they are loaded.
type facts struct {
	now      time.Time
	home     *time.Location // the tenant's zone
	customer customer.Customer
	care     customer.Care
	limits
	zones map[int64][]*time.Location // of the points that were asked about
}

// point is the contact point that is asked about, nil for one of somebody else.
func (f facts) point(id int64) *customer.ContactPoint {
	i := slices.IndexFunc(f.care.Points, func(p customer.ContactPoint) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &f.care.Points[i]
}
