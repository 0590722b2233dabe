// Package hooks answers the provider of SMS and calls, which says here what came in
// and what became of things. It believes nothing that the provider has not signed,
// and decides nothing: the domains do. Nobody is signed in here.
package hooks

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/activity"
	"dunwell/internal/errs"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// Routes are this area's. They stand outside sessions.
func Routes(r chi.Router, app *web.App) {
	h := hooks{app}
	r.Post("/hooks/twilio/sms/{token}", h.sms)
	r.Post("/hooks/twilio/status/{token}", h.status)
	r.Post("/hooks/twilio/connect/{token}", h.connect)
	r.Post("/hooks/twilio/call/{token}", h.leg(activity.HookOurs, activity.Ours))
	r.Post("/hooks/twilio/customer/{token}", h.leg(activity.HookTheirs, activity.Theirs))
}

// hooks are the handlers, with what they need.
type hooks struct{ app *web.App }

// maxForm is the largest request that is read.
const maxForm = 64 << 10

// call is a request that the company's provider signed.
type call struct {
	Settings provider.Settings
	Form     map[string]string
}

// nothing is an answer that asks the provider to do nothing.
const nothing = "<Response/>"

// signed reads a request to the company's address, and works it in a transaction of
// the company where the provider signed it. What work returns is TwiML.
func (h hooks) signed(w http.ResponseWriter, r *http.Request, tenantID int64, work func(tx *tenant.Tx, c call) (string, error)) {
	form, ok := read(w, r)
	if !ok {
		http.Error(w, "This is no form.", http.StatusBadRequest)
		return
	}
	box := h.app.Outbox
	address := strings.TrimSuffix(box.URL, "/") + r.URL.RequestURI()
	twiml := nothing
	err := h.app.DB.Write(r.Context(), tenant.System(tenantID), func(tx *tenant.Tx) error {
		s, err := provider.Signed(r.Context(), tx, box.Secrets, address, form, r.Header.Get("X-Twilio-Signature"))
		if err == nil {
			twiml, err = work(tx, call{s, form})
		}
		return err
	})
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write([]byte(twiml))
}

// read reads a form. Of a field that comes twice the first counts, as it does for the
// signature.
func read(w http.ResponseWriter, r *http.Request) (map[string]string, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, false
	}
	form := make(map[string]string, len(r.PostForm))
	for name, values := range r.PostForm {
		if !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) {
			return nil, false
		}
		form[name] = values[0]
	}
	return form, true
}

// refuse answers the provider, whose console shows the sentence.
func (h hooks) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var (
		forbidden errs.Forbidden
		conflict  errs.Conflict
	)
	switch {
	case errors.Is(err, errs.NotFound):
		http.Error(w, "There is no such address.", http.StatusNotFound)
	case errors.As(err, &forbidden):
		h.app.Log.WarnContext(r.Context(), "a callback was refused", "why", string(forbidden))
		http.Error(w, string(forbidden), http.StatusForbidden)
	case errors.As(err, &conflict):
		h.app.Log.WarnContext(r.Context(), "a callback was refused", "why", string(conflict))
		http.Error(w, string(conflict), http.StatusConflict)
	default:
		h.app.Log.ErrorContext(r.Context(), "callback failed", "err", err)
		http.Error(w, "This could not be taken in. Send it again.", http.StatusInternalServerError)
	}
}
