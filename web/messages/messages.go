// Package messages has the screens on which customers are written to, the messages
// as they were sent, and the outbox. What may be sent, and when, the domains say.
package messages

import (
	"fmt"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/message"
	"dunwell/web"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	s := screens{app, app.Outbox}
	r.Get("/customers/{customer}/messages/new", app.In(s.compose))
	r.Post("/customers/{customer}/messages/draft", app.In(s.draft))
	r.Post("/customers/{customer}/messages/preview", app.In(s.preview))
	r.Post("/customers/{customer}/messages", app.In(s.send))
	r.Get("/customers/{customer}/messages/{message}", app.In(show))
	r.Get("/outbox", app.In(s.outbox))
	r.Post("/outbox/retry", app.In(s.retry))
	r.Post("/outbox/discard", app.In(s.discard))
	r.Get("/outbox/{message}", app.In(s.showInOutbox))
	r.Post("/outbox/{message}/decision", app.In(s.decide))
}

// screens are those that need the outbox.
type screens struct {
	app *web.App
	box *message.Outbox
}

func customerURL(id int64, path string) templ.SafeURL {
	return templ.URL(fmt.Sprintf("/customers/%d%s", id, path))
}

func outboxURL(m message.Message) templ.SafeURL { return templ.URL(fmt.Sprintf("/outbox/%d", m.ID)) }

// noun is what goes by the channel.
func noun(c customer.Channel) string {
	switch c {
	case customer.Letter:
		return "letter"
	case customer.SMS:
		return "SMS"
	}
	return "e-mail"
}
