package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// Security is how the connection to a mailbox is protected.
type Security string

// The ways. Plain is for a server on the same machine only.
const (
	TLS      Security = "tls"
	StartTLS Security = "starttls"
	Plain    Security = "none"
)

// Securities lists them, the best first.
var Securities = []Security{TLS, StartTLS, Plain}

// Mailbox is where answers and returned e-mail arrive. Its password is not in it.
type Mailbox struct {
	Host     string // empty: none is set up
	Port     int
	Security Security
	Username string
	Folder   string
	Version  int // 0: nothing was ever set up
}

// Why no mailbox can be read.
const (
	// ErrNoMailbox is returned where the company has no mailbox.
	ErrNoMailbox = errs.Conflict("No mailbox is set up, so no answers by e-mail are read. An administrator does so under Admin, Telephone and SMS.")
	// ErrMailboxLocked is returned where its password cannot be read.
	ErrMailboxLocked = errs.Conflict("The mailbox’s password cannot be read with this installation’s key. An administrator gives it again under Admin, Telephone and SMS.")
)

// LoadMailbox reads the mailbox; where nothing was ever set up it has what is
// proposed.
func LoadMailbox(ctx context.Context, tx *tenant.Tx) (Mailbox, error) {
	m, _, err := loadMailbox(ctx, tx)
	return m, err
}

func loadMailbox(ctx context.Context, tx *tenant.Tx) (m Mailbox, sealed []byte, err error) {
	err = tx.QueryRow(ctx, `
		SELECT m.host, m.port, m.security, m.username, m.folder, m.version, m.sealed_password
		FROM mailboxes m
		WHERE m.tenant_id = $1`, tx.Actor.TenantID).
		Scan(&m.Host, &m.Port, &m.Security, &m.Username, &m.Folder, &m.Version, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return Mailbox{Port: 993, Security: TLS, Folder: "INBOX"}, nil, nil
	}
	if err != nil {
		return m, nil, fmt.Errorf("read the mailbox: %w", err)
	}
	return m, sealed, nil
}

// OpenMailbox gives the mailbox with its password, or ErrNoMailbox or
// ErrMailboxLocked, which say why it cannot be read.
func OpenMailbox(ctx context.Context, tx *tenant.Tx, box *secret.Box) (m Mailbox, password string, err error) {
	m, sealed, err := loadMailbox(ctx, tx)
	if err != nil {
		return m, "", err
	}
	if m.Host == "" {
		return m, "", ErrNoMailbox
	}
	if password, err = box.Open(tx.Actor.TenantID, forMailbox, sealed); err != nil {
		return m, "", ErrMailboxLocked
	}
	return m, password, nil
}

// TypedMailbox is the mailbox as a person enters it.
type TypedMailbox struct {
	Mailbox
	Password string // empty: the one that is kept
}

func (t *TypedMailbox) check(kept bool) error {
	var inv errs.Invalid
	t.Host, t.Username, t.Folder = strings.ToLower(strings.TrimSpace(t.Host)), strings.TrimSpace(t.Username), strings.TrimSpace(t.Folder)
	inv.Check(t.Host != "" && len(t.Host) <= 253 && !strings.ContainsAny(t.Host, "/:@ \t\r\n"), "host", "Give the name of the IMAP server alone, such as imap.example.com.")
	inv.Check(t.Port > 0 && t.Port <= 65535, "port", "Give the port: 993 as a rule, 143 with STARTTLS.")
	inv.Check(slices.Contains(Securities, t.Security), "security", "Choose how the connection is protected.")
	inv.Check(t.Security != Plain || local(t.Host), "security", "Without encryption the password could be read on its way. Choose TLS or STARTTLS; none is for a server on this very machine.")
	inv.Check(t.Username != "" && len(t.Username) <= 254, "username", "Give the name to sign in with, which often is the address.")
	inv.Check(t.Folder != "" && len(t.Folder) <= 200, "folder", "Give the folder that is read: INBOX as a rule.")
	inv.Check(t.Password != "" || kept, "password", "Give the password of this user.")
	inv.Check(len(t.Password) <= 1000, "password", "This is longer than any password. Look what was pasted.")
	return inv.Err()
}

// local tells that the host is this machine.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// SaveMailbox sets the mailbox up. The version is the one that was seen. The
// password that is kept goes to no other server and user than it was given for.
func SaveMailbox(ctx context.Context, tx *tenant.Tx, box *secret.Box, t TypedMailbox) error {
	was, sealed, err := t.begin(ctx, tx)
	if err != nil {
		return err
	}
	if !box.Ready() {
		return secret.ErrNoKey
	}
	t.Host, t.Username = strings.TrimSpace(t.Host), strings.TrimSpace(t.Username)
	if err := t.check(sealed != nil && strings.EqualFold(was.Host, t.Host) && was.Username == t.Username); err != nil {
		return err
	}
	if t.Password != "" {
		if sealed, err = box.Seal(tx.Actor.TenantID, forMailbox, t.Password); err != nil {
			return err
		}
	}
	return t.keep(ctx, tx, was, sealed)
}

// RemoveMailbox takes the mailbox away: it is not read from then on.
func RemoveMailbox(ctx context.Context, tx *tenant.Tx, version int) error {
	t := TypedMailbox{Mailbox: Mailbox{Version: version, Port: 993, Security: TLS, Folder: "INBOX"}}
	was, _, err := t.begin(ctx, tx)
	if err != nil || was.Host == "" {
		return err
	}
	return t.keep(ctx, tx, was, nil)
}

func (t TypedMailbox) begin(ctx context.Context, tx *tenant.Tx) (Mailbox, []byte, error) {
	if !CanSet(tx.Actor) {
		return Mailbox{}, nil, onlyAdmins
	}
	if err := takeTurns(ctx, tx); err != nil {
		return Mailbox{}, nil, err
	}
	was, sealed, err := loadMailbox(ctx, tx)
	if err == nil && was.Version != t.Version {
		err = moved
	}
	return was, sealed, err
}

func (t TypedMailbox) keep(ctx context.Context, tx *tenant.Tx, was Mailbox, sealed []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO mailboxes AS m (host, port, security, username, sealed_password, folder)
		VALUES (@host, @port, @security, @username, @password, @folder)
		ON CONFLICT (tenant_id) DO UPDATE
		SET host = excluded.host, port = excluded.port, security = excluded.security, username = excluded.username,
			sealed_password = excluded.sealed_password, folder = excluded.folder, version = m.version + 1`,
		pgx.NamedArgs{"host": t.Host, "port": t.Port, "security": t.Security, "username": t.Username, "password": sealed, "folder": t.Folder})
	if err != nil {
		return fmt.Errorf("keep the mailbox: %w", err)
	}
	after := t.shown()
	if t.Password != "" {
		after["password"] = "given anew"
	}
	return tx.Audit(ctx, tenant.Event{Kind: "providers.mailbox_changed", Data: tenant.Change{Before: was.shown(), After: after}})
}

// shown is the mailbox as the audit record keeps it.
func (m Mailbox) shown() map[string]string {
	return map[string]string{"host": m.Host, "port": fmt.Sprint(m.Port), "security": string(m.Security), "username": m.Username, "folder": m.Folder}
}
