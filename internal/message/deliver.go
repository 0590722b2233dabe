package message

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
)

// waits is how long it waits after each attempt that the server put off, or that
// did not reach it. After the last one it gives up.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour}

// Deliver is the body of the job that sends one message. It claims the message,
// hands it to the mail server or the provider while no transaction is open, and
// writes down what that said; a death in between leaves the message Sending, and the sweep
// makes it Unknown. Where the message has to wait it says how long. Done twice,
// or by two at once, it sends nothing twice.
func (o *Outbox) Deliver(ctx context.Context, a SendArgs) (wait time.Duration, err error) {
	var p parcel
	err = o.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		var err error
		p, err = o.claim(ctx, tx, a.Reference)
		return err
	})
	if err != nil || !p.claimed {
		return p.wait, err
	}
	got := o.hand(ctx, p)
	// What the server said is written down even where the program is told to stop.
	err = o.DB.Write(context.WithoutCancel(ctx), tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		var err error
		wait, err = o.record(context.WithoutCancel(ctx), tx, p, got)
		return err
	})
	return wait, err
}

// parcel is a message that was claimed, with what it takes to send it.
type parcel struct {
	waiting
	claimed bool
	wait    time.Duration    // of one that may not be sent yet
	via     provider.Gateway // of an SMS
	sms     provider.SMS
	body    string // of an e-mail, as it goes out
	files   []document.Document
	at      time.Time
	attempt int
}

// waiting is a message as it is claimed.
type waiting struct {
	Message
	Stale   bool    // nobody brought it further within the lease
	Wait    float64 // seconds until it may be sent
	Moved   bool    // its contact point has another address now
	Paid    bool    // nothing is left to collect
	Outdone bool    // as a reminder: an item is no longer owed as it names it, or not chased, or money came in
	Passed  bool    // as a reminder: sent again after its agenda entry was closed
	Replied bool    // sent by nobody, it asks for money, and the customer wrote and has no answer
	Clock   time.Time
	HasFile bool
}

// closedSQL is when the agenda entry of a message m of the template t was closed: one that
// asks for money is not sent again after that. NULL: it is open, or the message may go.
const closedSQL = `(
	SELECT e.closed_at
	FROM agenda_actions a
	JOIN agenda_entries e ON e.tenant_id = @tenant AND e.id = a.entry_id AND e.state <> 'open'
	WHERE a.tenant_id = @tenant AND a.message_id = m.id AND (m.demands OR coalesce(t.demands, false)))`

// claim holds a message that is to be sent, asks whether it still may be, and
// brings it to Sending.
func (o *Outbox) claim(ctx context.Context, tx *tenant.Tx, ref uuid.UUID) (parcel, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`,
			m.state_at < clock_timestamp() - @lease::interval AS stale,
			greatest(extract(epoch FROM m.due_at - clock_timestamp()), 0)::float8 AS wait,
			p.value IS DISTINCT FROM m.address AND m.contact_point_id IS NOT NULL AS moved,
			m.demands AND NOT EXISTS (
				SELECT FROM customer_totals o
				WHERE o.tenant_id = @tenant AND o.customer_id = m.customer_id AND o.to_collect > 0) AS paid,
			(m.demands OR coalesce(t.demands, false)) AND (EXISTS (
				SELECT FROM agenda_actions a
				JOIN agenda_action_items n ON n.tenant_id = @tenant AND n.action_id = a.id
				WHERE a.tenant_id = @tenant AND a.message_id = m.id AND n.amount > coalesce((
					SELECT o.collectable
					FROM collectable(@today) o
					WHERE o.tenant_id = @tenant AND o.customer_id = a.customer_id AND o.item_id = n.item_id AND (o.due_on <= @today OR n.after_days < 0)), 0))
			OR EXISTS (
				SELECT FROM agenda_actions a
				JOIN items i ON i.tenant_id = @tenant AND i.customer_id = a.customer_id AND i.due_on < @today AND i.last_value_on IS NOT NULL
				JOIN applications p ON p.tenant_id = @tenant AND p.item_id = i.id AND p.made_at > m.created_at
				WHERE a.tenant_id = @tenant AND a.message_id = m.id)) AS outdone,
			EXISTS (
				SELECT FROM message_events f
				JOIN message_events v ON v.tenant_id = @tenant AND v.message_id = m.id AND v.id > f.id AND v.state = 'queued' AND v.member_id IS NOT NULL
				WHERE f.tenant_id = @tenant AND f.message_id = m.id AND v.at > `+closedSQL+`) AS passed,
			m.author_id IS NULL AND m.demands AND EXISTS (
				SELECT FROM inbox_entries i
				WHERE i.tenant_id = @tenant AND i.customer_id = m.customer_id AND i.state = 'open' AND i.kind = 'reply') AS replied,
			clock_timestamp() AS clock,
			EXISTS (SELECT FROM message_documents d WHERE d.tenant_id = @tenant AND d.message_id = m.id) AS has_file
		FROM `+source+`
		LEFT JOIN contact_points p ON p.tenant_id = @tenant AND p.id = m.contact_point_id
		WHERE m.tenant_id = @tenant AND m.reference = @reference
		FOR NO KEY UPDATE OF m`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "reference": ref, "lease": o.lease(), "today": tx.Today()})
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[waiting])
	if errors.Is(err, pgx.ErrNoRows) {
		return parcel{}, nil // rolled back, or of another database
	}
	if err != nil {
		return parcel{}, fmt.Errorf("claim a message: %w", err)
	}
	switch wait := time.Duration(m.Wait * float64(time.Second)); {
	case m.State == Sending && m.Stale:
		return parcel{}, m.lost(ctx, tx)
	case m.State != Queued:
		return parcel{}, nil
	case wait > 0:
		return parcel{wait: wait}, nil
	}
	p, why, err := o.wayOut(ctx, tx, m)
	if err != nil {
		return parcel{}, err
	}
	if why != "" {
		return parcel{}, move{IDs: []int64{m.ID}, To: Held, Detail: why}.apply(ctx, tx)
	}
	if done, wait, err := o.barred(ctx, tx, m); done || err != nil {
		return parcel{wait: wait}, err
	}
	return o.parcel(ctx, tx, p)
}

// wayOut says by whom the message leaves; where nobody takes it, why.
func (o *Outbox) wayOut(ctx context.Context, tx *tenant.Tx, m waiting) (p parcel, why string, err error) {
	p = parcel{waiting: m, claimed: true, body: m.Body, at: m.Clock.In(tx.Actor.Tenant.Zone), attempt: m.Attempts + 1}
	if m.Channel != customer.SMS {
		if !o.Ready() {
			why = heldWhy
		}
		return p, why, nil
	}
	var s provider.Settings
	if p.via, s, why, err = o.gateway(ctx, tx); err != nil || why != "" {
		return p, why, err
	}
	p.sms = provider.SMS{To: m.Address, From: s.SMSFrom, Body: m.Body}
	p.sms.Callback, err = o.callback(tx, m.ID, p.attempt)
	return p, "", err
}

// parcel brings the message to Sending with what goes with it.
func (o *Outbox) parcel(ctx context.Context, tx *tenant.Tx, p parcel) (parcel, error) {
	m, err := p.waiting, error(nil)
	if m.HasFile && p.via == nil { // in an SMS they are links

		if p.files, err = document.SentWith(ctx, tx, m.ID); err != nil {
			return p, err
		}
	}
	if m.Link != LinkNone {
		var gone string
		if p.body, gone, err = o.withLink(ctx, tx, m.Message); err != nil {
			return p, err
		}
		if gone != "" {
			return parcel{}, move{IDs: []int64{m.ID}, To: Discarded, Detail: gone, Error: gone}.apply(ctx, tx)
		}
	}
	return p, move{IDs: []int64{m.ID}, To: Sending, Tries: 1}.apply(ctx, tx)
}

// hand gives the message to whoever carries it.
func (o *Outbox) hand(ctx context.Context, p parcel) answer {
	if p.via != nil {
		return p.via.SendSMS(ctx, p.sms)
	}
	var files []attached
	for _, d := range p.files {
		content, err := o.read(ctx, d)
		if err != nil {
			return answer{Verdict: notYet, Words: words(fmt.Errorf("the file %s cannot be read: %w", d.Name, err))}
		}
		files = append(files, attached{d.Name, d.MediaType, content})
	}
	content, err := compose(o.Server.From, p.Message, p.body, files, p.at)
	if err != nil {
		return answer{Verdict: refused, Words: "It cannot be written as an e-mail: " + words(err)}
	}
	return o.Server.deliver(ctx, p.Address, content)
}

func (o *Outbox) read(ctx context.Context, d document.Document) (b []byte, err error) {
	r, err := o.Store.Get(ctx, d.BlobKey)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}
