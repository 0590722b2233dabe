package demo

import (
	"context"
	"fmt"

	"dunwell/internal/contact"
)

// spoken is one link of the conversation that the demo shows: how many days ago it
// was had, and when it is to be followed up.
type spoken struct {
	ago, in    int
	code, next string
	text       string
}

var conversation = []spoken{
	{9, -5, "CALL", "CHECK", "Spoke to Mrs Haugland: the February invoices are approved, and payment is planned for Friday."},
	{5, -1, "CHECK", "CALL", "Nothing has come. The bank shows no payment."},
	{1, 1, "CALL", "CHECK", "Two invoices lack the order number, so that they were not released. Copies with the number were sent; she releases them today."},
}

// contacts gives the customer a chain of contacts that goes on with the manager, and
// one that is closed.
func (l *loader) contacts(ctx context.Context, id int64) error {
	types, strengths, origins, err := l.contactLists(ctx)
	if err != nil {
		return err
	}
	now := l.tx.Now
	defer func() { l.tx.Now = now }()
	owner, manager := l.members[People[0].Email], l.members[People[1].Email]
	defer l.as(owner, People[0].Name)()
	plan := func(s spoken) contact.Plan {
		l.tx.Now = now.AddDate(0, 0, -s.ago)
		return contact.Plan{TypeID: types[s.code], Description: s.text, ExecutiveID: owner, OriginID: origins["We called"], StrengthID: strengths["High"],
			Next: contact.Next{AssigneeID: owner, On: l.options.Today.Add(s.in), At: "10:00", TypeID: types[s.next]}}
	}
	asked, err := contact.Add(ctx, l.tx, id, plan(spoken{12, -11, "DOCS", "DOCS", "Wants copies of the delivery notes of January."}))
	if err != nil {
		return fmt.Errorf("copies that were wanted: %w", err)
	}
	if err := contact.Close(ctx, l.tx, id, asked, 1, "Sent by e-mail; she has them."); err != nil {
		return fmt.Errorf("copies that were sent: %w", err)
	}
	last := int64(0)
	for i, s := range conversation {
		p := plan(s)
		if i == 0 {
			last, err = contact.Add(ctx, l.tx, id, p)
		} else {
			if i == len(conversation)-1 {
				p.Next.AssigneeID = manager
			}
			last, err = contact.FollowUp(ctx, l.tx, id, last, 1, p)
		}
		if err != nil {
			return fmt.Errorf("a conversation: %w", err)
		}
	}
	return nil
}

// contactLists are the types by their codes, and strengths and origins by their names.
func (l *loader) contactLists(ctx context.Context) (types, strengths, origins map[string]int64, err error) {
	var c contact.Choices
	b := l.tx.Batch()
	contact.QueueChoices(b, 0, &c)
	if err := b.Send(ctx); err != nil {
		return nil, nil, nil, err
	}
	types, strengths, origins = map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, t := range c.Types {
		types[t.Code] = t.ID
	}
	for _, s := range c.Strengths {
		strengths[s.Name] = s.ID
	}
	for _, o := range c.Origins {
		origins[o.Name] = o.ID
	}
	return types, strengths, origins, nil
}
