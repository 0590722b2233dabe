package message

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/note"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// New is a message to a customer, as somebody wrote it.
type New struct {
	CustomerID int64
	Channel    customer.Channel // Mail, Letter or SMS
	PointID    int64            // where an e-mail or SMS goes
	Language   string           // of the text, and so of all that goes with it
	Subject    string
	Body       string
	TextID     int64 // the wording that it was made of; 0: own words
	// Demands tells that it asks for money: it is not sent once nothing is left to
	// collect.
	Demands   bool
	Documents []int64 // of the customer, that go with it, with an SMS as links
	// Statement attaches the statement of today to an e-mail or SMS, and sets the
	// open items below the text of a letter.
	Statement bool
	// Answers is what came in that an e-mail answers: it stands in its thread; 0: none.
	Answers int64
	// Override is why a manager writes although the hour bars it.
	Override string
}

// Re is the subject of an answer to what has that subject.
func Re(subject string) string {
	s := strings.TrimSpace(subject)
	if len(s) < 3 || !strings.EqualFold(s[:3], "re:") {
		s = "Re: " + cmp.Or(s, "your message")
	}
	return note.Cut(s, MaxSubject, "")
}

// MaxFiles is how many bytes the files of an e-mail may have together: mail
// servers refuse more.
const MaxFiles = 15 << 20

// Check brings what was written into form and refuses what cannot be sent.
func (n *New) Check() error {
	var inv errs.Invalid
	n.Subject, n.Override = oneLine(n.Subject), oneLine(n.Override)
	n.Body = strings.TrimSpace(strings.ReplaceAll(n.Body, "\r\n", "\n"))
	if n.Channel == customer.SMS {
		n.Body = spaces.Replace(n.Body)
	}
	slices.Sort(n.Documents)
	n.Documents = slices.Compact(n.Documents)
	inv.Check(n.Subject != "" || n.Channel == customer.SMS, "subject", "Give a subject: it is what people see first.")
	inv.Check(utf8.RuneCountInString(n.Subject) <= MaxSubject, "subject", fmt.Sprintf("This holds %d characters at most. Shorten it.", MaxSubject))
	inv.Check(n.Body != "", "body", "Write what is to be said.")
	length := utf8.RuneCountInString(n.Body)
	inv.Check(length <= 3*MaxBody, "body", fmt.Sprintf("This has %d characters and a message holds %d. Shorten it, or attach a document.", length, 3*MaxBody))
	for field, text := range map[string]string{"subject": n.Subject, "body": n.Body} {
		inv.Check(!note.HasCard(text), field, "This looks like a payment card number, which must not be sent. Take it out.")
		inv.Check(!strings.ContainsFunc(text, unseen), field, "This holds control characters, which no letter can show. Type it anew.")
	}
	inv.Check(n.Subject == "" || n.Channel != customer.SMS, "subject", "An SMS has no subject. Leave it empty.")
	inv.Check(slices.Contains(Channels, n.Channel), "channel", "Choose e-mail, SMS or letter.")
	inv.Check(n.Channel == customer.Letter || n.PointID != 0, "point", "Choose whom it goes to.")
	return inv.Err()
}

func unseen(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }

// Send keeps a message and, an e-mail or SMS, has it sent: the message, its files, its
// line in the journal and the job that sends it are in the caller's transaction.
// A letter is made at once and is then sent. It asks whether the customer may be
// written to now; that is asked again at the moment of sending.
func (o *Outbox) Send(ctx context.Context, tx *tenant.Tx, n New) (id int64, err error) {
	if err := n.Check(); err != nil {
		return 0, err
	}
	if err := n.allowed(ctx, tx); err != nil {
		return 0, err
	}
	if err := n.stillOwed(ctx, tx); err != nil {
		return 0, err
	}
	h, err := statement.HeadingOf(ctx, tx, n.CustomerID, n.Language)
	if err != nil {
		return 0, err
	}
	n.Language = h.Language.Code
	switch n.Channel {
	case customer.Letter:
		return o.letter(ctx, tx, n, h)
	case customer.SMS:
		return o.sms(ctx, tx, n, h)
	}
	return o.email(ctx, tx, n, h)
}

// allowed asks whether the customer may be written to now. A manager's reason to do
// it all the same is kept only where it was needed: it counts again as it goes out.
func (n *New) allowed(ctx context.Context, tx *tenant.Tx) error {
	ask := contactrule.Ask{CustomerID: n.CustomerID, PointID: n.PointID, Channel: n.Channel, Override: n.Override}
	if n.Override != "" {
		all, err := contactrule.Of(ctx, tx, n.CustomerID)
		if err != nil {
			return err
		}
		if all.For(n.PointID, n.Channel).Verdict == contactrule.Allowed {
			n.Override = ""
		}
	}
	return contactrule.Check(ctx, tx, ask)
}

// stillOwed refuses to ask for money where nothing is left to collect.
func (n New) stillOwed(ctx context.Context, tx *tenant.Tx) error {
	if !n.Demands {
		return nil
	}
	var left bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM customer_totals
			WHERE tenant_id = $1 AND customer_id = $2 AND to_collect > 0)`, tx.Actor.TenantID, n.CustomerID).Scan(&left)
	if err != nil {
		return fmt.Errorf("look whether anything is left to collect: %w", err)
	}
	if !left {
		return errs.Invalid{"demands": "Nothing is left to collect: all that is overdue is paid, disputed, paused or covered by credit. Untick this if the message does not ask for money."}
	}
	return nil
}

// email keeps an e-mail and queues it.
func (o *Outbox) email(ctx context.Context, tx *tenant.Tx, n New, h statement.Heading) (int64, error) {
	p, err := customer.FindPoint(ctx, tx, n.CustomerID, n.PointID)
	if err != nil {
		return 0, err
	}
	n.Body = Signed(h, n.Body)
	m := kept{New: n, address: p.Value, person: p.Person, sender: h.Sender(), replyTo: h.Letterhead.ReplyTo, state: Held, detail: heldWhy, reference: uuid.New()}
	if n.Answers != 0 {
		if m.thread, err = inbox.Thread(ctx, tx, n.Answers, n.CustomerID); err != nil {
			return 0, err
		}
	}
	if o.Ready() {
		jobs, err := o.toQueue(ctx, tx, m.reference)
		if err != nil {
			return 0, err
		}
		m.state, m.detail, m.job = Queued, "", jobs[0]
	}
	id, err := m.insert(ctx, tx)
	if err != nil {
		return 0, err
	}
	files, err := o.files(ctx, tx, n, id)
	if err != nil {
		return 0, err
	}
	if err := attach(ctx, tx, id, files); err != nil {
		return 0, err
	}
	return id, journal(ctx, tx, "email", id, n, fmt.Sprintf("E-mail to %s: %s", who(p.Person, p.Value), n.Subject), files)
}

// files are the documents that were ticked, and the statement.
func (o *Outbox) files(ctx context.Context, tx *tenant.Tx, n New, id int64) ([]document.Document, error) {
	files, err := n.chosen(ctx, tx)
	if err != nil {
		return nil, err
	}
	if n.Statement {
		d, err := o.statement(ctx, tx, n, id)
		if err != nil {
			return nil, err
		}
		files = append(files, d)
	}
	size := int64(0)
	for _, f := range files {
		size += f.Size
	}
	if size > MaxFiles {
		return nil, errs.Invalid{"documents": fmt.Sprintf("Together these have %d MB, and an e-mail carries %d. Send them in several messages.", size>>20, MaxFiles>>20)}
	}
	return files, nil
}

// chosen reads the documents that were ticked.
func (n New) chosen(ctx context.Context, tx *tenant.Tx) ([]document.Document, error) {
	if len(n.Documents) == 0 {
		return nil, nil
	}
	docs, err := document.Chosen(ctx, tx, n.CustomerID, n.Documents)
	if errors.Is(err, errs.NotFound) {
		return nil, errs.Invalid{"documents": "One of the ticked documents has been removed meanwhile. Look which are left, and tick anew."}
	}
	return docs, err
}

// statement makes the statement of today, in the language of the message.
func (o *Outbox) statement(ctx context.Context, tx *tenant.Tx, n New, id int64) (document.Document, error) {
	s, err := statement.Of(ctx, tx, n.CustomerID, statement.Options{Language: n.Language})
	if err != nil {
		return document.Document{}, err
	}
	if err := s.LoadLogo(ctx, tx, o.Store); err != nil {
		return document.Document{}, err
	}
	var pdf bytes.Buffer
	if err := s.PDF(&pdf); err != nil {
		return document.Document{}, fmt.Errorf("make the statement: %w", err)
	}
	return document.Add(ctx, tx, o.Store, document.New{CustomerID: n.CustomerID, Subject: document.OfMessage, SubjectID: id, Name: s.FileName(".pdf"), Content: &pdf})
}
