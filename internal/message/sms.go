package message

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/provider"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// ReadySMS tells whether SMS leave at once; where they are held, why says so.
func (o *Outbox) ReadySMS(ctx context.Context, tx *tenant.Tx) (s provider.Settings, why string, err error) {
	_, s, why, err = o.gateway(ctx, tx)
	return s, why, err
}

// noNumber is why SMS are held where the company has a provider for calls only.
const noNumber = "No number that SMS come from is set up. An administrator gives it under Admin, Telephone and SMS."

// gateway is the way out for SMS; why says, where there is none, what keeps them.
func (o *Outbox) gateway(ctx context.Context, tx *tenant.Tx) (g provider.Gateway, s provider.Settings, why string, err error) {
	g, s, err = provider.Open(ctx, tx, o.Secrets, o.Provider)
	var no errs.Conflict
	switch {
	case errors.As(err, &no):
		return g, s, string(no), nil
	case err == nil && s.SMSFrom == "":
		return g, s, noNumber, nil
	}
	return g, s, "", err
}

// sms keeps an SMS and queues it. Documents go as links below its text.
func (o *Outbox) sms(ctx context.Context, tx *tenant.Tx, n New, h statement.Heading) (int64, error) {
	p, err := customer.FindPoint(ctx, tx, n.CustomerID, n.PointID)
	if err != nil {
		return 0, err
	}
	m := kept{address: p.Value, person: p.Person, sender: h.Sender(), reference: uuid.New()}
	files, err := o.files(ctx, tx, n, 0)
	if err != nil {
		return 0, err
	}
	if n.Body, err = o.withLinks(tx, n.Body, m.reference, files); err != nil {
		return 0, err
	}
	if parts, unicode := Segments(n.Body); parts > MaxParts {
		return 0, errs.Invalid{"body": tooLong(parts, unicode, len(files))}
	}
	m.New = n
	if err := o.queueSMS(ctx, tx, &m); err != nil {
		return 0, err
	}
	id, err := m.insert(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := attach(ctx, tx, id, files); err != nil {
		return 0, err
	}
	return id, journal(ctx, tx, "sms", id, n, fmt.Sprintf("SMS to %s: %s", who(p.Person, p.Value), strings.TrimRight(n.Body, ".")), files)
}

func tooLong(parts int, unicode bool, files int) string {
	text := fmt.Sprintf("This goes in %d parts, and an SMS has %d at most. Shorten it.", parts, MaxParts)
	if unicode {
		text += " It has characters for which only 67 fit into a part; without them 153 do."
	}
	if files > 0 {
		text += " Each document adds its link."
	}
	return text
}

// queueSMS has the SMS sent, or held where there is no way out.
func (o *Outbox) queueSMS(ctx context.Context, tx *tenant.Tx, m *kept) error {
	_, _, why, err := o.gateway(ctx, tx)
	if err != nil {
		return err
	}
	if why != "" {
		m.state, m.detail = Held, why
		return nil
	}
	jobs, err := o.toQueue(ctx, tx, m.reference)
	if err != nil {
		return err
	}
	m.state, m.job = Queued, jobs[0]
	return nil
}

// Purposes of what is signed.
const (
	forDocument = "document"
	forStatus   = "sms status"
)

// withLinks puts a link to each document below the text.
func (o *Outbox) withLinks(tx *tenant.Tx, body string, ref uuid.UUID, files []document.Document) (string, error) {
	for _, f := range files {
		token, err := o.Secrets.Sign(forDocument, tx.Actor.TenantID, f.ID, half(ref))
		if err != nil {
			return "", err
		}
		body += "\n" + f.Name + ": " + o.base() + "/d/" + token
	}
	return body, nil
}

// half of a message's reference names it in a link: the link is made before the
// message has an id, and in an SMS each character counts.
func half(ref uuid.UUID) int64 { return int64(binary.BigEndian.Uint64(ref[:8])) }

// within is the first or the last reference that begins with the half.
func within(half int64, rest byte) (ref uuid.UUID) {
	for i := range ref {
		ref[i] = rest
	}
	binary.BigEndian.PutUint64(ref[:8], uint64(half))
	return ref
}

// base is where people reach the site.
func (o *Outbox) base() string { return strings.TrimSuffix(o.URL, "/") }

// callback is where the provider says what becomes of an attempt to send an SMS.
func (o *Outbox) callback(tx *tenant.Tx, id int64, attempt int) (string, error) {
	token, err := o.Secrets.Sign(forStatus, tx.Actor.TenantID, id, int64(attempt))
	return o.base() + "/hooks/twilio/status/" + token, err
}
