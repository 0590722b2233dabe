package cases

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Verdict is what a resolver says of a dispute.
type Verdict string

// The verdicts.
const (
	Accept Verdict = "accept" // the customer is right
	Refuse Verdict = "refuse" // the items are owed
	Ask    Verdict = "ask"    // something is missing
)

// Verdicts lists them.
var Verdicts = []Verdict{Accept, Refuse, Ask}

// Name is the verdict as it stands in the history.
func (v Verdict) Name() string {
	switch v {
	case Accept:
		return "accepts: the customer is right"
	case Refuse:
		return "refuses: the items are owed"
	}
	return "asks"
}

// Asked is what a resolver sees of a case: nothing of the customer but the name, and
// no comment that is not for the resolver.
type Asked struct {
	Link     Link
	Title    string
	Customer string
	Items    []Item
	Lines    []Line // for the resolver, the newest first
}

// ErrTooOften refuses a link that is used more often than anybody needs.
const ErrTooOften = errs.Forbidden("This link was used very often in the last hour. Wait an hour, or ask who sent it for a new one.")

// hourly is how often a link is used within an hour.
const hourly = 60

// Look opens a case by its link. Each time is recorded; address is where on the
// network the resolver is.
func Look(ctx context.Context, tx *tenant.Tx, token, address string) (a Asked, err error) {
	l, err := byToken(ctx, tx, token)
	if err != nil {
		return a, err
	}
	if err := limit(ctx, tx, l, address); err != nil {
		return a, err
	}
	if err := use(ctx, tx, l.ID, "looked", "", address); err != nil {
		return a, err
	}
	return read(ctx, tx, l)
}

func read(ctx context.Context, tx *tenant.Tx, l Link) (a Asked, err error) {
	c, err := Find(ctx, tx, l.CaseID)
	if err != nil {
		return a, err
	}
	a.Link, a.Title, a.Customer = l, c.Title, c.Customer
	if a.Items, err = ItemsOf(ctx, tx, c.ID); err != nil {
		return a, err
	}
	a.Items = slices.DeleteFunc(a.Items, func(i Item) bool { return !i.In() })
	history, err := History(ctx, tx, c.ID)
	a.Lines = slices.DeleteFunc(history, func(l Line) bool { return !l.Shown })
	return a, err
}

// limit refuses a link that was used too often within the hour, and records that. It
// is the database's clock that counts.
func limit(ctx context.Context, tx *tenant.Tx, l Link, address string) error {
	var n int
	err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM resolver_link_uses x
		WHERE x.tenant_id = $1 AND x.link_id = $2 AND x.at > clock_timestamp() - interval '1 hour'`, tx.Actor.TenantID, l.ID).Scan(&n)
	if err != nil {
		return fmt.Errorf("count the uses of a link: %w", err)
	}
	if n < hourly {
		return nil
	}
	tx.Later(tenant.Event{Kind: "resolver_link.too_often", Subject: "resolver_link", SubjectID: l.ID, Data: map[string]string{"address": address}})
	return ErrTooOften
}

func use(ctx context.Context, tx *tenant.Tx, link int64, kind string, v Verdict, address string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO resolver_link_uses (link_id, kind, verdict, address)
		VALUES (@link, @kind, nullif(@verdict, ''), @address)`,
		pgx.NamedArgs{"link": link, "kind": kind, "verdict": v, "address": note.Cut(address, 64, "")})
	if err != nil {
		return fmt.Errorf("record the use of a link: %w", err)
	}
	return nil
}

// Answer is what a resolver says.
type Answer struct {
	Verdict  Verdict
	Text     string
	FileName string    // empty: no file
	File     io.Reader // nil: no file
	Address  string
}

// Give keeps a resolver's answer: it stands in the case's history, gives the case back
// to its owner to be looked at today, and lands in the inbox. What follows from it the
// owner decides. The same words sent again, with nothing said in between, are those
// that are there; with a file they are not, which may be another one. Where the case was
// closed meanwhile it is ErrClosed.
func Give(ctx context.Context, tx *tenant.Tx, store document.Store, token string, a Answer) error {
	l, err := byToken(ctx, tx, token)
	if errors.Is(err, ErrNoLink) {
		return overtaken(ctx, tx, token)
	}
	if err != nil {
		return err
	}
	c, err := standing(ctx, tx, l.CaseID)
	if errors.As(err, new(errs.Conflict)) {
		return overtaken(ctx, tx, token)
	}
	if err != nil {
		return err
	}
	if l, err = byToken(ctx, tx, token); err != nil { // it may have been revoked while this waited
		return err
	}
	if err := limit(ctx, tx, l, a.Address); err != nil {
		return err
	}
	var inv errs.Invalid
	checkText(&inv, &a.Text, "text")
	inv.Check(slices.Contains(Verdicts, a.Verdict), "verdict", "Choose whether you accept, refuse or ask.")
	inv.Check(a.Text != "" || a.Verdict != Ask, "text", "Write what you need to know.")
	if err := inv.Err(); err != nil {
		return err
	}
	text := fmt.Sprintf("%s %s.", l.Resolver, a.Verdict.Name())
	if a.Text != "" {
		text += " " + a.Text
	}
	if last, err := latest(ctx, tx, c.ID); err != nil || a.File == nil && last.Event == "answer" && last.Text == text {
		return err
	}
	if a.File != nil {
		d, err := document.Add(ctx, tx, store, document.New{CustomerID: c.CustomerID, Subject: document.OfCase, SubjectID: c.ID, Name: a.FileName, Content: a.File})
		if err != nil {
			return err
		}
		text += fmt.Sprintf(" Attached: %s.", d.Name)
	}
	if err := use(ctx, tx, l.ID, "answered", a.Verdict, a.Address); err != nil {
		return err
	}
	return back(ctx, tx, c, l, text)
}

// back gives the case back to its owner with the answer.
func back(ctx context.Context, tx *tenant.Tx, c Case, l Link, text string) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": c.ID, "today": tx.Today()}
	_, err := tx.Exec(ctx, `
		UPDATE cases
		SET status = 'in_work', next_on = least(next_on, @today), version = version + 1
		WHERE tenant_id = @tenant AND id = @case`, args)
	if err != nil {
		return fmt.Errorf("give a case back: %w", err)
	}
	if err := inbox.PutAnswer(ctx, tx, c.CustomerID, c.ID, c.OwnerID, note.MaskCards(text)); err != nil {
		return err
	}
	return journal(ctx, tx, c, text, data{Event: "answer", Status: InWork, Shown: true, By: l.Resolver})
}
