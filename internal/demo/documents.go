package demo

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"dunwell/internal/document"
)

// copied is how many of the first customers in arrears have a copy of their
// oldest invoice.
const copied = 6

// remark is what one of them wrote, kept as it came.
const remark = `From: Accounts payable
Subject: Your reminder

Please send a copy of the delivery note with the invoice. We pay with the next
run as soon as the goods receipt has been found.
`

// documents gives the first customers in arrears a copy of what they owe
// longest, and one of them a message that came in. Without a store there are
// none.
func (l *loader) documents(ctx context.Context) error {
	if l.options.Blobs == nil {
		return nil
	}
	n := 0
	for c := range Generate(l.options) {
		it := c.overdue(l.options.Today)
		if it == nil || c.Owner == "" {
			continue
		}
		if err := l.document(ctx, c, it.Number, it.Number+".pdf", invoice(c, *it)); err != nil {
			return err
		}
		if n++; n == 1 {
			if err := l.document(ctx, c, "", "Question about the reminder.txt", []byte(remark)); err != nil {
				return err
			}
		}
		if n == copied {
			break
		}
	}
	return nil
}

// document is brought in by who works the customer.
func (l *loader) document(ctx context.Context, c Customer, item, name string, content []byte) error {
	defer l.as(l.members[c.Owner], c.owner())()
	_, err := document.Upload(ctx, l.tx, l.options.Blobs, l.idOf(c), item, []document.File{{Name: name, Content: bytes.NewReader(content)}})
	if err != nil {
		return fmt.Errorf("documents of %s: %w", c.Name, err)
	}
	return nil
}

// invoice is one page; its letters are those of Western Europe.
func invoice(c Customer, it Item) []byte {
	pdf := fpdf.New("P", "mm", "A4", "")
	letters := pdf.UnicodeTranslatorFromDescriptor("")
	pdf.SetTitle(it.Number, true)
	pdf.SetMargins(25, 25, 25)
	pdf.AddPage()
	pdf.SetFont("Helvetica", "B", 16)
	pdf.Cell(0, 12, letters(strings.ReplaceAll(it.Kind, "_", " ")+" "+it.Number))
	pdf.Ln(16)
	pdf.SetFont("Helvetica", "", 11)
	for _, line := range []string{c.Name, c.Street, c.PostalCode + " " + c.City, "", "Issued " + it.IssuedOn.String(), "Due " + it.DueOn.String(), "Amount " + it.Amount.String()} {
		pdf.Cell(0, 7, letters(line))
		pdf.Ln(7)
	}
	var b bytes.Buffer
	_ = pdf.Output(&b) // nothing fails in memory
	return b.Bytes()
}
