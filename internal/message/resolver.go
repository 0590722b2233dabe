package message

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// LinkAnswer is the link by which the resolver of a case answers it.
const LinkAnswer Link = "answer"

// AnswerPlace is where that link stands in the body that is kept.
const AnswerPlace = "[the link]"

// ToResolver is an e-mail to the colleague who settles a case. It is to nobody
// outside: no stop bars it, and it is no reminder.
type ToResolver struct {
	CaseID, ResolverID int64
	Name, Address      string
	Subject            string
	Body               string // with AnswerPlace in it
}

// SendToResolver keeps the e-mail and has it sent; without a mail server it is held.
// Whoever calls has made sure that the colleague settles the case.
func (o *Outbox) SendToResolver(ctx context.Context, tx *tenant.Tx, n ToResolver) (id int64, err error) {
	text := New{Channel: customer.Mail, PointID: -1, Subject: n.Subject, Body: n.Body}
	var inv errs.Invalid
	inv.Check(strings.Contains(n.Body, AnswerPlace), "body", "Leave "+AnswerPlace+" where the link is to stand: without it nobody can answer.")
	if err := inv.Err(); err != nil {
		return 0, err
	}
	if err := text.Check(); err != nil {
		return 0, err
	}
	h, err := letterheadOnly(ctx, tx)
	if err != nil {
		return 0, err
	}
	text.PointID, text.Language, text.Body = 0, h.Language.Code, Signed(h, text.Body)
	m := kept{New: text, address: n.Address, person: n.Name, sender: h.Sender(), replyTo: h.Letterhead.ReplyTo, link: LinkAnswer,
		resolverID: n.ResolverID, caseID: n.CaseID, state: Held, detail: heldWhy, reference: uuid.New()}
	if o.Ready() {
		jobs, err := o.toQueue(ctx, tx, m.reference)
		if err != nil {
			return 0, err
		}
		m.state, m.detail, m.job = Queued, "", jobs[0]
	}
	return m.insert(ctx, tx)
}

// answerLink makes the link of a message to a resolver that goes out.
func (o *Outbox) answerLink(ctx context.Context, tx *tenant.Tx, m Message) (body, gone string, err error) {
	path, gone, err := o.AnswerLink(ctx, tx, m.ID)
	if err != nil || gone != "" {
		return "", gone, err
	}
	return strings.Replace(m.Body, AnswerPlace, strings.TrimSuffix(o.URL, "/")+path, 1), "", nil
}
