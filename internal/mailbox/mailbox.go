// Package mailbox reads a company's mailbox: answers, messages that came back, and
// what machines say. It finds out whose each one is and hands it to the inbox. It
// changes nothing in the mailbox, and sends nothing.
package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/provider"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// Reader reads the mailboxes of all companies. Set its fields before its first use.
type Reader struct {
	DB      *tenant.DB
	Store   document.Store
	Secrets *secret.Box
	TLS     *tls.Config // nil: the system's own

	busy sync.Map // the companies whose mailboxes are being read
}

// PollArgs asks to have every company's mailbox read.
type PollArgs struct{}

// Kind names the job.
func (PollArgs) Kind() string { return "poll_mailboxes" }

// ReadArgs asks to read one company's mailbox to its end.
type ReadArgs struct {
	Tenant int64 `json:"tenant"`
}

// Kind names the job.
func (ReadArgs) Kind() string { return "read_mailbox" }

// Queue has the jobs that read mailboxes, so that nothing else waits for a large one.
const Queue = "mailboxes"

// InsertOpts gives a company one job a minute. What goes wrong, or is left behind by
// a program that died, is tried again with the next.
func (ReadArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: time.Minute}}
}

// Poll lists the jobs that read the mailboxes there are.
func (r *Reader) Poll(ctx context.Context) (jobs []river.InsertManyParams, err error) {
	zones, err := r.DB.Zones(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for mailboxes: %w", err)
	}
	var failed []error
	for id := range zones {
		err := r.DB.Read(ctx, tenant.System(id), func(tx *tenant.Tx) error {
			m, err := provider.LoadMailbox(ctx, tx)
			if err == nil && m.Host != "" {
				jobs = append(jobs, river.InsertManyParams{Args: ReadArgs{id}})
			}
			return err
		})
		if err != nil && !errors.As(err, new(errs.Forbidden)) { // of another day than the server's
			failed = append(failed, fmt.Errorf("look for the mailbox of tenant %d: %w", id, err))
		}
	}
	return jobs, errors.Join(failed...)
}

// State is how far a company's mailbox was read.
type State struct {
	Taken   int64      // messages that were taken in from it
	ReadAt  *time.Time // to its end; nil: never
	Error   string     // why it could not be read the last time; empty: it could
	ErrorAt *time.Time
}

// Load reads the state; zero where nothing was ever read.
func Load(ctx context.Context, tx *tenant.Tx) (s State, err error) {
	err = tx.QueryRow(ctx, `
		SELECT s.taken, s.read_at, s.error, s.error_at
		FROM mailbox_states s
		WHERE s.tenant_id = $1`, tx.Actor.TenantID).Scan(&s.Taken, &s.ReadAt, &s.Error, &s.ErrorAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return State{}, nil
	}
	if err != nil {
		return s, fmt.Errorf("read how far the mailbox was read: %w", err)
	}
	return s, nil
}

// place is where in a mailbox the reading stands.
type place struct {
	mailbox  string // which one: another begins anew
	validity uint32 // of the ids; where it changes, they mean other messages
	last     imap.UID
}

// begin finds out where to go on. Another mailbox, or new ids, begin at the front:
// what was taken in before is known by its own id.
func (r *Reader) begin(ctx context.Context, tenantID int64, p place) (place, error) {
	err := r.DB.Write(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error {
		return tx.QueryRow(ctx, `
			INSERT INTO mailbox_states (mailbox, uid_validity)
			VALUES (@mailbox, @validity)
			ON CONFLICT (tenant_id) DO UPDATE
			SET last_uid = CASE WHEN mailbox_states.mailbox = @mailbox AND mailbox_states.uid_validity = @validity THEN mailbox_states.last_uid ELSE 0 END,
				mailbox = @mailbox, uid_validity = @validity
			RETURNING last_uid`,
			pgx.NamedArgs{"mailbox": p.mailbox, "validity": int64(p.validity)}).Scan(&p.last)
	})
	if err != nil {
		return p, fmt.Errorf("begin to read the mailbox: %w", err)
	}
	return p, nil
}

// advance moves the place past a message, unless another reader did so before. It
// holds the place until the transaction ends.
func (p place) advance(ctx context.Context, tx *tenant.Tx, uid imap.UID) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE mailbox_states
		SET last_uid = @uid
		WHERE tenant_id = @tenant AND mailbox = @mailbox AND uid_validity = @validity AND last_uid < @uid`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "mailbox": p.mailbox, "validity": int64(p.validity), "uid": int64(uid)})
	if err != nil {
		return false, fmt.Errorf("write down how far the mailbox was read: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// finish writes down that the mailbox was read to its end, or why it was not.
func (r *Reader) finish(ctx context.Context, tenantID int64, mailbox string, failed error) error {
	err := r.DB.Write(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error {
		words := ""
		if failed != nil {
			words = note.Cut(oneLine(failed.Error()), 1000, "…")
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO mailbox_states (mailbox, read_at, error, error_at)
			VALUES (@mailbox, CASE @error WHEN '' THEN @now::timestamptz END, @error, CASE @error WHEN '' THEN NULL ELSE @now::timestamptz END)
			ON CONFLICT (tenant_id) DO UPDATE
			SET read_at = coalesce(excluded.read_at, mailbox_states.read_at), error = excluded.error, error_at = excluded.error_at`,
			pgx.NamedArgs{"mailbox": mailbox, "error": words, "now": tx.Now})
		return err
	})
	if err != nil {
		return fmt.Errorf("write down how the mailbox was read: %w", err)
	}
	return nil
}
