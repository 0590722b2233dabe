package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Letter is an e-mail to the resolver of a case, with the link by which they answer.
// Box is the outbox that sends it.
type Letter struct {
	Subject string
	Body    string // with message.AnswerPlace where the link stands
	Box     *message.Outbox
}

// Brief is what a letter to a resolver is written from.
type Brief struct {
	Title    string
	Customer string
	Resolver string
	Items    []Item // those that are in question
	Comment  string
}

// Letter proposes what is written to the resolver.
func (b Brief) Letter() Letter {
	var w strings.Builder
	fmt.Fprintf(&w, "Hello %s,\n\n%s disputes what is below, and you can settle it:\n\n", b.Resolver, b.Customer)
	for _, i := range b.Items {
		fmt.Fprintf(&w, "- %s, %s open", i.Number, money.New(i.Open, i.Currency))
		if i.Asked > 0 {
			fmt.Fprintf(&w, ", %s of it in question", money.New(i.InQuestion(), i.Currency))
		}
		w.WriteString("\n")
	}
	if b.Comment != "" {
		w.WriteString("\n" + b.Comment + "\n")
	}
	fmt.Fprintf(&w, "\nOpen this link to accept, refuse or ask, without signing in:\n\n%s\n\nIt works for %d days, and for you alone.", message.AnswerPlace, LinkDays)
	return Letter{Subject: "Please settle: " + b.Title, Body: w.String()}
}

// Send has the letter sent to the resolver of an open case. The link in it is made as
// it goes out. Without a mail server it is held.
func (l Letter) Send(ctx context.Context, tx *tenant.Tx, id int64) (messageID int64, err error) {
	c, err := standing(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if c.ResolverID == 0 {
		return 0, errs.Invalid{"resolver": "Nobody is named who settles this case. Choose a colleague and save, then write."}
	}
	messageID, err = l.Box.SendToResolver(ctx, tx, message.ToResolver{CaseID: id, ResolverID: c.ResolverID, Name: c.Resolver, Address: c.ResolverEmail,
		Subject: l.Subject, Body: l.Body})
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO case_messages (message_id, case_id, customer_id)
		VALUES (@message, @case, @customer)`, pgx.NamedArgs{"message": messageID, "case": id, "customer": c.CustomerID}); err != nil {
		return 0, fmt.Errorf("keep that a letter is a case's: %w", err)
	}
	sum := sha256.Sum256([]byte(l.Subject + "\n" + l.Body))
	return messageID, journal(ctx, tx, c, fmt.Sprintf("E-mail to %s <%s>, with a link to answer by: %s.", c.Resolver, c.ResolverEmail, strings.TrimSpace(l.Subject)),
		data{Event: "letter", Message: messageID, SHA256: hex.EncodeToString(sum[:])})
}

// AnswerLink makes the link of a letter that goes out, and ends those before it. Where
// the case is closed or somebody else's by now, or they have another address, gone says so.
func AnswerLink(ctx context.Context, tx *tenant.Tx, messageID int64) (path, gone string, err error) {
	var id, resolver int64
	var address string
	err = tx.QueryRow(ctx, `
		SELECT m.case_id, m.resolver_id, m.address
		FROM messages m
		WHERE m.tenant_id = $1 AND m.id = $2`, tx.Actor.TenantID, messageID).Scan(&id, &resolver, &address)
	if err != nil {
		return "", "", fmt.Errorf("find the case of a letter: %w", err)
	}
	c, err := standing(ctx, tx, id)
	switch {
	case errors.As(err, new(errs.Conflict)):
		return "", "The case was closed before it went out.", nil
	case err != nil:
		return "", "", err
	case c.ResolverID != resolver:
		return "", "The case was given to somebody else before it went out.", nil
	case c.ResolverEmail != address:
		return "", "The colleague’s address was changed before it went out. Write to the new one.", nil
	}
	token, err := MakeLink(ctx, tx, id, LinkDays)
	return LinkPath(token), "", err
}

// Mail is a message that went out from a case.
type Mail struct {
	ID         int64
	ToResolver bool
	Person     string
	Address    string
	Subject    string
	Body       string
	State      message.State
	Error      string
}

// Mails lists what went out from a case, the newest first.
func Mails(ctx context.Context, tx *tenant.Tx, id int64) ([]Mail, error) {
	rows, _ := tx.Query(ctx, `
		SELECT m.id, m.resolver_id IS NOT NULL AS to_resolver, m.person, m.address, m.subject, m.body, m.state, m.error
		FROM case_messages x
		JOIN messages m ON m.tenant_id = @tenant AND m.id = x.message_id
		WHERE x.tenant_id = @tenant AND x.case_id = @case
		ORDER BY m.id DESC
		LIMIT 100`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Mail])
	if err != nil {
		return nil, fmt.Errorf("list the messages of a case: %w", err)
	}
	return list, nil
}
