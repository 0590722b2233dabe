package activity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

// How many characters the parts of a script hold.
const (
	MaxIdentity = 1000
	MaxScript   = 4000
)

// Script is what is said on the telephone to customers of a kind. Its parts have
// places for the customer's figures.
type Script struct {
	Kind     customer.Kind
	Identity string // how one makes sure whom one speaks to; empty: one need not
	Text     string // empty: everybody says it in their own words
	Version  int    // 0: the program's own, which nobody has changed
}

// firstScripts are those that a company has until it writes its own.
var firstScripts = map[customer.Kind]Script{
	customer.Business: {Kind: customer.Business,
		Identity: `Ask whether you speak to {{ person.name | default: "whoever pays the invoices" }} of {{ customer.name }}.`,
		Text:     `I am {{ member.name }} of {{ company.name }}. {% if oldest_days > 0 %}{{ to_collect }} is past due with us, the oldest of it{% if oldest_invoice %} ({{ oldest_invoice }}){% endif %} for {{ oldest_days }} {{ oldest_days | pluralize: "day", "days" }}. When can we expect it?{% else %}I call about your account {{ account.numbers }}.{% endif %}`},
	customer.Consumer: {Kind: customer.Consumer,
		Identity: `Say nothing of the debt before you know whom you speak to. Ask for the full name ({{ customer.name }}){% if customer.city %}, then for the town they live in ({{ customer.city }}){% endif %}. If it is somebody else, ask when to call again and no more.`,
		Text:     `I am {{ member.name }} of {{ company.name }}. This is about your agreement {{ account.numbers }}. {% if oldest_days > 0 %}{{ to_collect }} is past due, the oldest of it since {{ oldest_due }}. What has happened, and when can you pay?{% else %}Nothing is past due today.{% endif %}`},
}

// CanReadScripts tells who sees the scripts as they are written; CanSetScripts who
// changes them.
func CanReadScripts(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// CanSetScripts tells who writes what is said on the telephone.
func CanSetScripts(a tenant.Actor) bool { return a.Is(tenant.Admin) }

// Scripts reads the script for each kind of customers.
func Scripts(ctx context.Context, tx *tenant.Tx) ([]Script, error) {
	if !CanReadScripts(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators see the call scripts. What they say stands in the panel of each call.")
	}
	var list []Script
	for _, kind := range customer.Kinds {
		s, err := scriptFor(ctx, tx, kind)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func scriptFor(ctx context.Context, tx *tenant.Tx, kind customer.Kind) (Script, error) {
	rows, _ := tx.Query(ctx, `
		SELECT s.kind, s.identity, s.text, s.version
		FROM call_scripts s
		WHERE s.tenant_id = $1 AND s.kind = $2`, tx.Actor.TenantID, kind)
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Script])
	if errors.Is(err, pgx.ErrNoRows) {
		return firstScripts[kind], nil
	}
	if err != nil {
		return s, fmt.Errorf("read a call script: %w", err)
	}
	return s, nil
}

// Filled is the script of a call with the customer's figures as they are now. A text
// that cannot be filled says so in its place.
func Filled(ctx context.Context, tx *tenant.Tx, c Call, kind customer.Kind) (Script, error) {
	s, err := scriptFor(ctx, tx, kind)
	if err != nil {
		return s, err
	}
	v, err := template.For(ctx, tx, c.CustomerID, template.Reader{Person: c.Person})
	if err != nil {
		return s, err
	}
	if s.Identity, err = fill(ctx, s.Identity, v); err != nil {
		return s, err
	}
	s.Text, err = fill(ctx, s.Text, v)
	return s, err
}

func fill(ctx context.Context, text string, v template.Values) (string, error) {
	t, err := template.Parse(text)
	if err == nil {
		text, err = t.Fill(ctx, v)
	}
	var no template.Refusal
	if errors.As(err, &no) {
		return "This part of the script cannot be filled. An administrator can correct it: " + string(no), nil
	}
	return text, err
}

// Preview is the script as it reads for a made-up customer.
func (s Script) Preview(ctx context.Context) (identity, text string, err error) {
	v := template.Example()
	if identity, err = fill(ctx, s.Identity, v); err == nil {
		text, err = fill(ctx, s.Text, v)
	}
	return identity, text, err
}

// SaveScript keeps a script that still has the version which the actor saw.
func SaveScript(ctx context.Context, tx *tenant.Tx, s Script) error {
	if !CanSetScripts(tx.Actor) {
		return errs.Forbidden("Only administrators change what is said on the telephone. Ask one of yours.")
	}
	if err := s.check(); err != nil {
		return err
	}
	was, err := scriptFor(ctx, tx, s.Kind)
	if err != nil || was == s {
		return err
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO call_scripts AS s (kind, identity, text)
		SELECT @kind, @identity, @text
		WHERE @version = 0 OR EXISTS (SELECT FROM call_scripts o WHERE o.tenant_id = @tenant AND o.kind = @kind)
		ON CONFLICT (tenant_id, kind) DO UPDATE
		SET identity = excluded.identity, text = excluded.text, version = s.version + 1
		WHERE s.version = @version`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "kind": s.Kind, "identity": s.Identity, "text": s.Text, "version": s.Version})
	if err != nil {
		return fmt.Errorf("save a call script: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errs.Conflict("Somebody else changed this script meanwhile. Look at what it says now, and save again.")
	}
	return tx.Audit(ctx, tenant.Event{Kind: "call_script.changed", Subject: "call_script", Data: tenant.Change{Before: was.facts(), After: s.facts()}})
}

// check brings the script into form and refuses what cannot be filled.
func (s *Script) check() error {
	s.Identity, s.Text = tidy(s.Identity), tidy(s.Text)
	var inv errs.Invalid
	_, known := firstScripts[s.Kind]
	inv.Check(known, "kind", "Choose for whom the script is.")
	for _, p := range []struct {
		field, text string
		most        int
	}{{"identity", s.Identity, MaxIdentity}, {"text", s.Text, MaxScript}} {
		n := utf8.RuneCountInString(p.text)
		inv.Check(n <= p.most, p.field, fmt.Sprintf("This has %d characters and there is room for %d. Shorten it.", n, p.most))
		_, err := template.Parse(p.text)
		inv.Check(err == nil, p.field, fmt.Sprint(err))
	}
	return inv.Err()
}

func tidy(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

func (s Script) facts() map[string]any {
	return map[string]any{"for": s.Kind, "identity": s.Identity, "text": s.Text}
}
