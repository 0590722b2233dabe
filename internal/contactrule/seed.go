package contactrule

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Whose the first rules are. Regulation F of the US is the most exact of the laws
// that say when and how often, so that it is a safe beginning elsewhere too.
const (
	sourceHours     = "US Regulation F, 12 CFR 1006.6(b)(1): before 08:00 and after 21:00 is inconvenient to consumers"
	sourceFrequency = "US Regulation F, 12 CFR 1006.14(b)(2): seven calls in seven days, and seven days of quiet after a conversation"
	sourceOwn       = "Our own rule"
)

// Seed gives a new tenant its first rules, which an administrator adapts to the
// law of its debtors. Letters and e-mails to businesses have none.
func Seed(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO contact_rules (name, kind, channel, weekdays, from_time, to_time, holidays,
			max_attempts, attempt_days, quiet_days, max_a_day, hours_apart, source, as_of)
		VALUES
			('Calls to consumers: hours', 'consumer', 'call', 127, '08:00', '21:00', false, NULL, NULL, NULL, NULL, NULL, @hours, @law),
			('SMS to consumers: hours', 'consumer', 'sms', 127, '08:00', '21:00', false, NULL, NULL, NULL, NULL, NULL, @hours, @law),
			('E-mails to consumers: hours', 'consumer', 'email', 127, '08:00', '21:00', false, NULL, NULL, NULL, NULL, NULL, @hours, @law),
			('Calls to businesses: hours', 'business', 'call', 31, '08:00', '17:00', false, NULL, NULL, NULL, NULL, NULL, @own, @today),
			('SMS to businesses: hours', 'business', 'sms', 31, '08:00', '17:00', false, NULL, NULL, NULL, NULL, NULL, @own, @today),
			('Calls to consumers: seven in seven days', 'consumer', 'call', NULL, NULL, NULL, true, 7, 7, 7, NULL, NULL, @frequency, @law),
			('Calls to consumers: two a day', 'consumer', 'call', NULL, NULL, NULL, true, NULL, NULL, NULL, 2, 3, @own, @today)`,
		pgx.NamedArgs{"hours": sourceHours, "frequency": sourceFrequency, "own": sourceOwn, "law": "2021-11-30", "today": tx.Today()})
	if err != nil {
		return fmt.Errorf("seed contact rules: %w", err)
	}
	return nil
}
