package message

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/inbox"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// In is an SMS that came in.
type In struct {
	ProviderID string // under which it is taken in once
	From, To   string // E.164 as a rule
	Body       string
	Pictures   []string // where the provider keeps what came with it
	At         time.Time
	// Kind is Stop or Start where the provider says so, and has answered it; empty:
	// the words say it.
	Kind inbox.Kind
}

// ReceiveSMS takes an SMS in. It belongs to the customer who has the number; of
// several, to the one last written to. Whose number nobody knows waits in the inbox.
// STOP and its kin opt the number out at once, for every customer who has it, START
// takes that back, and each is answered once. Taken in twice it changes nothing.
func (o *Outbox) ReceiveSMS(ctx context.Context, tx *tenant.Tx, in In) error {
	from, err := whose(ctx, tx, in.From)
	if err != nil {
		return err
	}
	// All of them before the first note: whoever writes to several goes in their order.
	if err := ledger.Hold(ctx, tx, from.all); err != nil {
		return err
	}
	if before, err := in.taken(ctx, tx); before || err != nil {
		return err
	}
	kind, answered := in.Kind, in.Kind != ""
	if !answered {
		kind = Word(in.Body)
	}
	changed := false
	if kind != inbox.Reply {
		words := cmp.Or(note.Cut(oneLine(in.Body), 200, "…"), strings.ToUpper(string(kind)))
		if changed, err = customer.OptByWord(ctx, tx, in.From, kind == inbox.Stop, "Their own SMS", words); err != nil {
			return err
		}
	}
	_, news, err := inbox.Take(ctx, tx, in.entry(kind, from))
	if err != nil || !news || !changed || answered {
		return err
	}
	return o.confirm(ctx, tx, from, kind)
}

// taken tells that it was taken in before, in a transaction that holds who has the
// number.
func (in In) taken(ctx context.Context, tx *tenant.Tx) (before bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM received r
			WHERE r.tenant_id = $1 AND r.channel = 'sms' AND r.provider_id = $2)`, tx.Actor.TenantID, in.ProviderID).Scan(&before)
	if err != nil {
		return false, fmt.Errorf("look whether an SMS was taken in: %w", err)
	}
	return before, nil
}

func (in In) entry(kind inbox.Kind, from known) inbox.In {
	e := inbox.In{Channel: customer.SMS, ProviderID: in.ProviderID, Kind: kind, From: in.From, To: in.To, Body: in.Body,
		CustomerID: from.customer, PointID: from.point, MessageID: from.message, Person: from.person, At: in.At}
	if len(in.Pictures) > 0 {
		what := "a picture"
		if n := len(in.Pictures); n > 1 {
			what = fmt.Sprintf("%d pictures", n)
		}
		e.Body += fmt.Sprintf("\n\n[With %s, which the provider keeps: %s]", what, strings.Join(in.Pictures, " "))
	}
	return e
}

// known is whose number something came from.
type known struct {
	customer, point int64 // 0: nobody's
	message         int64 // that was last sent there; 0: none
	person          string
	all             []int64 // every customer who has the number, in their order
}

// knownAs is the condition that a contact point p has the number @number.
const knownAs = `p.tenant_id = @tenant AND p.kind = 'phone' AND p.value = @number AND NOT p.former`

// whose finds who has the number.
func whose(ctx context.Context, tx *tenant.Tx, number string) (k known, err error) {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "number": number}
	err = tx.QueryRow(ctx, `
		SELECT p.customer_id, p.id, p.person, coalesce(m.id, 0), ARRAY(
			SELECT DISTINCT p.customer_id
			FROM contact_points p
			WHERE `+knownAs+`
			ORDER BY 1)
		FROM contact_points p
		JOIN customers c ON c.tenant_id = @tenant AND c.id = p.customer_id
		LEFT JOIN LATERAL (
			SELECT m.id
			FROM messages m
			WHERE m.tenant_id = @tenant AND m.contact_point_id = p.id AND m.channel = 'sms' AND m.address = @number
				AND m.state IN ('sending', 'sent', 'delivered', 'unknown')
			ORDER BY m.id DESC
			LIMIT 1) m ON true
		WHERE `+knownAs+`
		ORDER BY m.id DESC NULLS LAST, c.archived_at IS NOT NULL, p.retired_at IS NOT NULL, p.preferred DESC, p.role = 'third_party', p.id
		LIMIT 1`, args).Scan(&k.customer, &k.point, &k.person, &k.message, &k.all)
	if errors.Is(err, pgx.ErrNoRows) {
		return known{}, nil
	}
	if err != nil {
		return k, fmt.Errorf("look whose number it is: %w", err)
	}
	return k, nil
}
