package message_test

import (
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// The texts of the dunning levels are whole in each language, name what is to be
// paid and by when, and a second time makes no second ones.
func TestReminders(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	var ids, again []int64
	b.write(t, b.Admin, func(tx *tenant.Tx) (err error) { ids, err = message.SeedReminders(t.Context(), tx); return err })
	b.write(t, b.Admin, func(tx *tenant.Tx) (err error) { again, err = message.SeedReminders(t.Context(), tx); return err })
	if len(ids) != 4 {
		t.Fatalf("made %v", ids)
	}
	english := regexp.MustCompile(`(?i)\b(dear|please|due|kind regards|reminder|customer|where|items?|regards|notice)\b`)
	b.read(t, func(tx *tenant.Tx) error {
		for i, id := range ids {
			if again[i] != id {
				t.Errorf("a second time made %d beside %d", again[i], id)
			}
			seen := map[string]bool{}
			for code, want := range map[string][2]string{"en": {"EUR 1,311.57", " by 23 Mar 2026"}, "cs": {"1 311,57 EUR", " do 23. 3. 2026"}, "da": {"1.311,57 EUR", " senest den 23.03.2026"},
				"de": {"1.311,57 EUR", " bis zum 23.03.2026"}, "fr": {"1 311,57 EUR", " au plus tard le 23/03/2026"}} {
				f, err := message.Fill(t.Context(), tx, message.Choice{CustomerID: b.debtor, TemplateID: id, PointID: b.anna, Language: code, PayBy: tx.Today().Add(7)})
				if err != nil {
					return err
				}
				text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(f.Subject + "\n" + f.Body)
				if f.Language != code || f.Fallback || strings.Contains(text, "{") || code != "en" && english.MatchString(strings.ReplaceAll(text, "Customer C-1", "")) {
					t.Errorf("%s in %s: %s", f.Template.Name, code, text)
				}
				if !strings.Contains(text, want[0]+want[1]+".") {
					t.Errorf("%s in %s lacks %s%s: %s", f.Template.Name, code, want[0], want[1], text)
				}
				if (f.Template.Channel == customer.Mail) != (i < 2) || !f.Template.Demands || seen[f.Subject] {
					t.Errorf("%s is %+v", f.Subject, f.Template)
				}
				seen[f.Subject] = true
				f, err = message.Fill(t.Context(), tx, message.Choice{CustomerID: b.debtor, TemplateID: id, Language: code})
				if err != nil || strings.Contains(strings.ReplaceAll(f.Body, "\u00a0", " "), want[0]+" ") {
					t.Errorf("without a deadline %s in %s says %s, %v", f.Template.Name, code, f.Body, err)
				}
			}
		}
		return nil
	})
}

// The reminder that stands in where a level has no text for a letter, or an e-mail, gives
// the level's deadline too, as that is the one that is kept.
func TestTheReminderThatStandsInGivesTheDeadline(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.write(t, b.Admin, func(tx *tenant.Tx) error { return message.SeedTemplates(t.Context(), tx) })
	b.read(t, func(tx *tenant.Tx) error {
		for _, channel := range []customer.Channel{customer.Mail, customer.Letter} {
			var id int64
			if err := tx.QueryRow(t.Context(), `SELECT id FROM templates WHERE tenant_id = $1 AND channel = $2 AND name = 'Payment reminder'`, tx.Actor.TenantID, channel).Scan(&id); err != nil {
				return err
			}
			for code, want := range map[string]string{"en": "EUR 1,311.57 by 23 Mar 2026.", "cs": "1 311,57 EUR do 23. 3. 2026.", "da": "1.311,57 EUR senest den 23.03.2026.",
				"de": "1.311,57 EUR bis zum 23.03.2026.", "fr": "1 311,57 EUR au plus tard le 23/03/2026."} {
				for _, by := range []bool{true, false} {
					c := message.Choice{CustomerID: b.debtor, TemplateID: id, Language: code}
					if by {
						c.PayBy = tx.Today().Add(7)
					}
					f, err := message.Fill(t.Context(), tx, c)
					if text := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(f.Body); err != nil || strings.Contains(text, want) != by {
						t.Errorf("%s in %s, with a deadline %v: %v, %s", channel, code, by, err, text)
					}
				}
			}
		}
		return nil
	})
}
