package message

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/language"
	"dunwell/internal/tenant"
)

// reminders are the texts of the first dunning levels in one language, the tone
// rising from one to the next: two e-mails, then two letters.
type reminders struct{ first, second, third, last Words }

var levelTexts = map[string]reminders{"en": remindersEnglish, "cs": remindersCzech, "da": remindersDanish, "de": remindersGerman, "fr": remindersFrench}

var levelTemplates = []struct {
	channel customer.Channel
	name    string
	words   func(reminders) Words
}{
	{customer.Mail, "First reminder", func(r reminders) Words { return r.first }},
	{customer.Mail, "Second reminder", func(r reminders) Words { return r.second }},
	{customer.Letter, "Third reminder", func(r reminders) Words { return r.third }},
	{customer.Letter, "Final notice", func(r reminders) Words { return r.last }},
}

// SeedReminders gives a tenant the templates of the first four dunning levels, two
// e-mails and two letters, in all languages, and returns their ids in that order. A
// template in use that is called so already is taken as it is.
func SeedReminders(ctx context.Context, tx *tenant.Tx) ([]int64, error) {
	ids := make([]int64, len(levelTemplates))
	for i, t := range levelTemplates {
		err := tx.QueryRow(ctx, `
			SELECT coalesce((
				SELECT t.id
				FROM templates t
				WHERE t.tenant_id = @tenant AND t.channel = @channel AND lower(t.name) = lower(@name) AND t.retired_at IS NULL), 0)`,
			pgx.NamedArgs{"tenant": tx.Actor.TenantID, "channel": t.channel, "name": t.name}).Scan(&ids[i])
		if err != nil {
			return nil, fmt.Errorf("look for the template %s: %w", t.name, err)
		}
		if ids[i] != 0 {
			continue
		}
		texts := map[string]Words{}
		for _, code := range language.Codes {
			texts[code] = t.words(levelTexts[code])
		}
		if ids[i], err = AddTemplate(ctx, tx, t.channel, Wording{Name: t.name, Demands: true, Texts: texts}); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// Who signs: the one who works the customer, whoever or whatever sends.
const (
	signsMail   = "{{ owner.name | default: sender.name }}"
	signsLetter = "{% if owner.name %}{{ owner.name }}\n{% endif %}{{ sender.name }}"
)
