package message

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/language"
	"dunwell/internal/tenant"
)

// Template is a text to be sent, in one language or several.
type Template struct {
	ID        int64
	Channel   customer.Channel // Mail, Letter or SMS
	Name      string           // as people pick it
	Demands   bool             // asks for money: not sent once nothing is left to collect
	RetiredAt *time.Time
	Version   int
	Languages []string // that it has a text in
	Used      int      // how many messages were made of it; AllTemplates counts them
}

// Channels lists the channels that have templates.
var Channels = []customer.Channel{customer.Mail, customer.Letter, customer.SMS}

// Text is a wording of a template in one language. A change adds a new one: what
// was sent keeps the one that it was made of.
type Text struct {
	ID         int64
	TemplateID int64
	Language   string
	Subject    string // Liquid, as is the body; an SMS has none
	Body       string
	Author     string
	At         time.Time
}

// CanReadTemplates tells who sees how the templates are set up. Those in use
// everybody may pick.
func CanReadTemplates(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// CanSetTemplates tells who may change them.
func CanSetTemplates(a tenant.Actor) bool { return a.Is(tenant.Admin) }

// Missing are the languages that it has no text in.
func (t Template) Missing() []string {
	return slices.DeleteFunc(slices.Clone(language.Codes), func(code string) bool { return slices.Contains(t.Languages, code) })
}

const selectTemplates = `
	SELECT t.id, t.channel, t.name, t.demands, t.retired_at, t.version,
		ARRAY(
			SELECT n.language
			FROM (
				SELECT DISTINCT ON (x.language) x.language, x.body
				FROM template_texts x
				WHERE x.tenant_id = @tenant AND x.template_id = t.id
				ORDER BY x.language, x.id DESC) n
			WHERE n.body <> ''
			ORDER BY n.language <> 'en', n.language) AS languages,
		CASE WHEN @count THEN (
			SELECT count(*)
			FROM template_texts x
			JOIN messages m ON m.tenant_id = @tenant AND m.text_id = x.id
			WHERE x.tenant_id = @tenant AND x.template_id = t.id) ELSE 0 END AS used
	FROM templates t
	WHERE t.tenant_id = @tenant`

// Templates lists those in use of a channel, by name.
func Templates(ctx context.Context, tx *tenant.Tx, channel customer.Channel) ([]Template, error) {
	return templates(ctx, tx, ` AND t.channel = @channel AND t.retired_at IS NULL
		ORDER BY lower(t.name), t.id`, pgx.NamedArgs{"channel": channel, "count": false})
}

// AllTemplates lists the templates by channel and name, the retired ones last,
// each with how often it was used.
func AllTemplates(ctx context.Context, tx *tenant.Tx) ([]Template, error) {
	if !CanReadTemplates(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators see how templates are set up.")
	}
	return templates(ctx, tx, `
		ORDER BY array_position(ARRAY['email', 'letter', 'sms'], t.channel), t.retired_at DESC NULLS FIRST, lower(t.name), t.id`, pgx.NamedArgs{"count": true})
}

// FindTemplate reads a template, in use or not.
func FindTemplate(ctx context.Context, tx *tenant.Tx, id int64) (Template, error) {
	return findTemplate(ctx, tx, id, "")
}

// findTemplate may hold the row, by a locking clause, until the transaction ends.
func findTemplate(ctx context.Context, tx *tenant.Tx, id int64, hold string) (Template, error) {
	list, err := templates(ctx, tx, ` AND t.id = @id `+hold, pgx.NamedArgs{"id": id, "count": false})
	if err == nil && len(list) == 0 {
		return Template{}, fmt.Errorf("template %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return Template{}, err
	}
	return list[0], nil
}

func templates(ctx context.Context, tx *tenant.Tx, which string, args pgx.NamedArgs) ([]Template, error) {
	args["tenant"] = tx.Actor.TenantID
	rows, _ := tx.Query(ctx, selectTemplates+which, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Template])
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	return list, nil
}

// TextsOf reads the text of each language that the template has one in, English
// first.
func TextsOf(ctx context.Context, tx *tenant.Tx, templateID int64) ([]Text, error) {
	rows, _ := tx.Query(ctx, `
		SELECT n.id, n.template_id, n.language, n.subject, n.body, coalesce(u.name, 'Dunwell') AS author, n.at
		FROM (
			SELECT DISTINCT ON (x.language) x.id, x.template_id, x.language, x.subject, x.body, x.author_id, x.at
			FROM template_texts x
			WHERE x.tenant_id = @tenant AND x.template_id = @template
			ORDER BY x.language, x.id DESC) n
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = n.author_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE n.body <> ''
		ORDER BY n.language <> 'en', n.language`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "template": templateID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Text])
	if err != nil {
		return nil, fmt.Errorf("read a template's texts: %w", err)
	}
	return list, nil
}

// Choose is the text in the first of the languages that there is one in: the
// customer's, say, before the company's; English after all of them. What is
// missing falls back whole.
func Choose(texts []Text, codes ...string) (Text, error) {
	for _, code := range append(codes, "en") {
		for _, x := range texts {
			if x.Language == code {
				return x, nil
			}
		}
	}
	return Text{}, errNoText
}

var errNoText = errors.New("no text in a language that can be sent")
