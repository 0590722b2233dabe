package message

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/document"
	"dunwell/internal/provider"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// Lease is how long a worker may take over one message before it counts as dead.
const Lease = 5 * time.Minute

// Outbox is where messages wait until they have left. Set its fields before its
// first use.
type Outbox struct {
	DB    *tenant.DB
	Store document.Store
	// Server is nil where no mail server is set up: e-mail is held then.
	Server *Server
	// Secrets reads the provider's password and signs links. Where it is nil SMS are
	// held, and no documents go with them.
	Secrets *secret.Box
	// Provider says how the provider of SMS is reached; its zero: as it is.
	Provider provider.Options
	// URL is where people reach the site, for links in messages.
	URL string
	// AnswerLink makes the link by which a resolver answers, of a message to one that
	// goes out: its path, or why none is needed any more.
	AnswerLink func(ctx context.Context, tx *tenant.Tx, message int64) (path, gone string, err error)
	// Enqueue inserts jobs in the caller's transaction and returns their ids.
	Enqueue func(ctx context.Context, tx pgx.Tx, args ...river.JobArgs) ([]int64, error)
	// Lease is shorter than the package's in tests; zero means that one.
	Lease time.Duration
}

// Ready tells whether a mail server is set up.
func (o *Outbox) Ready() bool { return o != nil && o.Server != nil }

func (o *Outbox) lease() time.Duration {
	if o.Lease != 0 {
		return o.Lease
	}
	return Lease
}

// SendArgs asks to send one message.
type SendArgs struct {
	Tenant    int64     `json:"tenant"`
	Reference uuid.UUID `json:"reference"`
}

// Kind names the job.
func (SendArgs) Kind() string { return "send_message" }

// Queue has the jobs of the outbox, so that nothing else waits for a slow server.
const Queue = "mail"

// InsertOpts puts the job into its queue.
func (SendArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: Queue} }

// toQueue inserts the jobs that send these messages, and returns their ids in the
// same order.
func (o *Outbox) toQueue(ctx context.Context, tx *tenant.Tx, refs ...uuid.UUID) ([]int64, error) {
	args := make([]river.JobArgs, len(refs))
	for i, ref := range refs {
		args[i] = SendArgs{tx.Actor.TenantID, ref}
	}
	ids, err := o.Enqueue(ctx, tx.Tx, args...)
	if err != nil {
		return nil, fmt.Errorf("queue messages: %w", err)
	}
	return ids, nil
}

// heldWhy is why an e-mail is held.
const heldWhy = "No mail server is set up on this installation. The message is kept here until there is one and somebody sends it on."
