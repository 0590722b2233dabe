package tenant

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/money"
)

// Settings is what an administrator may change about the company.
type Settings struct {
	Name             string
	Currency         money.Currency
	TimeZone         string // an IANA name
	Language         string
	PaymentsLoadedTo *time.Time
	// BranchLimited: collectors see the customers of their own branch only.
	BranchLimited bool
	// FeedNames: calendars elsewhere that read a diary are told the customers' names.
	FeedNames bool
	// Version is the one that was shown to whoever changes it.
	Version int
}

// Languages are those in which letters and messages may be written.
var Languages = map[string]string{"en": "English", "cs": "Czech", "da": "Danish", "de": "German", "fr": "French"}

// CanSet tells who may change the company's settings.
func CanSet(a Actor) bool { return a.Is(Admin) }

// LoadSettings reads the settings.
func LoadSettings(ctx context.Context, tx *Tx) (Settings, error) { return loadSettings(ctx, tx, "") }

// loadSettings may hold the row, by a locking clause, until the transaction ends.
func loadSettings(ctx context.Context, tx *Tx, hold string) (Settings, error) {
	rows, _ := tx.Query(ctx, `
		SELECT name, currency, time_zone, language, payments_loaded_to, branch_limited, feed_names, version
		FROM tenants
		WHERE id = $1 `+hold, tx.Actor.TenantID)
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Settings])
	if err != nil {
		return Settings{}, fmt.Errorf("load settings: %w", err)
	}
	return s, nil
}

func (s *Settings) check(now time.Time) error {
	var inv errs.Invalid
	OneLine(&inv, &s.Name, "name")
	n := utf8.RuneCountInString(s.Name)
	inv.Check(n > 0 && n <= 120, "name", "Give the company's name, at most 120 characters.")
	_, err := money.ParseCurrency(string(s.Currency))
	inv.Check(err == nil, "currency", "Give a currency code such as EUR.")
	inv.Check(isZone(s.TimeZone), "time_zone", "Give a time zone such as Europe/Oslo.")
	inv.Check(Languages[s.Language] != "", "language", "Choose a language.")
	inv.Check(s.PaymentsLoadedTo == nil || !s.PaymentsLoadedTo.After(now), "payments_loaded_to", "Payments cannot be loaded up to a moment that is still to come.")
	return inv.Err()
}

func isZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

// SaveSettings replaces the settings. A company that has customers keeps its
// currency: lists are sorted by the figures in it.
func SaveSettings(ctx context.Context, tx *Tx, s Settings) error {
	if !CanSet(tx.Actor) {
		return errs.Forbidden("Only administrators change the company's settings. Ask one of yours.")
	}
	s.Name, s.Currency = strings.TrimSpace(s.Name), money.Currency(strings.ToUpper(strings.TrimSpace(string(s.Currency))))
	if err := s.check(tx.Now); err != nil {
		return err
	}
	was, err := loadSettings(ctx, tx, "FOR NO KEY UPDATE")
	if err != nil {
		return err
	}
	if was.Version != s.Version {
		return errs.Conflict("Somebody else changed the settings meanwhile: now " + was.String() + ".")
	}
	if was.Currency != s.Currency {
		if err := mayChangeCurrency(ctx, tx); err != nil {
			return err
		}
	}
	return writeSettings(ctx, tx, was, s)
}

func mayChangeCurrency(ctx context.Context, tx *Tx) error {
	var any bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM customers WHERE tenant_id = $1)`, tx.Actor.TenantID).Scan(&any)
	if err != nil {
		return fmt.Errorf("look for customers: %w", err)
	}
	if any {
		return errs.Invalid{"currency": "There are customers already, so the currency stays. Items and payments may be in any other currency all the same."}
	}
	return nil
}

// writeSettings has the rest of the transaction go by the new moment of the payments.
func writeSettings(ctx context.Context, tx *Tx, was, s Settings) error {
	_, err := tx.Exec(ctx, `
		UPDATE tenants
		SET name = @name, currency = @currency, time_zone = @zone, language = @language,
			payments_loaded_to = @loaded, branch_limited = @limited, feed_names = @feed_names, version = version + 1
		WHERE id = @tenant`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "name": s.Name, "currency": s.Currency, "zone": s.TimeZone,
			"language": s.Language, "loaded": s.PaymentsLoadedTo, "limited": s.BranchLimited, "feed_names": s.FeedNames})
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	tx.Actor.Tenant.PaymentsLoadedTo = s.PaymentsLoadedTo
	if tx.Actor.Tenant.Zone, err = time.LoadLocation(s.TimeZone); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return tx.Audit(ctx, Event{Kind: "settings.changed", Data: Change{Before: was.facts(), After: s.facts()}})
}

// SetPaymentsLoadedTo says that the bank's payments are in the ledger up to the
// moment. It only ever moves forward; an earlier moment changes nothing.
func SetPaymentsLoadedTo(ctx context.Context, tx *Tx, to time.Time) error {
	if !tx.Actor.Is(Manager) {
		return errs.Forbidden("Only managers and administrators say up to when payments are loaded.")
	}
	if to.After(tx.Now) {
		return errs.Invalid{"payments_loaded_to": "Payments cannot be loaded up to a moment that is still to come."}
	}
	was, err := loadSettings(ctx, tx, "FOR NO KEY UPDATE")
	if err != nil {
		return err
	}
	if was.PaymentsLoadedTo != nil && !to.After(*was.PaymentsLoadedTo) {
		tx.Actor.Tenant.PaymentsLoadedTo = was.PaymentsLoadedTo // another one may have moved it meanwhile
		return nil
	}
	s := was
	s.PaymentsLoadedTo = &to
	return writeSettings(ctx, tx, was, s)
}

func (s Settings) facts() map[string]string {
	return map[string]string{"name": s.Name, "currency": string(s.Currency), "time_zone": s.TimeZone, "language": s.Language,
		"payments_loaded_to": s.loadedTo(), "collectors_see": s.seen(), "calendars_have": s.told()}
}

// seen is which customers a collector sees.
func (s Settings) seen() string {
	if s.BranchLimited {
		return "their own branch"
	}
	return "all customers"
}

// told is what calendars elsewhere are told.
func (s Settings) told() string {
	if s.FeedNames {
		return "customers by name"
	}
	return "no names"
}

// String says the settings in a few words.
func (s Settings) String() string {
	return fmt.Sprintf("%s, %s, %s, %s, payments loaded to %s, collectors see %s, calendars have %s", s.Name, s.Currency, s.TimeZone, Languages[s.Language], s.loadedTo(), s.seen(), s.told())
}
