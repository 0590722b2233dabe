package messages

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
	"dunwell/web"
)

const notYours = "What this answers is not yours any more: a colleague took it, or it is not this customer’s. Nothing was sent, and what you typed is still here. Sent again, it goes out as a message of its own."

// answers reads the entry of the inbox that the message answers, by the way that it
// came, and what became of it since the form was made.
func (p *page) answers(r *http.Request, tx *tenant.Tx) (err error) {
	if p.Entry == 0 {
		return nil
	}
	p.Answered, err = inbox.Find(r.Context(), tx, p.Entry)
	if err != nil && !errors.Is(err, errs.NotFound) {
		return err
	}
	if err != nil || p.Answered.CustomerID != p.Customer.ID || p.Answered.ReceivedID == 0 || p.Answered.Channel != p.Channel {
		if r.Method == http.MethodGet {
			return errs.NotFound
		}
		p.Answered, p.Entry, p.Late = inbox.Entry{}, 0, notYours
		return nil
	}
	if web.Version(r) != p.Answered.Version {
		p.Late = web.AnsweredLate(p.Answered)
	}
	return nil
}

// answered ends what waited for the answer, and goes back to the inbox.
func (s screens) answered(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, p page) error {
	if _, err := inbox.Answered(r.Context(), tx, p.Customer.ID); err != nil {
		return err
	}
	if err := s.app.CountInbox(r.Context(), tx); err != nil {
		return err
	}
	said := "The answer is on its way."
	if p.Held != "" {
		said = "The answer is held: nothing that sends it is set up here yet."
	}
	return web.SeeOther(w, r, p.Back, said)
}

func (p page) answeredWords() string {
	if p.Answered.Subject == "" {
		return "what " + p.Answered.Shown() + " wrote"
	}
	return "“" + p.Answered.Subject + "” of " + p.Answered.Shown()
}

// cancel leads back to where the form was opened.
func (p page) cancel() templ.SafeURL {
	if p.Answered.ID != 0 {
		return templ.URL(p.Back)
	}
	return customerURL(p.Customer.ID, "")
}
