package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/language"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// templatePage is one template with its form, or the form of a new one.
type templatePage struct {
	Template message.Template // the zero one is new
	Channel  customer.Channel
	Name     string // as typed
	Demands  bool
	Texts    map[string]message.Words
	Version  int
	Edit     bool
	Moved    []message.Text // what somebody else saved meanwhile; nil: nobody did
	Errors   errs.Invalid

	Customer string // that the preview is for, as typed
	Language string // that it is in
	For      string // who that is
	ForID    int64  // 0: a made-up customer
	Preview  *message.Words
}

func templates(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := message.AllTemplates(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, templatesScreen(list, message.CanSetTemplates(tx.Actor)))
}

// newTemplate is the empty form.
func newTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !message.CanSetTemplates(tx.Actor) {
		return errs.Forbidden("Only administrators add templates. Ask one of yours.")
	}
	p := templatePage{Channel: customer.Mail, Texts: map[string]message.Words{}, Edit: true}
	return web.Render(w, r, http.StatusOK, templateScreen(p))
}

// showTemplate shows a template, and its preview for the customer and in the
// language that the address names.
func showTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadTemplate(r, tx)
	if err != nil {
		return err
	}
	if r.Form.Has("language") {
		return previewOf(w, r, tx, p)
	}
	return web.Render(w, r, http.StatusOK, templateScreen(p))
}

// loadTemplate reads the template of the address as it stands; the zero one where
// the address names none.
func loadTemplate(r *http.Request, tx *tenant.Tx) (p templatePage, err error) {
	p.Edit, p.Texts = message.CanSetTemplates(tx.Actor), map[string]message.Words{}
	if chi.URLParam(r, "template") == "" {
		return p, nil
	}
	if p.Template, err = message.FindTemplate(r.Context(), tx, web.ID(r, "template")); err != nil {
		return p, err
	}
	texts, err := message.TextsOf(r.Context(), tx, p.Template.ID)
	for _, x := range texts {
		p.Texts[x.Language] = message.Words{Subject: x.Subject, Body: x.Body}
	}
	p.Channel, p.Name, p.Demands, p.Version = p.Template.Channel, p.Template.Name, p.Template.Demands, p.Template.Version
	return p, err
}

// typed takes what was typed in the place of what stands there.
func (p *templatePage) typed(r *http.Request) {
	p.Name, p.Demands = r.PostFormValue("name"), r.PostFormValue("demands") == "on"
	if p.Template.ID == 0 {
		p.Channel = customer.Channel(r.PostFormValue("channel"))
	}
	p.Version = web.Version(r)
	for _, code := range language.Codes {
		p.Texts[code] = message.Words{Subject: r.PostFormValue("subject_" + code), Body: r.PostFormValue("body_" + code)}
	}
}

func (p templatePage) wording() message.Wording {
	return message.Wording{Name: p.Name, Demands: p.Demands, Texts: p.Texts}
}

func addTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadTemplate(r, tx)
	if err != nil {
		return err
	}
	p.typed(r)
	_, err = message.AddTemplate(r.Context(), tx, p.Channel, p.wording())
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, templateScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/templates", "The template is added. People can pick it now.")
}

func changeTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadTemplate(r, tx)
	if err != nil {
		return err
	}
	stands, err := message.TextsOf(r.Context(), tx, p.Template.ID)
	if err != nil {
		return err
	}
	p.typed(r)
	err = message.ChangeTemplate(r.Context(), tx, p.Template.ID, p.Version, p.wording())
	switch {
	case err == nil:
		return web.SeeOther(w, r, "/admin/templates", "The template is saved. What was made of it before stays as it was sent.")
	case errors.As(err, &p.Errors):
		return web.Render(w, r, http.StatusUnprocessableEntity, templateScreen(p))
	case !errors.As(err, new(errs.Conflict)):
		return err
	}
	p.Version = p.Template.Version
	for _, x := range stands { // only where theirs differs from what was typed
		if p.Texts[x.Language] != (message.Words{Subject: x.Subject, Body: x.Body}) {
			p.Moved = append(p.Moved, x)
		}
	}
	if p.Moved == nil {
		p.Moved = []message.Text{}
	}
	return web.Render(w, r, http.StatusConflict, templateScreen(p))
}

func retireTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setTemplate(w, r, tx, message.RetireTemplate, "The template is retired: nobody picks it any more. What was made of it stays.")
}

func takeBackTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return setTemplate(w, r, tx, message.TakeBackTemplate, "The template is in use again.")
}

func setTemplate(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, set func(context.Context, *tenant.Tx, int64) error, said string) error {
	if err := set(r.Context(), tx, web.ID(r, "template")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/admin/templates", said)
}

// whoFor finds the customer that was typed, else the one with the most overdue; 0
// where there is none.
func whoFor(ctx context.Context, tx *tenant.Tx, typed string) (id int64, name string, err error) {
	if typed == "" {
		list, err := customer.List(ctx, tx, customer.Filter{Sort: customer.ByOverdue, Currency: tx.Actor.Tenant.Currency, Limit: 1})
		for _, c := range list {
			id, name = c.ID, c.Name
		}
		return id, cmp.Or(name, "a made-up customer"), err
	}
	hits, err := customer.Search(ctx, tx, typed, 20)
	for _, h := range hits {
		if id == 0 || strings.EqualFold(h.Number, typed) {
			id, name = h.ID, h.Name
		}
	}
	return id, name, err
}

func (p templatePage) title() string { return cmp.Or(p.Template.Name, "New template") }

// url is where the form is sent.
func (p templatePage) url(path string) string {
	if p.Template.ID == 0 {
		return "/admin/templates" + path
	}
	return templateURL(p.Template.ID) + path
}

func templateURL(id int64) string { return fmt.Sprintf("/admin/templates/%d", id) }

func sentByOptions() (options []ui.Option) {
	for _, c := range message.Channels {
		options = append(options, ui.Option{Value: string(c), Label: channelName(c)})
	}
	return options
}

func channelName(c customer.Channel) string {
	switch c {
	case customer.Mail:
		return "E-mail"
	case customer.Letter:
		return "Letter"
	}
	return "SMS"
}

// missing names the languages without a text: "Czech, French".
func missing(t message.Template) string {
	var names []string
	for _, code := range t.Missing() {
		names = append(names, tenant.Languages[code])
	}
	return strings.Join(names, ", ")
}

func previewLanguages() (options []ui.Option) {
	for _, code := range language.Codes {
		options = append(options, ui.Option{Value: code, Label: tenant.Languages[code]})
	}
	return options
}

func onIf(b bool) string {
	if b {
		return "on"
	}
	return ""
}
