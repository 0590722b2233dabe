package followup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

// How many characters the name and the text of a standard follow-up hold.
const (
	MaxStandardName = 80
	MaxStandardText = 1000
)

// Wording is what is typed of a standard follow-up.
type Wording struct{ Name, Text string }

// check brings what was typed into form and refuses what cannot be used.
func (w *Wording) check() error {
	w.Text = strings.TrimSpace(strings.ReplaceAll(w.Text, "\r\n", "\n"))
	var inv errs.Invalid
	tenant.OneLine(&inv, &w.Name, "name")
	inv.Check(w.Name != "", "name", "Give it a name, by which people find it in the list.")
	inv.Check(utf8.RuneCountInString(w.Name) <= MaxStandardName, "name", fmt.Sprintf("This holds %d characters at most. Shorten it.", MaxStandardName))
	inv.Check(w.Text != "", "text", "Write what is to be done.")
	length := utf8.RuneCountInString(w.Text)
	inv.Check(length <= MaxStandardText, "text", fmt.Sprintf("This has %d characters and a standard follow-up holds %d. Shorten it.", length, MaxStandardText))
	inv.Check(!note.HasCard(w.Text), "text", note.NoCard)
	inv.Check(!note.HasCard(w.Name), "name", note.NoCard)
	_, err := template.Parse(w.Text)
	inv.Check(err == nil, "text", fmt.Sprint(err))
	return inv.Err()
}

// AddStandard adds a standard follow-up at the end of the list.
func AddStandard(ctx context.Context, tx *tenant.Tx, w Wording) (id int64, err error) {
	all, err := lockStandards(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := w.check(); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO standard_follow_ups (name, text, position)
		VALUES (@name, @text, @position)
		RETURNING id`,
		pgx.NamedArgs{"name": w.Name, "text": w.Text, "position": len(inUse(all)) + 1}).Scan(&id)
	if err != nil {
		return 0, taken(err, w.Name)
	}
	return id, auditStandard(ctx, tx, "added", id, nil, w.facts())
}

// ChangeStandard changes the wording of a standard follow-up, which the actor saw
// in that version. What was made with it stays as it is.
func ChangeStandard(ctx context.Context, tx *tenant.Tx, id int64, version int, w Wording) error {
	was, _, err := lockStandard(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict(fmt.Sprintf("Somebody else changed this standard follow-up meanwhile. It is now called %s and reads: %s", was.Name, was.Text))
	}
	if was.wording() == w {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE standard_follow_ups
		SET name = @name, text = @text, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "name": w.Name, "text": w.Text})
	if err != nil {
		return taken(err, w.Name)
	}
	return auditStandard(ctx, tx, "changed", id, was.wording().facts(), w.facts())
}

// MoveStandard moves a standard follow-up one place up in the list, or down. What
// is at the end of the list already stays there.
func MoveStandard(ctx context.Context, tx *tenant.Tx, id int64, up bool) error {
	s, all, err := lockStandard(ctx, tx, id)
	if err != nil {
		return err
	}
	if s.RetiredAt != nil {
		return errs.Conflict("This standard follow-up is retired, so that it has no place in the list. Take it back first.")
	}
	order := orderOf(inUse(all))
	from, to := order.Shift(id, up)
	if from == to {
		return nil
	}
	if err := order.Keep(ctx, tx, "standard_follow_ups"); err != nil {
		return err
	}
	return auditStandard(ctx, tx, "moved", id, map[string]any{"place": from}, map[string]any{"place": to})
}

// RetireStandard takes a standard follow-up out of the list that people pick
// from. What was made with it stays.
func RetireStandard(ctx context.Context, tx *tenant.Tx, id int64) error {
	s, all, err := lockStandard(ctx, tx, id)
	if err != nil || s.RetiredAt != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE standard_follow_ups
		SET retired_at = @now
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("retire standard follow-up: %w", err)
	}
	left := slices.DeleteFunc(inUse(all), func(o Standard) bool { return o.ID == id })
	if err := orderOf(left).Keep(ctx, tx, "standard_follow_ups"); err != nil {
		return err
	}
	return auditStandard(ctx, tx, "retired", id, s.wording().facts(), nil)
}

// TakeBackStandard puts a retired one back, at the end of the list.
func TakeBackStandard(ctx context.Context, tx *tenant.Tx, id int64) error {
	s, all, err := lockStandard(ctx, tx, id)
	if err != nil || s.RetiredAt == nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE standard_follow_ups
		SET retired_at = NULL, position = @position
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "position": len(inUse(all)) + 1})
	if errors.As(taken(err, s.Name), new(errs.Invalid)) {
		return errs.Conflict(fmt.Sprintf("Another standard follow-up in use is called %s too. Give one of the two another name, then take this one back.", s.Name))
	}
	if err != nil {
		return fmt.Errorf("take back standard follow-up: %w", err)
	}
	return auditStandard(ctx, tx, "taken_back", id, nil, s.wording().facts())
}

// lockStandards asks for permission and reads the whole list, which nobody else
// changes until the transaction ends.
func lockStandards(ctx context.Context, tx *tenant.Tx) ([]Standard, error) {
	if !CanSetStandards(tx.Actor) {
		return nil, errs.Forbidden("Only administrators change standard follow-ups. Ask one of yours.")
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('standard_follow_ups'), $1::bigint::integer)`, tx.Actor.TenantID)
	if err != nil {
		return nil, fmt.Errorf("hold the standard follow-ups: %w", err)
	}
	return standards(ctx, tx, `
		SELECT s.id, s.name, s.text, s.position, s.retired_at, s.version, 0 AS used
		FROM standard_follow_ups s
		WHERE s.tenant_id = $1`, tx.Actor.TenantID)
}

// lockStandard is lockStandards for who changes one of them.
func lockStandard(ctx context.Context, tx *tenant.Tx, id int64) (Standard, []Standard, error) {
	all, err := lockStandards(ctx, tx)
	if err != nil {
		return Standard{}, nil, err
	}
	at := slices.IndexFunc(all, func(s Standard) bool { return s.ID == id })
	if at < 0 {
		return Standard{}, nil, fmt.Errorf("standard follow-up %d: %w", id, errs.NotFound)
	}
	return all[at], all, nil
}

// inUse are those of the list that are not retired, in their order.
func inUse(all []Standard) []Standard {
	list := slices.DeleteFunc(slices.Clone(all), func(s Standard) bool { return s.RetiredAt != nil })
	slices.SortFunc(list, Standard.before)
	return list
}

func orderOf(list []Standard) tenant.Order {
	return tenant.OrderOf(list, func(s Standard) int64 { return s.ID })
}

func (s Standard) wording() Wording { return Wording{s.Name, s.Text} }

func (w Wording) facts() map[string]any { return map[string]any{"name": w.Name, "text": w.Text} }

func auditStandard(ctx context.Context, tx *tenant.Tx, verb string, id int64, before, after map[string]any) error {
	change := tenant.Change{}
	if before != nil {
		change.Before = before
	}
	if after != nil {
		change.After = after
	}
	return tx.Audit(ctx, tenant.Event{Kind: "standard_follow_up." + verb, Subject: "standard_follow_up", SubjectID: id, Data: change})
}

// taken says so where another one in use has the name; other errors pass.
func taken(err error, name string) error {
	switch {
	case err == nil:
		return nil
	case violates(err, "standard_follow_ups_name"):
		return errs.Invalid{"name": fmt.Sprintf("There is a standard follow-up called %s already. Choose another name, or change that one.", name)}
	}
	return fmt.Errorf("save standard follow-up: %w", err)
}
