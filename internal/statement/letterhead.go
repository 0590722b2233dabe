package statement

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Letterhead is what stands on everything that the company sends. All of it may be
// empty; the company's name stands in for the sender.
type Letterhead struct {
	Sender  string `json:"sender"`
	Address string `json:"address"` // in lines
	Bank    string `json:"bank"`    // where to pay, in lines
	Phone   string `json:"phone"`
	ReplyTo string `json:"reply_to"` // an e-mail address
	Footer  string `json:"footer"`   // in lines
	// LogoID is the document with the logo; 0: none. See SetLogo.
	LogoID int64 `json:"-"`
	// Version is the one that was shown to whoever changes it; 0: there is none yet.
	Version int `json:"-"`
}

// CanSetLetterhead tells who may change the letterhead.
func CanSetLetterhead(a tenant.Actor) bool { return a.Is(tenant.Admin) }

// LoadLetterhead reads the company's letterhead, which is empty until somebody
// saves one.
func LoadLetterhead(ctx context.Context, tx *tenant.Tx) (Letterhead, error) {
	return loadLetterhead(ctx, tx, "")
}

// loadLetterhead may hold the row, by a locking clause, until the transaction ends.
func loadLetterhead(ctx context.Context, tx *tenant.Tx, hold string) (Letterhead, error) {
	rows, _ := tx.Query(ctx, `
		SELECT sender, address, bank, phone, reply_to, footer, coalesce(logo_id, 0) AS logo_id, version
		FROM letterheads
		WHERE tenant_id = $1 `+hold, tx.Actor.TenantID)
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letterhead])
	if errors.Is(err, pgx.ErrNoRows) {
		return Letterhead{}, nil
	}
	if err != nil {
		return Letterhead{}, fmt.Errorf("load letterhead: %w", err)
	}
	return l, nil
}

// LetterheadMoved refuses a change made from a letterhead that is no longer there.
const LetterheadMoved = errs.Conflict("Somebody else changed the letterhead meanwhile. Open it again, look at what it says now, and change that.")

// hold reads the letterhead that is to be changed and holds it until the
// transaction ends; the first one begins empty.
func hold(ctx context.Context, tx *tenant.Tx, version int) (Letterhead, error) {
	if !CanSetLetterhead(tx.Actor) {
		return Letterhead{}, errs.Forbidden("Only administrators change the letterhead. Ask one of yours.")
	}
	was, err := loadLetterhead(ctx, tx, "FOR NO KEY UPDATE")
	if err != nil {
		return was, err
	}
	if was.Version != version {
		return was, LetterheadMoved
	}
	if was.Version > 0 {
		return was, nil
	}
	tag, err := tx.Exec(ctx, `INSERT INTO letterheads (version) VALUES (0) ON CONFLICT DO NOTHING`)
	if err != nil {
		return was, fmt.Errorf("begin letterhead: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return was, LetterheadMoved
	}
	return was, nil
}

// SaveLetterhead replaces all but the logo. What was sent before stays as it was.
func SaveLetterhead(ctx context.Context, tx *tenant.Tx, l Letterhead) error {
	was, err := hold(ctx, tx, l.Version)
	if err != nil {
		return err
	}
	if err := l.check(was); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE letterheads
		SET sender = @sender, address = @address, bank = @bank, phone = @phone, reply_to = @reply_to, footer = @footer, version = version + 1
		WHERE tenant_id = @tenant`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "sender": l.Sender, "address": l.Address, "bank": l.Bank,
			"phone": l.Phone, "reply_to": l.ReplyTo, "footer": l.Footer})
	if err != nil {
		return fmt.Errorf("save letterhead: %w", err)
	}
	return tx.Audit(ctx, tenant.Event{Kind: "letterhead.changed", Data: tenant.Change{Before: was, After: l}})
}

// The room that there is on a page.
const (
	addressLines = 6
	bankLines    = 8
	footerLines  = 4
)

func (l *Letterhead) check(was Letterhead) error {
	var inv errs.Invalid
	for _, f := range []struct {
		name         string
		text         *string
		limit, lines int
	}{
		{"sender", &l.Sender, 200, 1}, {"address", &l.Address, 600, addressLines}, {"bank", &l.Bank, 600, bankLines},
		{"phone", &l.Phone, 60, 1}, {"footer", &l.Footer, 600, footerLines},
	} {
		*f.text = tidyLines(*f.text)
		if f.lines == 1 && !strings.Contains(*f.text, "\n") {
			tenant.OneLine(&inv, f.text, f.name)
		}
		inv.Check(utf8.RuneCountInString(*f.text) <= f.limit, f.name, fmt.Sprintf("This holds %d characters at most. Shorten it.", f.limit))
		inv.Check(strings.Count(*f.text, "\n") < f.lines, f.name, roomFor(f.lines))
	}
	inv.Check(l.Phone == "" || l.Phone == was.Phone || telephone(l.Phone), "phone",
		"This is not a telephone number. Give digits, with + and the country code for who is abroad, such as +47 22 41 09 33, or leave it empty.")
	l.ReplyTo = strings.TrimSpace(l.ReplyTo)
	at, err := mail.ParseAddress(l.ReplyTo)
	inv.Check(l.ReplyTo == "" || err == nil && at.Address == l.ReplyTo && len(l.ReplyTo) <= 254 && tenant.PlainLetters(l.ReplyTo), "reply_to",
		"This is not an e-mail address. Give one such as accounts@example.com, or leave it empty.")
	return inv.Err()
}

// telephone tells a number as it is printed: people write it as they like. One with its
// country code has to exist; without, nobody knows in which country.
func telephone(s string) bool {
	if strings.HasPrefix(s, "+") {
		_, err := customer.ParsePhone(s, "")
		return err == nil
	}
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789 ()/.-") == ""
}

func roomFor(lines int) string {
	if lines == 1 {
		return "This holds one line. Write it without line breaks."
	}
	return fmt.Sprintf("There is room for %d lines. Take some together.", lines)
}

// tidyLines takes away what cannot be seen: blanks around a line, empty lines.
func tidyLines(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
