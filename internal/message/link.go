package message

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/language"
	"dunwell/internal/member"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// Link is a link that a message carries and nobody else may have, such as a one-time
// link to set a password. It is made as the message goes out and is kept nowhere: what
// is stored and shown of the message has LinkPlace or AnswerPlace in its stead.
type Link string

// The links, as stored.
const (
	LinkNone  Link = ""
	LinkFirst Link = "first" // sets the first password
	LinkReset Link = "reset"
)

// LinkPlace is where a link stands in the body that is kept.
const LinkPlace = "[the one-time link]"

// SendLink sends a member of the company a link to set a password, to the address
// they sign in with. An administrator who asks for it never sees it, so that it
// may be for an account which other companies share.
func (o *Outbox) SendLink(ctx context.Context, tx *tenant.Tx, memberID int64) error {
	d, err := member.Find(ctx, tx, memberID)
	if err != nil {
		return err
	}
	switch {
	case !member.CanManage(tx.Actor):
		return errs.Forbidden("Only administrators have links sent to people. Ask one of yours.")
	case !d.Active:
		return errs.Conflict(d.Name + " no longer works here. Let the person in again first.")
	case !o.Ready():
		return errs.Conflict("No mail server is set up, so that no link can be sent. Make one and hand it over yourself.")
	}
	h, err := letterheadOnly(ctx, tx)
	if err != nil {
		return err
	}
	link := LinkReset
	if !d.HasPassword {
		link = LinkFirst
	}
	m := kept{address: d.Email, person: d.Name, sender: h.Sender(), replyTo: h.Letterhead.ReplyTo, link: link, memberID: d.ID, state: Queued, reference: uuid.New()}
	w := linkWords[h.Language.Code][link]
	m.Channel, m.Language, m.Subject = "email", h.Language.Code, fmt.Sprintf(w.Subject, tx.Actor.Tenant.Name)
	m.Body = Signed(h, fmt.Sprintf(w.Body, d.Name, tx.Actor.Tenant.Name, LinkPlace))
	jobs, err := o.toQueue(ctx, tx, m.reference)
	if err != nil {
		return err
	}
	m.job = jobs[0]
	if _, err := m.insert(ctx, tx); err != nil {
		return err
	}
	return tx.Audit(ctx, tenant.Event{Kind: "people.link_sent", Subject: "member", SubjectID: d.ID, Data: map[string]string{"name": d.Name}})
}

// letterheadOnly is what stands around a message to somebody of the company.
func letterheadOnly(ctx context.Context, tx *tenant.Tx) (h statement.Heading, err error) {
	h.Company, h.Language = tx.Actor.Tenant.Name, language.Of(tx.Actor.Tenant.Language)
	h.Letterhead, err = statement.LoadLetterhead(ctx, tx)
	return h, err
}

// withLink makes the link of a message that goes out, and puts it into its place.
// Where none is needed any more, gone says why.
func (o *Outbox) withLink(ctx context.Context, tx *tenant.Tx, m Message) (body, gone string, err error) {
	if m.Link == LinkAnswer {
		return o.answerLink(ctx, tx, m)
	}
	d, err := member.Find(ctx, tx, m.MemberID)
	if err != nil {
		return "", "", err
	}
	purpose := member.Reset
	switch {
	case !d.Active:
		return "", d.Name + " no longer works here.", nil
	case m.Link == LinkFirst && d.HasPassword:
		return "", d.Name + " has set a password meanwhile.", nil
	case m.Link == LinkFirst:
		purpose = member.FirstPassword
	}
	token, err := member.CreateLink(ctx, tx, d.UserID, purpose)
	if err != nil {
		return "", "", err
	}
	return strings.Replace(m.Body, LinkPlace, strings.TrimSuffix(o.URL, "/")+member.LinkPath(token), 1), "", nil
}

// AskedArgs asks to send their links to those who said that they forgot their
// password. It names nobody: it is asked for whether there is such a person or not.
type AskedArgs struct{}

// Kind names the job.
func (AskedArgs) Kind() string { return "send_asked_links" }

// Asked has the links sent that are asked for. It takes as long, and writes the
// same, whether there is anybody to send one to.
func (o *Outbox) Asked(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, o.DB.Pool, func(tx pgx.Tx) error {
		_, err := o.Enqueue(ctx, tx, AskedArgs{})
		return err
	})
	if err != nil {
		return fmt.Errorf("ask for links: %w", err)
	}
	return nil
}

// SendAsked sends a link to everybody who forgot the password within the last hour
// and to whom none was sent since. Whoever works for several companies gets it from
// the first of them.
func (o *Outbox) SendAsked(ctx context.Context) error {
	rows, _ := o.DB.Pool.Query(ctx, `
		SELECT id
		FROM users
		WHERE reset_asked_at > now() - interval '1 hour'
		ORDER BY reset_asked_at`)
	users, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("look who forgot a password: %w", err)
	}
	for _, user := range users {
		companies, err := member.Memberships(ctx, o.DB.Pool, user)
		if err != nil {
			return err
		}
		if len(companies) == 0 {
			continue
		}
		err = o.DB.Write(ctx, tenant.System(companies[0].TenantID), func(tx *tenant.Tx) error { return o.sendAsked(ctx, tx, user) })
		if err != nil {
			return fmt.Errorf("send a link that was asked for: %w", err)
		}
	}
	return nil
}

// sendAsked sends the link unless one is on its way: of two jobs at once the second
// finds the first one's.
func (o *Outbox) sendAsked(ctx context.Context, tx *tenant.Tx, user int64) error {
	var id *int64
	_, err := tx.Exec(ctx, `SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE`, user)
	if err == nil {
		err = tx.QueryRow(ctx, `
			SELECT min(m.id)
			FROM members m
			JOIN users u ON u.id = m.user_id
			WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.active AND u.reset_asked_at IS NOT NULL AND NOT EXISTS (
				SELECT FROM messages x
				WHERE x.tenant_id = $1 AND x.member_id = m.id AND x.link <> '' AND x.created_at > now() - interval '5 minutes'
					AND x.state NOT IN ('failed', 'discarded'))`, tx.Actor.TenantID, user).Scan(&id)
	}
	if err != nil {
		return fmt.Errorf("look whether a link is on its way: %w", err)
	}
	if id == nil {
		return nil
	}
	return o.SendLink(ctx, tx, *id)
}
