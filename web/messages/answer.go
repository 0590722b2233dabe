package messages

import (
	"net/http"

	"github.com/a-h/templ"

	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// answers reads the entry of the inbox that the message answers, by the way that it
// came, and what became of it since the form was made.
func (p *page) answers(r *http.Request, tx *tenant.Tx) (err error) {
	if p.Entry == 0 {
		return nil
	}
	if p.Answered, err = inbox.Find(r.Context(), tx, p.Entry); err != nil {
		return err
	}
	if p.Answered.CustomerID != p.Customer.ID || p.Answered.ReceivedID == 0 || p.Answered.Channel != p.Channel {
		return errs.NotFound
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
