package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"dunwell/internal/errs"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
)

// maxMessage is how much of a message is looked at. More than any mail server takes.
const maxMessage = 200 << 20

// patience is how long it may take until the mail server answers.
const patience = 30 * time.Second

// Read reads the company's mailbox from where it was left to its end, one message at
// a time, and tells how many were taken in. Each is committed with the place: killed
// at any moment, nothing is lost and nothing is taken in twice. A company without a
// mailbox has nothing read, nor one whose mailbox this program is reading.
func (r *Reader) Read(ctx context.Context, tenantID int64) (n int, err error) {
	if _, busy := r.busy.LoadOrStore(tenantID, true); busy {
		return 0, nil
	}
	defer r.busy.Delete(tenantID)
	var m provider.Mailbox
	var password string
	err = r.DB.Read(ctx, tenant.System(tenantID), func(tx *tenant.Tx) (err error) {
		m, password, err = provider.OpenMailbox(ctx, tx, r.Secrets)
		return err
	})
	if errors.Is(err, provider.ErrNoMailbox) || errors.As(err, new(errs.Forbidden)) {
		return 0, nil
	}
	if err == nil {
		n, err = r.read(ctx, tenantID, m, password)
	}
	if ctx.Err() != nil {
		return n, ctx.Err()
	}
	return n, errors.Join(err, r.finish(ctx, tenantID, name(m), err))
}

// name tells one mailbox from another.
func name(m provider.Mailbox) string { return m.Username + "@" + m.Host + "/" + m.Folder }

// Try signs in to a mailbox and opens its folder, for whoever sets it up.
func Try(ctx context.Context, m provider.Mailbox, password string, config *tls.Config) error {
	c, _, err := open(ctx, m, password, config)
	if err != nil {
		return err
	}
	return c.Close()
}

// open signs in and opens the folder for reading only.
func open(ctx context.Context, m provider.Mailbox, password string, config *tls.Config) (*imapclient.Client, *imap.SelectData, error) {
	c, err := dial(ctx, m, config)
	if err != nil {
		return nil, nil, errs.Conflict(fmt.Sprintf("The mail server %s cannot be reached: %s.", m.Host, oneLine(err.Error())))
	}
	if err = c.Login(m.Username, password).Wait(); err != nil {
		err = errs.Conflict(fmt.Sprintf("The mail server %s does not let %s in: %s.", m.Host, m.Username, oneLine(err.Error())))
	}
	var selected *imap.SelectData
	if err == nil {
		if selected, err = c.Select(m.Folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
			err = errs.Conflict(fmt.Sprintf("The folder %s cannot be opened: %s.", m.Folder, oneLine(err.Error())))
		}
	}
	if err != nil {
		_ = c.Close()
		return nil, nil, err
	}
	return c, selected, nil
}

func dial(ctx context.Context, m provider.Mailbox, config *tls.Config) (*imapclient.Client, error) {
	if config == nil {
		config = &tls.Config{}
	}
	config = config.Clone()
	if config.ServerName == "" {
		config.ServerName = m.Host
	}
	d := &net.Dialer{Timeout: patience}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(m.Host, strconv.Itoa(m.Port)))
	if err != nil {
		return nil, err
	}
	switch m.Security {
	case provider.StartTLS:
		return imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: config})
	case provider.TLS:
		safe := tls.Client(conn, config)
		if err := safe.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		conn = safe
	}
	c := imapclient.New(conn, nil)
	return c, c.WaitGreeting()
}

func (r *Reader) read(ctx context.Context, tenantID int64, m provider.Mailbox, password string) (n int, err error) {
	c, selected, err := open(ctx, m, password, r.TLS)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	p, err := r.begin(ctx, tenantID, place{mailbox: name(m), validity: selected.UIDValidity})
	if err != nil {
		return 0, err
	}
	from := imap.UIDSet{}
	from.AddRange(p.last+1, 0)
	found, err := c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{from}}, nil).Wait()
	if err != nil {
		return 0, fmt.Errorf("look for new messages: %w", err)
	}
	uids := found.AllUIDs()
	slices.Sort(uids)
	for _, uid := range uids {
		if uid <= p.last { // of an empty range the server answers the last one
			continue
		}
		taken, err := r.one(ctx, tenantID, c, p, uid)
		if err != nil {
			return n, fmt.Errorf("message %d: %w", uid, err)
		}
		if taken {
			n++
		}
	}
	return n, nil
}

// one reads a message and takes it in. One that is not there any more is passed over.
func (r *Reader) one(ctx context.Context, tenantID int64, c *imapclient.Client, p place, uid imap.UID) (taken bool, err error) {
	raw, err := os.CreateTemp("", "dunwell-mail-*")
	if err != nil {
		return false, fmt.Errorf("spool: %w", err)
	}
	defer raw.Close()
	_ = os.Remove(raw.Name()) // it lives as long as it is open, and no kill leaves it behind
	at, there, err := fetch(c, uid, raw)
	if err != nil || !there {
		return false, err
	}
	return r.take(ctx, tenantID, p, uid, raw, at)
}

// fetch writes a message to w, as much as is looked at.
func fetch(c *imapclient.Client, uid imap.UID, w io.Writer) (at time.Time, there bool, err error) {
	cmd := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		for item := msg.Next(); item != nil; item = msg.Next() {
			switch item := item.(type) {
			case imapclient.FetchItemDataInternalDate:
				at = item.Time
			case imapclient.FetchItemDataBodySection:
				there = true
				if item.Literal != nil && err == nil {
					_, err = io.Copy(w, io.LimitReader(item.Literal, maxMessage))
				}
			}
		}
	}
	if closed := cmd.Close(); closed != nil {
		err = closed // a text that broke off is read again
	}
	if err != nil {
		err = fmt.Errorf("read it: %w", err)
	}
	return at, there, err
}
