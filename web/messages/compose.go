package messages

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"dunwell/internal/cases"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// compose opens the form. The address may name the channel, the person, the
// template, the language and the items that it is about.
func (s screens) compose(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx, typed(r.URL.Query()))
	if err != nil {
		return err
	}
	p.copiesTicked()
	if p.Answered.ID != 0 && p.Channel == customer.Mail {
		p.Subject = cmp.Or(p.Subject, message.Re(p.Answered.Subject))
	}
	p.Statement = p.Statement || p.Channel == customer.Letter && len(p.Items) == 0
	return s.filled(w, r, tx, p)
}

// draft fills the form with the text of the template that was chosen.
func (s screens) draft(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx, typed(r.PostForm))
	if err != nil {
		return err
	}
	return s.filled(w, r, tx, p)
}

func (s screens) filled(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, p page) error {
	status := http.StatusOK
	err := p.fill(r, tx)
	if errors.As(err, &p.Errors) {
		status, err = http.StatusUnprocessableEntity, nil
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, status, composeScreen(p))
}

// preview shows the message as it would go out, with the form below.
func (s screens) preview(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.load(r, tx, typed(r.PostForm))
	if err != nil {
		return err
	}
	if err := p.asItGoesOut(r, tx); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, composeScreen(p))
}

// send sends it, or shows it again with what stands in the way.
func (s screens) send(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	f := typed(r.PostForm)
	if f.Entry != 0 {
		if err := inbox.Hold(r.Context(), tx, f.Entry); err != nil && !errors.Is(err, errs.NotFound) { // load says so
			return err
		}
	}
	p, err := s.load(r, tx, f)
	if err != nil {
		return err
	}
	if p.Late != "" {
		return web.Render(w, r, http.StatusConflict, composeScreen(p))
	}
	id, err := s.box.Send(r.Context(), tx, p.message())
	var no errs.Forbidden
	switch {
	case err == nil:
	case errors.As(err, &no) && p.Channel != customer.Letter:
		p.Errors = errs.Invalid{"point": string(no)}
	case errors.As(err, &no):
		p.Errors = errs.Invalid{"": string(no)}
	case !errors.As(err, &p.Errors):
		return err
	}
	if err != nil {
		return web.Render(w, r, http.StatusUnprocessableEntity, composeScreen(p))
	}
	if p.Answered.ID != 0 {
		return s.answered(w, r, tx, p)
	}
	to := fmt.Sprintf("/customers/%d", p.Customer.ID)
	if p.Case != 0 {
		if err := cases.Attach(r.Context(), tx, p.Case, id); err != nil {
			return err
		}
		to = fmt.Sprintf("/cases/%d", p.Case)
	}
	switch {
	case p.Channel == customer.Letter:
		return web.SeeOther(w, r, fmt.Sprintf("/customers/%d/messages/%d", p.Customer.ID, id), "The letter is made and kept. Open it to print it.")
	case p.Channel == customer.SMS && p.Held != "":
		return web.SeeOther(w, r, to, "The SMS is held. "+p.Held+" A manager sends it on from the outbox then.")
	case p.Channel == customer.SMS && p.Case == 0:
		return web.SeeOther(w, r, to+"/collections?show=sms#activities", "The SMS is on its way. Whether it arrived stands with it.")
	case p.Held != "":
		return web.SeeOther(w, r, to, "The e-mail is held: no mail server is set up here yet. A manager sends it on from the outbox once there is one.")
	}
	return web.SeeOther(w, r, to, "The "+noun(p.Channel)+" is on its way. Whether it arrived stands in the notes.")
}

// show shows a message to the customer as it was sent.
func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	d, err := message.Find(r.Context(), tx, web.ID(r, "customer"), web.ID(r, "message"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, messageScreen(d))
}
