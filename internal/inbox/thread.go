package inbox

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// referred is the key under which the data of an e-mail that came in has the ids of
// those that it follows on.
const referred = "references"

// maxThread is how many e-mails are named: the first, and those before the last.
const maxThread = 10

var aMessageID = regexp.MustCompile(`<[!-;=?-~]{1,120}@[!-;=?-~]{1,120}>`)

// MessageIDs finds the ids of e-mails in headers, in their order and each once. What is
// none is left out, and of very many those in the middle: so it can stand in a header.
func MessageIDs(headers ...string) string {
	var ids []string
	for _, h := range headers {
		for _, id := range aMessageID.FindAllString(h, 200) {
			if i := slices.Index(ids, id); i >= 0 {
				ids = slices.Delete(ids, i, i+1)
			}
			ids = append(ids, id)
		}
	}
	if len(ids) > maxThread {
		ids = append(ids[:1], ids[len(ids)-maxThread+1:]...)
	}
	return strings.Join(ids, " ")
}

// Thread is what an answer to an e-mail of the customer names in its header: the ids of
// those that it follows on, the last the one that it answers. It is empty where that came
// without one.
func Thread(ctx context.Context, tx *tenant.Tx, received, customerID int64) (string, error) {
	var id, before string
	err := tx.QueryRow(ctx, `
		SELECT r.provider_id, coalesce(r.data ->> '`+referred+`', '')
		FROM received r
		JOIN inbox_entries e ON e.tenant_id = @tenant AND e.received_id = r.id AND e.customer_id = @customer
		WHERE r.tenant_id = @tenant AND r.id = @received AND r.channel = 'email'`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "received": received, "customer": customerID}).Scan(&id, &before)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errs.NotFound
	}
	if err != nil {
		return "", fmt.Errorf("find what is answered: %w", err)
	}
	id = "<" + id[:max(strings.LastIndex(id, "#"), 0)] + ">" // what follows tells two with the same id apart
	if aMessageID.FindString(id) != id {
		return "", nil
	}
	return MessageIDs(before, id), nil
}

// Referring is the data of an e-mail that follows on those in its headers.
func Referring(headers ...string) map[string]any {
	ids := MessageIDs(headers...)
	if ids == "" {
		return nil
	}
	return map[string]any{referred: ids}
}
