package web

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"

	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// InboxCount counts what waits for the person in the inbox.
func InboxCount(ctx context.Context, tx *tenant.Tx) (n int, err error) {
	b := tx.Batch()
	inbox.QueueWaiting(b, &n)
	return n, b.Send(ctx)
}

// CountInbox keeps it for the navigation. Whoever changes it counts; else it is
// counted once a minute.
func (a *App) CountInbox(ctx context.Context, tx *tenant.Tx) error {
	n, err := InboxCount(ctx, tx)
	if err != nil {
		return err
	}
	if key := inInbox(tx.Actor.TenantID); n != a.Sessions.GetInt(ctx, key) {
		a.Sessions.Put(ctx, key, n)
	}
	return nil
}

// WithInbox counts it for the page that is being answered, which shows it at once.
func (a *App) WithInbox(r *http.Request, tx *tenant.Tx) (*http.Request, error) {
	if err := a.CountInbox(r.Context(), tx); err != nil {
		return r, err
	}
	p := *ui.PageOf(r.Context())
	p.Inbox = a.Sessions.GetInt(r.Context(), inInbox(tx.Actor.TenantID))
	return r.WithContext(ui.WithPage(r.Context(), p)), nil
}

func inInbox(tenantID int64) string { return fmt.Sprintf("inbox in %d", tenantID) }

// AnsweredLate says what became of an entry meanwhile, to who answers it.
func AnsweredLate(e inbox.Entry) string {
	if e.State == inbox.Handled {
		return fmt.Sprintf("%s handled this meanwhile: %s Nothing was sent. Send it all the same if it still fits.", cmp.Or(e.HandledBy, "Dunwell"), e.Outcome)
	}
	return "This changed meanwhile: look at it before you answer. Nothing was sent, and what you typed is still here."
}

// Glance makes a handler of one that a page asks by itself, again and again, while
// nobody may be there: it only reads, and does not count as a sign of life.
func (a *App) Glance(h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := a.Who(r)
		if !ok {
			a.signInFirst(w, r)
			return
		}
		buf := &response{header: w.Header(), code: http.StatusOK, body: bodies.Get().(*bytes.Buffer)}
		defer buf.release()
		err := a.DB.Read(r.Context(), who, func(tx *tenant.Tx) error { return h(buf, r, tx) })
		if err != nil {
			a.fail(w, r, err)
			return
		}
		w.WriteHeader(buf.code)
		_, _ = w.Write(buf.body.Bytes())
	}
}
