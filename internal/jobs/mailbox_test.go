package jobs_test

import (
	"context"
	"log/slog"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/imaptest"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// TestMailboxIsRead: of two companies one has a mailbox, and once the program runs
// what lies in it is in the inbox.
func TestMailboxIsRead(t *testing.T) {
	t.Parallel()
	db, server := dbtest.New(t), imaptest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	dbtest.Tenant(t, db, "rival")
	secrets, err := secret.Parse(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error {
		return provider.SaveMailbox(t.Context(), tx, secrets, provider.TypedMailbox{Password: imaptest.Password, Mailbox: provider.Mailbox{
			Host: "127.0.0.1", Port: server.Port, Security: provider.Plain, Username: imaptest.User, Folder: "INBOX"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Add("From: who@nowhere.example\nSubject: Hello\n\nAre you there?\n")
	client, err := jobs.New(db.DB, &message.Outbox{Store: folder(t, t.TempDir()), Secrets: secrets}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	taken := func() (n int) {
		if err := db.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM inbox_entries WHERE tenant_id = $1 AND kind = 'stranger'`, acme.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	waitFor(t, func() bool { return taken() == 1 })
	if err := client.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, `kind = 'read_mailbox'`); n != 1 {
		t.Errorf("%d jobs for one mailbox", n)
	}
}
