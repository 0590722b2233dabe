package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// take takes a message in that was read into a file. One that cannot be taken in
// with all that it has is taken in with the little that can.
func (r *Reader) take(ctx context.Context, tenantID int64, p place, uid imap.UID, raw *os.File, at time.Time) (taken bool, err error) {
	size, err := raw.Seek(0, io.SeekEnd)
	if err != nil {
		return false, fmt.Errorf("spool: %w", err)
	}
	l := read(section{raw, 0, size})
	files, left, err := r.spool(ctx, tenantID, l)
	if err != nil {
		return false, err
	}
	taken, err = r.commit(ctx, tenantID, p, uid, func(tx *tenant.Tx) (bool, error) { return l.enter(ctx, tx, files, left, at) })
	if unfit(err) {
		taken, err = r.commit(ctx, tenantID, p, uid, func(tx *tenant.Tx) (bool, error) { return l.enterPoor(ctx, tx, at) })
	}
	return taken, err
}

// commit takes a message in together with the place after it.
func (r *Reader) commit(ctx context.Context, tenantID int64, p place, uid imap.UID, enter func(*tenant.Tx) (bool, error)) (taken bool, err error) {
	err = r.DB.Write(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error {
		// Plans are kept: one made for tables that are empty yet would read them whole
		// for each of ten thousand messages.
		if _, err := tx.Exec(ctx, `SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		next, err := p.advance(ctx, tx, uid)
		if err != nil || !next {
			return err
		}
		if taken, err = enter(tx); err != nil || !taken {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE mailbox_states
			SET taken = taken + 1
			WHERE tenant_id = $1`, tx.Actor.TenantID)
		return err
	})
	return taken && err == nil, err
}

// unfit tells that the database does not take what the message says, and never will.
func unfit(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23"))
}

// enterPoor takes in that there is a message, where what it says cannot be kept: it
// must not keep those after it from being read.
func (l *letter) enterPoor(ctx context.Context, tx *tenant.Tx, arrived time.Time) (bool, error) {
	in := inbox.In{Channel: customer.Mail, ProviderID: l.id(), Kind: inbox.Reply, At: arrived,
		Body: "[This message could not be read. It is still in the mailbox.]"}
	in.From, in.Person = l.address("From")
	_, news, err := inbox.Take(ctx, tx, in)
	return news, err
}

// spool keeps the files that came with it in the store, and says of each that is
// left out why.
func (r *Reader) spool(ctx context.Context, tenantID int64, l *letter) (files []document.Spooled, left []string, err error) {
	for _, f := range l.files {
		kept, err := document.Spool(ctx, tenantID, r.Store, f.name, f.part.content())
		var refused errs.Invalid
		switch {
		case err == nil:
			files = append(files, kept)
		case errors.As(err, &refused):
			left = append(left, refused["file"])
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case broken(err):
			left = append(left, fmt.Sprintf("%q is damaged.", f.name))
		default:
			return nil, nil, fmt.Errorf("keep what came with it: %w", err)
		}
	}
	return files, left, nil
}

// enter hands the message to the inbox, and writes down what it says of a message of
// ours. It tells false where the message was taken in before.
func (l *letter) enter(ctx context.Context, tx *tenant.Tx, files []document.Spooled, left []string, arrived time.Time) (bool, error) {
	b := l.bounced()
	in := inbox.In{Channel: customer.Mail, ProviderID: l.id(), Kind: l.kind(b), Subject: l.top.text("Subject"), Body: l.body(), At: l.sentAt(arrived)}
	in.Data = inbox.Referring(cmp.Or(l.top.header.Get("References"), l.top.header.Get("In-Reply-To")))
	in.From, in.Person = l.address("From")
	in.To, _ = l.address("To")
	for _, why := range left {
		in.Body += "\n\n[Not kept: " + why + " It is still in the mailbox.]"
	}
	if err := l.whose(ctx, tx, b, &in); err != nil {
		return false, err
	}
	if b != nil {
		if err := b.tell(ctx, tx, &in); err != nil {
			return false, err
		}
	}
	e, news, err := inbox.Take(ctx, tx, in)
	if err != nil || !news {
		return false, err
	}
	_, err = document.Enter(ctx, tx, document.New{CustomerID: in.CustomerID, Subject: document.OfReceived, SubjectID: e.ReceivedID}, files)
	return true, err
}

// whose finds whose the message is: by the message of ours that it answers or
// returns, else by its sender's address.
func (l *letter) whose(ctx context.Context, tx *tenant.Tx, b *bounced, in *inbox.In) error {
	refs, sender := l.answers(), in.From
	if b != nil {
		refs, sender = append(b.refs, refs...), b.recipient
	}
	if len(refs) > 0 {
		found, err := message.ByReference(ctx, tx, refs)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			in.MessageID, in.CustomerID, in.Resolver = found[0].ID, found[0].CustomerID, found[0].Resolver
		}
		if b != nil && len(found) > 0 {
			in.PointID = found[0].PointID
			return nil
		}
	}
	if sender == "" || in.Resolver || in.MessageID != 0 && in.CustomerID == 0 {
		return nil
	}
	owner, point, err := customer.WhoHas(ctx, tx, customer.Email, sender, in.CustomerID)
	if err != nil {
		return err
	}
	in.CustomerID, in.PointID = cmp.Or(in.CustomerID, owner), point
	return nil
}

// tell writes down what a mail server says of a message of ours. What names none is
// believed by nobody: the entry says it to a person.
func (b *bounced) tell(ctx context.Context, tx *tenant.Tx, in *inbox.In) error {
	if !b.final {
		in.Outcome = "The mail server goes on trying, or says that it arrived."
		return nil
	}
	if in.MessageID == 0 {
		return nil
	}
	_, err := message.Bounce(ctx, tx, in.MessageID, b.words, b.dead)
	return err
}

// broken tells that a content could not be read, and not that it could not be kept.
func broken(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "illegal base64") || strings.Contains(err.Error(), "quotedprintable:")
}
