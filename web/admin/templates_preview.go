package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dunwell/internal/language"
	"dunwell/internal/message"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// previewTemplate shows what was typed, filled, above the form.
func previewTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadTemplate(r, tx)
	if err != nil {
		return err
	}
	p.typed(r)
	return previewOf(w, r, tx, p)
}

// previewOf fills the text of the language. What cannot be filled stands beside
// its field.
func previewOf(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, p templatePage) error {
	p.Customer, p.Language = strings.TrimSpace(r.FormValue("customer")), r.FormValue("language")
	if !slices.Contains(language.Codes, p.Language) {
		p.Language = "en"
	}
	var err error
	if p.ForID, p.For, err = whoFor(r.Context(), tx, p.Customer); err != nil {
		return err
	}
	p.Errors.Check(p.Customer == "" || p.ForID != 0, "customer", "No customer fits this. Give a number, or a part of a name.")
	x := p.Texts[p.Language]
	p.Errors.Check(x.Body != "", "body_"+p.Language, "There is no text in this language yet.")
	if len(p.Errors) == 0 {
		subject, body, err := message.ForPreview(r.Context(), tx, message.Text{Language: p.Language, Subject: x.Subject, Body: x.Body}, p.ForID)
		if err != nil && !errors.As(err, new(template.Refusal)) {
			return err
		}
		p.Errors.Check(err == nil, "body_"+p.Language, fmt.Sprint(err))
		p.Preview = &message.Words{Subject: subject, Body: body}
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status, p.Preview = http.StatusUnprocessableEntity, nil
	}
	return web.Render(w, r, status, templateScreen(p))
}
