package message

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/language"
	"dunwell/internal/statement"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

// Choice says what a text is filled with, and for whom.
type Choice struct {
	CustomerID int64
	TemplateID int64
	PointID    int64   // of the person who is written to; 0: nobody in particular
	Language   string  // empty: the customer's
	Items      []int64 // that it is about; empty: those that may be asked for
	PayBy      day.Day // the deadline that it gives; zero: none
	Level      int     // of dunning, by its number; 0: none
	LevelName  string
	Promise    template.Promise // that it confirms; its zero: none
}

// Filled is a text with everything in its place, for a person to look over.
type Filled struct {
	Template Template
	TextID   int64
	Language string // that it is in
	// Fallback tells that the template has no text in the language that was asked
	// for, so that all of it is in another one.
	Fallback      bool
	Subject, Body string
}

// Fill fills a template for a customer, in one language from its first word to
// its last: the one asked for, else the customer's, the company's, English.
func Fill(ctx context.Context, tx *tenant.Tx, c Choice) (Filled, error) {
	h, err := statement.HeadingOf(ctx, tx, c.CustomerID, c.Language)
	if err != nil {
		return Filled{}, err
	}
	t, err := FindTemplate(ctx, tx, c.TemplateID)
	if err != nil {
		return Filled{}, err
	}
	if t.RetiredAt != nil {
		return Filled{}, errs.Invalid{"template": fmt.Sprintf("The template %s is no longer in use. Choose another one.", t.Name)}
	}
	texts, err := TextsOf(ctx, tx, t.ID)
	if err != nil {
		return Filled{}, err
	}
	text, err := Choose(texts, h.Language.Code, h.Customer.Language, tx.Actor.Tenant.Language)
	if err != nil {
		return Filled{}, errs.Invalid{"template": fmt.Sprintf("The template %s has no text in %s or English. Choose another one, or have an administrator write it.", t.Name, tenant.Languages[h.Language.Code])}
	}
	r := template.Reader{Language: language.Of(text.Language), Items: c.Items, PayBy: c.PayBy, Level: c.Level, LevelName: c.LevelName, Promise: c.Promise, Sender: sender(h)}
	if c.PointID != 0 {
		p, err := customer.FindPoint(ctx, tx, c.CustomerID, c.PointID)
		if err != nil {
			return Filled{}, err
		}
		r.Person = p.Person
	}
	values, err := template.For(ctx, tx, c.CustomerID, r)
	if err != nil {
		return Filled{}, err
	}
	f := Filled{Template: t, TextID: text.ID, Language: text.Language, Fallback: text.Language != h.Language.Code}
	f.Subject, f.Body, err = text.With(ctx, values)
	if t.Channel == customer.SMS {
		f.Body = spaces.Replace(f.Body)
	}
	var no template.Refusal
	if errors.As(err, &no) {
		return f, errs.Invalid{"template": fmt.Sprintf("The template %s cannot be filled. An administrator can correct it: %s", t.Name, no)}
	}
	return f, err
}

// With fills subject and body with the values. What cannot be filled is answered
// with a template.Refusal.
func (x Text) With(ctx context.Context, v template.Values) (subject, body string, err error) {
	for _, part := range []struct {
		src string
		out *string
	}{{x.Subject, &subject}, {x.Body, &body}} {
		text, err := template.Parse(part.src)
		if err != nil {
			return "", "", err
		}
		if *part.out, err = text.Fill(ctx, v); err != nil {
			return "", "", err
		}
	}
	return strings.Join(strings.Fields(subject), " "), strings.TrimSpace(body), nil
}

func sender(h statement.Heading) template.Sender {
	return template.Sender{Name: h.Sender(), Address: h.Letterhead.Address, Bank: h.Letterhead.Bank, Phone: h.Letterhead.Phone, Email: h.Letterhead.ReplyTo}
}

// Signed is the body of an e-mail with the letterhead below it, as it goes out.
func Signed(h statement.Heading, body string) string {
	l := h.Letterhead
	block := []string{h.Sender()}
	for _, part := range []string{l.Address, l.Phone, l.ReplyTo, l.Footer} {
		if part != "" {
			block = append(block, part)
		}
	}
	return body + "\n\n-- \n" + strings.Join(block, "\n")
}

// ForPreview fills a text that is being written: with the values of that customer,
// or of a made-up one where the id is 0.
func ForPreview(ctx context.Context, tx *tenant.Tx, x Text, customerID int64) (subject, body string, err error) {
	values := template.Example()
	if customerID != 0 {
		h, err := statement.HeadingOf(ctx, tx, customerID, x.Language)
		if err != nil {
			return "", "", err
		}
		care, err := customer.CareOf(ctx, tx, customerID)
		if err != nil {
			return "", "", err
		}
		r := template.Reader{Language: language.Of(x.Language), Sender: sender(h)}
		if p := cmp.Or(care.First(customer.Email), care.First(customer.Phone)); p != nil {
			r.Person = p.Person
		}
		if values, err = template.For(ctx, tx, customerID, r); err != nil {
			return "", "", err
		}
	}
	return x.With(ctx, values)
}
