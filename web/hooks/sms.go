package hooks

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
)

// sms takes an SMS in.
func (h hooks) sms(w http.ResponseWriter, r *http.Request) {
	tenantID, err := h.app.Outbox.IncomingOf(chi.URLParam(r, "token"))
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.signed(w, r, tenantID, func(tx *tenant.Tx, c call) (string, error) {
		if to := c.Form["To"]; to == "" || to != c.Settings.SMSFrom && to != c.Settings.CallFrom {
			return "", errs.Forbidden("This number is not the company’s. Give the number that SMS come from under Admin, Telephone and SMS, or correct the address at the provider.")
		}
		return nothing, h.app.Outbox.ReceiveSMS(r.Context(), tx, incoming(tx, c))
	})
}

// incoming is the SMS of a request.
func incoming(tx *tenant.Tx, c call) message.In {
	in := message.In{ProviderID: c.Form["MessageSid"], From: c.Form["From"], To: c.Form["To"], Body: c.Form["Body"], At: tx.Now}
	n, _ := strconv.Atoi(c.Form["NumMedia"]) // what is no number has none
	for i := range min(n, 10) {
		in.Pictures = append(in.Pictures, c.Form[fmt.Sprintf("MediaUrl%d", i)])
	}
	switch c.Form["OptOutType"] {
	case "STOP":
		in.Kind = inbox.Stop
	case "START":
		in.Kind = inbox.Start
	}
	return in
}

// states are the provider's words for what became of an SMS. Others say nothing new.
var states = map[string]message.State{
	"accepted": message.Sent, "scheduled": message.Sent, "queued": message.Sent, "sending": message.Sent, "sent": message.Sent,
	"delivered": message.Delivered, "read": message.Delivered,
	"undelivered": message.Failed, "failed": message.Failed, "canceled": message.Failed,
}

// status hears what became of an SMS.
func (h hooks) status(w http.ResponseWriter, r *http.Request) {
	tenantID, id, attempt, err := h.app.Outbox.StatusOf(chi.URLParam(r, "token"))
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.signed(w, r, tenantID, func(tx *tenant.Tx, c call) (string, error) {
		state, known := states[c.Form["MessageStatus"]]
		if !known {
			return nothing, nil
		}
		p := message.Progress{MessageID: id, Attempt: attempt, ProviderID: c.Form["MessageSid"], To: c.Form["To"], State: state}
		if state == message.Failed {
			p.Words = provider.Why(c.Form["ErrorCode"])
			p.Code, _ = strconv.Atoi(c.Form["ErrorCode"]) // what is no number is none
		}
		return nothing, message.Report(r.Context(), tx, p)
	})
}
