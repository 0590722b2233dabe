package followup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

// Standard is a text that people pick for a follow-up instead of typing it, with
// places for the customer's figures. What was picked is copied: a change of the
// standard changes no follow-up.
type Standard struct {
	ID        int64
	Name      string
	Text      string // Liquid
	Position  int    // its place in the list, from 1; of a retired one without meaning
	RetiredAt *time.Time
	Version   int
	Used      int // how many follow-ups were made with it; AllStandards counts them
}

// CanReadStandards tells who sees how the standard follow-ups are set up. Those
// in use everybody may pick.
func CanReadStandards(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// CanSetStandards tells who may change them.
func CanSetStandards(a tenant.Actor) bool { return a.Is(tenant.Admin) }

// Standards lists those in use, in their order.
func Standards(ctx context.Context, tx *tenant.Tx) ([]Standard, error) {
	return standards(ctx, tx, `
		SELECT s.id, s.name, s.text, s.position, s.retired_at, s.version, 0 AS used
		FROM standard_follow_ups s
		WHERE s.tenant_id = $1 AND s.retired_at IS NULL
		ORDER BY s.position, lower(s.name), s.id`, tx.Actor.TenantID)
}

// AllStandards lists those in use in their order and then the retired ones, the
// last retired first, each with how often it was used.
func AllStandards(ctx context.Context, tx *tenant.Tx) ([]Standard, error) {
	if !CanReadStandards(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators see how standard follow-ups are set up.")
	}
	return standards(ctx, tx, `
		SELECT s.id, s.name, s.text, s.position, s.retired_at, s.version,
			(SELECT count(*) FROM follow_ups f WHERE f.tenant_id = $1 AND f.standard_id = s.id) AS used
		FROM standard_follow_ups s
		WHERE s.tenant_id = $1
		ORDER BY s.retired_at DESC NULLS FIRST, s.position, lower(s.name), s.id`, tx.Actor.TenantID)
}

// FindStandard reads one, in use or not.
func FindStandard(ctx context.Context, tx *tenant.Tx, id int64) (Standard, error) {
	list, err := standards(ctx, tx, `
		SELECT s.id, s.name, s.text, s.position, s.retired_at, s.version, 0 AS used
		FROM standard_follow_ups s
		WHERE s.tenant_id = $1 AND s.id = $2`, tx.Actor.TenantID, id)
	if err == nil && len(list) == 0 {
		return Standard{}, fmt.Errorf("standard follow-up %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return Standard{}, err
	}
	return list[0], nil
}

func standards(ctx context.Context, tx *tenant.Tx, sql string, args ...any) ([]Standard, error) {
	rows, _ := tx.Query(ctx, sql, args...)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Standard])
	if err != nil {
		return nil, fmt.Errorf("read standard follow-ups: %w", err)
	}
	return list, nil
}

// Filled is the text of a standard follow-up with the customer's figures as they
// are now. One that is retired is no longer filled.
func Filled(ctx context.Context, tx *tenant.Tx, standardID, customerID int64) (string, error) {
	s, err := FindStandard(ctx, tx, standardID)
	if err != nil {
		return "", err
	}
	if s.RetiredAt != nil {
		return "", errs.Invalid{"standard": fmt.Sprintf("The standard follow-up %s is no longer in use. Choose another one.", s.Name)}
	}
	v, err := template.Of(ctx, tx, customerID)
	if err != nil {
		return "", err
	}
	text, err := template.Parse(s.Text)
	if err != nil {
		return "", s.unfit(err)
	}
	out, err := text.Fill(ctx, v)
	return out, s.unfit(err)
}

// unfit says whose text was refused; other errors pass.
func (s Standard) unfit(err error) error {
	var no template.Refusal
	if errors.As(err, &no) {
		return errs.Invalid{"standard": fmt.Sprintf("The standard follow-up %s cannot be filled. An administrator can correct it: %s", s.Name, no)}
	}
	return err
}

// before orders those in use as Standards does.
func (s Standard) before(other Standard) int {
	return cmp.Or(cmp.Compare(s.Position, other.Position), cmp.Compare(strings.ToLower(s.Name), strings.ToLower(other.Name)), cmp.Compare(s.ID, other.ID))
}

// firstStandards are those that a new company begins with.
var firstStandards = []Wording{
	{"Ask for a payment date", `Ask when the money comes{% if oldest_days > 0 %}: {{ to_collect }} to collect on {{ today }}, the oldest item{% if oldest_invoice %} ({{ oldest_invoice }}){% endif %} {{ oldest_days }} {{ oldest_days | pluralize: "day", "days" }} late{% endif %}. Write down the day and who promised it.`},
	{"Chase the remittance advice", `The remittance advice that was promised{% if last_payment.date %} for {{ last_payment.amount }} of {{ last_payment.date }}{% endif %} has not come. Ask for it, so that the payment can be applied.`},
	{"Send invoice copies", `Send copies of the invoices that {{ customer.name }} asked for{% if oldest_invoice %}, {{ oldest_invoice }} among them{% endif %}. Ask whether they arrived and when they are approved.`},
	{"Check the disputed point", `Is the disputed point settled? If it is, ask for payment. If not, find out who settles it and by when.`},
	{"Call back", `Call back as agreed.{% if oldest_days > 0 %} On {{ today }} {{ overdue }} was overdue, {{ to_collect }} of it to collect.{% endif %}`},
}

// SeedStandards gives a new tenant its first standard follow-ups.
func SeedStandards(ctx context.Context, tx *tenant.Tx) error {
	names, texts := make([]string, len(firstStandards)), make([]string, len(firstStandards))
	for i, w := range firstStandards {
		names[i], texts[i] = w.Name, w.Text
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO standard_follow_ups (name, text, position)
		SELECT name, text, place
		FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (name, text, place)`, names, texts)
	if err != nil {
		return fmt.Errorf("seed standard follow-ups: %w", err)
	}
	return nil
}
