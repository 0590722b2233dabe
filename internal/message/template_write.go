package message

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/language"
	"dunwell/internal/tenant"
)

// AddTemplate adds a template to those that people pick from.
func AddTemplate(ctx context.Context, tx *tenant.Tx, channel customer.Channel, w Wording) (id int64, err error) {
	if err := maySet(tx.Actor); err != nil {
		return 0, err
	}
	if err := w.check(channel); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO templates (channel, name, demands)
		VALUES (@channel, @name, @demands)
		RETURNING id`,
		pgx.NamedArgs{"channel": channel, "name": w.Name, "demands": w.Demands}).Scan(&id)
	if err != nil {
		return 0, nameTaken(err, w.Name)
	}
	if err := addTexts(ctx, tx, id, w.Texts); err != nil {
		return 0, err
	}
	return id, auditTemplate(ctx, tx, "added", id, nil, facts(channel, w, w.Texts))
}

// ChangeTemplate changes a template that still has the version which the actor
// saw. A language whose text is taken out falls back to another one.
func ChangeTemplate(ctx context.Context, tx *tenant.Tx, id int64, version int, w Wording) error {
	was, err := lockTemplate(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := w.check(was.Channel); err != nil {
		return err
	}
	texts, err := TextsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict("Somebody else changed this template meanwhile. Look at what it says now, and save again.")
	}
	before := Wording{was.Name, was.Demands, map[string]Words{}}
	for _, x := range texts {
		before.Texts[x.Language] = Words{x.Subject, x.Body}
	}
	changed := differing(before.Texts, w.Texts)
	if len(changed) == 0 && before.Name == w.Name && before.Demands == w.Demands {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE templates
		SET name = @name, demands = @demands, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "name": w.Name, "demands": w.Demands})
	if err != nil {
		return nameTaken(err, w.Name)
	}
	if err := addTexts(ctx, tx, id, changed); err != nil {
		return err
	}
	old := map[string]Words{}
	for code := range changed {
		old[code] = before.Texts[code]
	}
	return auditTemplate(ctx, tx, "changed", id, facts(was.Channel, before, old), facts(was.Channel, w, changed))
}

// differing are the texts that are not as they were, without words where a
// language was taken out.
func differing(was, is map[string]Words) map[string]Words {
	changed := map[string]Words{}
	for _, code := range language.Codes {
		if was[code] != is[code] {
			changed[code] = is[code]
		}
	}
	return changed
}

// addTexts adds a wording a language.
func addTexts(ctx context.Context, tx *tenant.Tx, id int64, texts map[string]Words) error {
	codes := slices.Sorted(maps.Keys(texts))
	subjects, bodies := make([]string, len(codes)), make([]string, len(codes))
	for i, code := range codes {
		subjects[i], bodies[i] = texts[code].Subject, texts[code].Body
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO template_texts (template_id, language, subject, body, author_id)
		SELECT @template, n.language, n.subject, n.body, nullif(@author::bigint, 0)
		FROM unnest(@codes::text[], @subjects::text[], @bodies::text[]) AS n (language, subject, body)`,
		pgx.NamedArgs{"template": id, "codes": codes, "subjects": subjects, "bodies": bodies, "author": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("add a template's texts: %w", err)
	}
	return nil
}

// RetireTemplate takes a template out of those that people pick from.
func RetireTemplate(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setRetired(ctx, tx, id, true)
}

// TakeBackTemplate puts a retired one back.
func TakeBackTemplate(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setRetired(ctx, tx, id, false)
}

func setRetired(ctx context.Context, tx *tenant.Tx, id int64, retired bool) error {
	was, err := lockTemplate(ctx, tx, id)
	if err != nil || (was.RetiredAt != nil) == retired {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE templates
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "retired": retired, "now": tx.Now})
	if errors.As(nameTaken(err, was.Name), new(errs.Invalid)) {
		return errs.Conflict(fmt.Sprintf("Another template in use is called %s too. Give one of the two another name, then take this one back.", was.Name))
	}
	if err != nil {
		return fmt.Errorf("retire template: %w", err)
	}
	verb := "taken_back"
	if retired {
		verb = "retired"
	}
	return auditTemplate(ctx, tx, verb, id, nil, map[string]any{"channel": was.Channel, "name": was.Name})
}

func maySet(a tenant.Actor) error {
	if !CanSetTemplates(a) {
		return errs.Forbidden("Only administrators change templates. Ask one of yours.")
	}
	return nil
}

// lockTemplate asks for permission and holds the template until the transaction
// ends.
func lockTemplate(ctx context.Context, tx *tenant.Tx, id int64) (Template, error) {
	if err := maySet(tx.Actor); err != nil {
		return Template{}, err
	}
	return findTemplate(ctx, tx, id, "FOR NO KEY UPDATE")
}

// nameTaken says so where another template in use has the name; other errors
// pass.
func nameTaken(err error, name string) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pg) && pg.ConstraintName == "templates_name":
		return errs.Invalid{"name": fmt.Sprintf("There is a template called %s for this already. Choose another name, or change that one.", name)}
	}
	return fmt.Errorf("save template: %w", err)
}

// facts are what the audit record keeps of a template and of these texts.
func facts(channel customer.Channel, w Wording, texts map[string]Words) map[string]any {
	f := map[string]any{"channel": channel, "name": w.Name, "demands": w.Demands}
	for code, x := range texts {
		f["subject_"+code], f["body_"+code] = x.Subject, x.Body
	}
	return f
}

func auditTemplate(ctx context.Context, tx *tenant.Tx, verb string, id int64, before, after map[string]any) error {
	change := tenant.Change{After: after}
	if before != nil {
		change.Before = before
	}
	return tx.Audit(ctx, tenant.Event{Kind: "template." + verb, Subject: "template", SubjectID: id, Data: change})
}
