package statement

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/language"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/pdftest"
)

// heading is a letter's to a customer in Prague.
func heading(code string) Heading {
	return Heading{
		Company: "Nordlys",
		Letterhead: Letterhead{Sender: "Nordlys Finans AS", Address: "Storgata 1\n0155 Oslo", Bank: "IBAN NO93 8601 1117 947\nBIC NDEANOKK",
			Phone: "+47 22 00 11 22", ReplyTo: "post@nordlys.example", Footer: "Org. nr. 999 888 777"},
		Customer: customer.Customer{Name: "Łódź & Žluťoučký (Größe) \\ Ærø", Number: "K-20417", Street: "Příčná 12", PostalCode: "110 00", City: "Praha", Country: "CZ"},
		Language: language.Of(code), On: day.New(2026, 3, 16), at: time.Date(2026, 3, 16, 9, 30, 0, 0, time.UTC),
	}
}

// sections has so many items in each of the currencies, no two amounts alike.
func sections(h Heading, n int, currencies ...money.Currency) []Section {
	s := Statement{Heading: h, AsOf: h.On}
	var rows []ledger.Posting
	for i := range n * len(currencies) {
		c := currencies[i%len(currencies)]
		rows = append(rows, ledger.Posting{Source: ledger.OfItem, ID: int64(i + 1), Kind: ledger.Invoice, Number: fmt.Sprintf("INV-%d", 10_000+i),
			AccountID: 1, Account: "T-1", IssuedOn: h.On.Add(-130 + i), DueOn: h.On.Add(-100 + i), Currency: c, Amount: int64(500_000 + 7*i), Open: int64(100_000 + 7*i)})
	}
	s.divide(rows, currencies[0])
	return s.Sections
}

func pdfOf(t *testing.T, l Letter) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := l.PDF(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLetter(t *testing.T) {
	t.Parallel()
	h := heading("fr")
	text := pdftest.Text(t, pdfOf(t, Letter{Heading: h, Subject: "Rappel", Body: "Madame, Monsieur,\n\nvoici ce qui reste dû.\nMerci.",
		Items: sections(h, 3, "EUR", "JPY"), Pay: true}))
	for _, want := range []string{
		"Nordlys Finans AS", "Storgata 1", "0155 Oslo",
		"Nordlys Finans AS · Storgata 1 · 0155 Oslo Date 16/03/2026",
		"Łódź & Žluťoučký (Größe) \\ Ærø", "Příčná 12", "110 00 Praha", "TCHÉQUIE",
		"Numéro de client K-20417", "Téléphone +47 22 00 11 22", "Courriel post@nordlys.example",
		"\nRappel\n", "Madame, Monsieur,", "voici ce qui reste dû.\nMerci.",
		"Compte T-1 · EUR", "INV-10004 10/11/2025 10/12/2025 96 5 000,28 1 000,28",
		"Compte T-1 · JPY", "INV-10001 07/11/2025 07/12/2025 99 500 007 100 007",
		"EUR 3 000,42 3 000,42 0,00 3 000,42", "JPY 300 063 300 063 0 300 063",
		"Coordonnées de paiement", "IBAN NO93 8601 1117 947", "Merci d’indiquer votre numéro de client K-20417 lors de chaque paiement.",
		"Org. nr. 999 888 777", "Page 1 sur 1",
	} {
		if !strings.Contains("\n"+text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, text)
		}
	}
}

func TestLetterWithoutItemsOrLetterhead(t *testing.T) {
	t.Parallel()
	h := heading("da")
	h.Letterhead = Letterhead{}
	text := pdftest.Text(t, pdfOf(t, Letter{Heading: h, Subject: "Hej", Body: "Ring venligst.", Pay: true}))
	want := "Nordlys\nNordlys Dato 16.03.2026\nŁódź & Žluťoučký (Größe) \\ Ærø Kundenummer K-20417\nPříčná 12\n110 00 Praha\nTJEKKIET\nHej\nRing venligst.\nSide 1 af 1"
	if text != want {
		t.Errorf("the letter says\n%s\nwant\n%s", text, want)
	}
}

// A long letter goes on over pages that say whose it is, with the headings of the
// table on each.
func TestLongLetter(t *testing.T) {
	t.Parallel()
	h := heading("de")
	body := strings.Repeat("Ein Absatz, der über mehrere Zeilen geht, damit der Brief eine zweite Seite braucht, auf der die Tabelle beginnt.\n\n", 30)
	pages := pdftest.Pages(t, pdfOf(t, Letter{Heading: h, Subject: "Mahnung", Body: body, Items: sections(h, 150, "EUR")}))
	if len(pages) < 5 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		if want := fmt.Sprintf("Seite %d von %d", i+1, len(pages)); !strings.HasSuffix(page, want) {
			t.Errorf("page %d does not end with %q", i+1, want)
		}
		if i > 0 && !strings.HasPrefix(page, "Nordlys Finans AS · Mahnung Kundennummer K-20417 · 16.03.2026\n") {
			t.Errorf("page %d begins with %.100q", i+1, page)
		}
		if i > 1 && !strings.Contains(page, "Konto T-1 · EUR\n") {
			t.Errorf("page %d does not repeat the headings: %.300s", i+1, page)
		}
	}
	if n := strings.Count(strings.Join(pages, "\n"), "\nINV-"); n != 150 {
		t.Errorf("%d rows, want 150", n)
	}
}

// What people type cannot break a file.
func TestLetterTakesAnyText(t *testing.T) {
	t.Parallel()
	h := heading("en")
	odd := "(((\\))) %PDF ]>> endobj \r\n\t\x07 😀 עברית 日本 e\u0301 " + strings.Repeat("W", 700)
	h.Customer.Name, h.Customer.Number, h.Customer.Street, h.Customer.Country = odd, odd, strings.Repeat("street\n", 40), "??"
	h.Letterhead = Letterhead{Sender: odd, Address: odd, Bank: odd, Phone: odd, ReplyTo: odd, Footer: odd}
	items := sections(h, 2, "EUR")
	items[0].Account, items[0].Rows[0].Number = odd, odd
	items[0].Rows[1].Amount, items[0].Rows[1].Open = money.Max, money.Max
	text := pdftest.Text(t, pdfOf(t, Letter{Heading: h, Subject: odd, Body: odd, Items: items, Pay: true}))
	if n := strings.Count(text, "street"); n != 40 {
		t.Errorf("%d of 40 lines of the address are there", n)
	}
	for _, want := range []string{"(((\\))) %PDF ]>> endobj", "□ □□□□□ □□ é", "10,000,000,000,000.00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, text)
		}
	}
}

func TestSameLetterSameFile(t *testing.T) {
	t.Parallel()
	one := func() []byte {
		h := heading("cs")
		return pdfOf(t, Letter{Heading: h, Subject: "Upomínka", Body: "Русский Ελλάδα", Items: sections(h, 60, "CZK", "EUR"), Pay: true})
	}
	if a, b := one(), one(); !bytes.Equal(a, b) {
		t.Error("the same letter made two files")
	}
}

// The town stands where the post of the country looks for it.
func TestAddressLines(t *testing.T) {
	t.Parallel()
	for country, want := range map[string]string{
		"NO": "Acme|12 Road|0155 Town|County|NORWAY", "GB": "Acme|12 Road|Town|County|0155|UNITED KINGDOM", "US": "Acme|12 Road|Town County 0155|UNITED STATES",
	} {
		h := heading("en")
		h.Customer = customer.Customer{Name: "Acme", Street: "12 Road", PostalCode: "0155", City: "Town", Region: "County", Country: country}
		if got := strings.Join(h.AddressLines(), "|"); got != want {
			t.Errorf("%s: %s, want %s", country, got, want)
		}
	}
	h := heading("en")
	h.Customer = customer.Customer{Name: "Acme", City: "Town", Country: "US"}
	if got := strings.Join(h.AddressLines(), "|"); got != "Acme|Town|UNITED STATES" {
		t.Errorf("half an address: %s", got)
	}
}
