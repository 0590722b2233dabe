package message_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/pdftest"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// inFrance makes the debtor one who reads French and owes in three currencies, no
// two amounts alike, with a credit; the clerk is German, the company English.
func inFrance(t *testing.T) *books {
	t.Helper()
	b := newBooks(t)
	b.exec(t, `UPDATE customers SET language = 'fr', name = 'Zoé Martin' WHERE id = $1`, b.debtor)
	b.exec(t, `UPDATE tenants SET language = 'en' WHERE id = $1`, b.ID)
	b.exec(t, `UPDATE users SET name = 'Jürgen Groß' WHERE id = (SELECT user_id FROM members WHERE id = $1)`, b.ManagerID)
	b.exec(t, `UPDATE letterheads SET sender = 'Acme', phone = '', reply_to = '', footer = ''`)
	b.write(t, b.Admin, func(tx *tenant.Tx) error {
		account := dbtest.Account(t, tx, b.debtor, "T-2")
		for number, minor := range map[string]int64{"INV-3": 210_311, "INV-4": 320_422} {
			dbtest.Item(t, tx, account, number, "2026-02-10", minor, "USD")
		}
		dbtest.Item(t, tx, account, "INV-5", "2026-04-05", 430_533, "USD")
		dbtest.Item(t, tx, account, "INV-6", "2026-03-02", 5_406_647, "KWD")
		_, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: b.debtor, AccountID: account, Number: "P-1", ValueOn: day.New(2026, 3, 9), Amount: money.New(1_117, "USD")})
		return errors.Join(err, message.SeedTemplates(t.Context(), tx))
	})
	return b
}

// reminded prints the first reminder that a company has, and reads the letter back
// with the words of the text that it was made of.
func (b *books) reminded(t *testing.T) (letter, source string) {
	t.Helper()
	n := message.New{CustomerID: b.debtor, Channel: customer.Letter, Statement: true}
	b.write(t, b.Manager, func(tx *tenant.Tx) error {
		list, err := message.Templates(t.Context(), tx, customer.Letter)
		if err != nil {
			return err
		}
		reminder := list[slices.IndexFunc(list, func(m message.Template) bool { return m.Name == "Payment reminder" })]
		f, err := message.Fill(t.Context(), tx, message.Choice{CustomerID: b.debtor, TemplateID: reminder.ID})
		if err != nil {
			return err
		}
		texts, err := message.TextsOf(t.Context(), tx, reminder.ID)
		for _, x := range texts {
			if x.Language == "fr" {
				source = x.Subject + x.Body
			}
		}
		n.Subject, n.Body, n.TextID, n.Demands = f.Subject, f.Body, f.TextID, true
		return err
	})
	d := b.is(t, b.send(t, b.Manager, n), message.Sent, "")
	_, content, err := open(t, b, d.Documents[0].ID)
	if err != nil || sha256.Sum256(content) != [32]byte(d.Documents[0].SHA256) {
		t.Fatalf("the file is not the one that was kept: %v", err)
	}
	return pdftest.Text(t, content), source
}

// Every word of a letter is in the customer's language, whatever those of the clerk
// and the company are.
func TestLetterIsInOneLanguage(t *testing.T) {
	t.Parallel()
	b := inFrance(t)
	letter, source := b.reminded(t)
	letters := regexp.MustCompile(`\pL+`)
	var h statement.Heading
	b.read(t, func(tx *tenant.Tx) (err error) {
		h, err = statement.HeadingOf(t.Context(), tx, b.debtor, "")
		return err
	})
	french := letters.FindAllString(fmt.Sprint(source, *h.Words()), -1)
	names := letters.FindAllString("Zoé Martin Rue Paris FRANCE Jürgen Groß Acme Storgata Oslo IBAN NO EUR USD KWD C T INV P", -1)
	for _, word := range letters.FindAllString(letter, -1) {
		if !slices.Contains(french, word) && !slices.Contains(names, word) {
			t.Errorf("the letter says %q, which is not French: %s", word, letter)
		}
	}
	for _, want := range []string{"Rappel de paiement", "Madame, Monsieur,", "Merci de régler", "Jürgen Groß", "Coordonnées de paiement"} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %q: %s", want, letter)
		}
	}
}

// sums reads the amounts of a line of a French letter, in minor units.
func sums(line string) (minor []int64) {
	for _, s := range regexp.MustCompile(`-?\d{1,3}(?: \d{3})*,\d{2,3}`).FindAllString(line, -1) {
		n, _ := strconv.ParseInt(strings.NewReplacer(" ", "", ",", "").Replace(s), 10, 64)
		minor = append(minor, n)
	}
	return minor
}

// The rows of a letter add up to its totals, these are the ledger's, and so is what
// its text asks for, in each currency.
func TestLetterAddsUp(t *testing.T) {
	t.Parallel()
	b := inFrance(t)
	letter, _ := b.reminded(t)
	var ageing []ledger.Ageing
	b.read(t, func(tx *tenant.Tx) (err error) {
		ageing, err = dbtest.Ask(t, tx, func(batch *tenant.Batch, into *[]ledger.Ageing) {
			ledger.QueueAgeing(batch, b.debtor, 0, tx.Today(), into)
		})
		return err
	})
	if len(ageing) != 3 {
		t.Fatalf("the ledger has %+v", ageing)
	}
	rows, currency := map[string]int64{}, ""
	for line := range strings.Lines(letter) {
		if head := regexp.MustCompile(`^Compte \S+ · (\w+)`).FindStringSubmatch(line); head != nil {
			currency = head[1]
		}
		if amounts := sums(line); regexp.MustCompile(`^(INV|P)-\d `).MatchString(line) && len(amounts) > 0 {
			rows[currency] += amounts[len(amounts)-1]
		}
	}
	for _, a := range ageing {
		c := string(a.Currency)
		if rows[c] != a.Balance() {
			t.Errorf("the rows in %s come to %d, the ledger has %d: %s", c, rows[c], a.Balance(), letter)
		}
		total := regexp.MustCompile(`(?m)^` + c + ` .*$`).FindString(letter)
		if got, want := sums(total), []int64{a.Open(), a.Overdue(), -a.Credits, a.Balance()}; !slices.Equal(got, want) {
			t.Errorf("the totals in %s are %v, the ledger has %v: %s", c, got, want, letter)
		}
		want := []int64{a.Overdue(), a.Overdue() - a.Credits}
		if a.Credits != 0 {
			want = slices.Insert(want, 1, a.Credits)
		}
		asked := regexp.MustCompile(`(?m)^Montant échu : .* ` + c + `\.$`).FindString(letter)
		if got := sums(asked); !slices.Equal(got, want) {
			t.Errorf("it asks for %v in %s, want %v: %s", got, c, want, letter)
		}
	}
}
