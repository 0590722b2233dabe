package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// Settings are the company's account with the provider. Its password is in none of
// them.
type Settings struct {
	AccountSID string // empty: no provider is set up
	SMSFrom    string // E.164; empty: the company sends no SMS
	CallFrom   string // E.164; empty: the company places no calls
	// PartPrice is what a part of an SMS costs, as a decimal number; empty: not known.
	PartPrice    string
	PartCurrency string
	Version      int // 0: nothing was ever set up
}

// CanSet tells who sees and changes how messages leave and arrive.
func CanSet(a tenant.Actor) bool { return a.Is(tenant.Admin) }

const onlyAdmins = errs.Forbidden("Only administrators set up how messages leave and arrive. Ask one of yours.")

const moved = errs.Conflict("Somebody else changed this meanwhile. Look at what it says now, and change that.")

// The purposes for which passwords are sealed.
const (
	forToken   = "provider token"
	forMailbox = "mailbox password"
)

// Load reads the settings; their zero where nothing was ever set up.
func Load(ctx context.Context, tx *tenant.Tx) (Settings, error) {
	s, _, err := load(ctx, tx)
	return s, err
}

func load(ctx context.Context, tx *tenant.Tx) (s Settings, sealed []byte, err error) {
	err = tx.QueryRow(ctx, `
		SELECT p.account_sid, p.sms_from, p.call_from, coalesce(trim_scale(p.part_price)::text, ''), coalesce(p.part_currency, ''), p.version, p.sealed_token
		FROM providers p
		WHERE p.tenant_id = $1`, tx.Actor.TenantID).
		Scan(&s.AccountSID, &s.SMSFrom, &s.CallFrom, &s.PartPrice, &s.PartCurrency, &s.Version, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return Settings{}, nil, nil
	}
	if err != nil {
		return s, nil, fmt.Errorf("read the provider: %w", err)
	}
	return s, sealed, nil
}

// Open gives the company's way out, with the settings that go with it. Where there
// is none it is None, beside ErrNone or ErrLocked, which say why.
func Open(ctx context.Context, tx *tenant.Tx, box *secret.Box, o Options) (Gateway, Settings, error) {
	s, token, err := withToken(ctx, tx, box)
	if err != nil {
		return None{}, s, err
	}
	return twilio{sid: s.AccountSID, token: token, Options: o}, s, nil
}

func withToken(ctx context.Context, tx *tenant.Tx, box *secret.Box) (Settings, string, error) {
	s, sealed, err := load(ctx, tx)
	if err != nil {
		return s, "", err
	}
	if s.AccountSID == "" {
		return s, "", ErrNone
	}
	token, err := box.Open(tx.Actor.TenantID, forToken, sealed)
	if err != nil {
		return s, "", ErrLocked
	}
	return s, token, nil
}

// Cost is what so many parts of an SMS cost; empty where the price is not known.
func (s Settings) Cost(parts int) string {
	price, err := decimal.Parse(s.PartPrice)
	if err != nil {
		return ""
	}
	n, err := decimal.New(int64(parts), 0)
	if err == nil {
		price, err = price.Mul(n)
	}
	if err != nil {
		return ""
	}
	return s.PartCurrency + " " + price.Trim(2).String()
}

var (
	sids   = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	tokens = regexp.MustCompile(`^[0-9A-Za-z]{16,128}$`)
)

// Typed are the settings as a person enters them.
type Typed struct {
	Settings
	Token string // empty: the one that is kept
}

// check brings them into form. kept tells that a token is there already, of the
// same account.
func (t *Typed) check(kept bool) error {
	var inv errs.Invalid
	t.AccountSID, t.Token, t.PartPrice = strings.TrimSpace(t.AccountSID), strings.TrimSpace(t.Token), strings.TrimSpace(t.PartPrice)
	inv.Check(sids.MatchString(t.AccountSID), "account_sid", "Give the account SID as the provider’s console shows it: AC and 32 letters and digits.")
	inv.Check(t.Token != "" || kept, "token", "Give the auth token of this account, from the provider’s console.")
	inv.Check(t.Token == "" || tokens.MatchString(t.Token), "token", "Give the auth token as the console shows it: letters and digits only.")
	for field, number := range map[string]*string{"sms_from": &t.SMSFrom, "call_from": &t.CallFrom} {
		if *number = strings.TrimSpace(*number); *number == "" {
			continue
		}
		e164, err := customer.ParsePhone(*number, "")
		inv.Check(err == nil, field, "Give the number with + and its country code, such as +47 22 41 09 33.")
		if err == nil {
			*number = e164
		}
	}
	inv.Check(t.SMSFrom != "" || t.CallFrom != "", "sms_from", "Give the number that SMS come from, or the one that calls come from, or both.")
	t.checkPrice(&inv)
	return inv.Err()
}

func (t *Typed) checkPrice(inv *errs.Invalid) {
	if t.PartPrice == "" {
		t.PartCurrency = ""
		return
	}
	price, err := decimal.Parse(strings.Replace(t.PartPrice, ",", ".", 1))
	inv.Check(err == nil && price.IsPos() && price.Trim(0).Scale() <= 6 && price.Cmp(decimal.Hundred) < 0, "part_price",
		"Give what one part of an SMS costs, such as 0.0790, or nothing.")
	t.PartPrice = price.Trim(0).String()
	c, err := money.ParseCurrency(strings.ToUpper(strings.TrimSpace(t.PartCurrency)))
	inv.Check(err == nil, "part_currency", "Give the currency of the price, such as EUR.")
	t.PartCurrency = string(c)
}

// shown are the settings as the audit record keeps them.
func (s Settings) shown() map[string]string {
	return map[string]string{"account_sid": s.AccountSID, "sms_from": s.SMSFrom, "call_from": s.CallFrom, "part_price": strings.TrimSpace(s.PartCurrency + " " + s.PartPrice)}
}
