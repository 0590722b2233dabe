package hooks

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/activity"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// response is what the provider is asked to do with a call, in TwiML.
type response struct {
	XMLName xml.Name `xml:"Response"`
	Gather  *gather
	Dial    *dial
	Hangup  *struct{}
}

// gather waits for a key: whoever picks up has to be there. A voice mailbox that
// takes the call presses none, and the customer is not connected to it.
type gather struct {
	Action  string `xml:"action,attr"`
	Digits  int    `xml:"numDigits,attr"`
	Timeout int    `xml:"timeout,attr"`
	Say     string // it names nobody: who knows who listens
}

// dial rings the customer; our end hears it ring until it is answered.
type dial struct {
	CallerID string `xml:"callerId,attr"`
	Bridge   bool   `xml:"answerOnBridge,attr"`
	Timeout  int    `xml:"timeout,attr"`
	Number   struct {
		Callback string `xml:"statusCallback,attr"`
		Events   string `xml:"statusCallbackEvent,attr"`
		Number   string `xml:",chardata"`
	}
}

// connect is asked once our end has picked up: first for a key, then, with it, for
// the customer's number. Once a call is over nobody is rung any more.
func (h hooks) connect(w http.ResponseWriter, r *http.Request) {
	board := activity.Switchboard{Box: h.app.Outbox}
	tenantID, id, err := board.CallOf(activity.HookConnect, chi.URLParam(r, "token"))
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.signed(w, r, tenantID, func(tx *tenant.Tx, c call) (string, error) {
		number, err := activity.Onward(r.Context(), tx, id)
		digits, pressed := c.Form["Digits"]
		switch {
		case errors.Is(err, errs.NotFound), pressed && digits != "1", c.Settings.CallFrom == "":
			return twiml(response{Hangup: new(struct{})})
		case err != nil:
			return "", err
		case !pressed:
			again, err := board.Hook(tenantID, id, activity.HookConnect)
			if err != nil {
				return "", err
			}
			return twiml(response{Gather: &gather{Action: again, Digits: 1, Timeout: 10, Say: "Press 1 to be connected."}, Hangup: new(struct{})})
		}
		d := dial{CallerID: c.Settings.CallFrom, Bridge: true, Timeout: 45}
		d.Number.Number, d.Number.Events = number, "ringing answered completed"
		d.Number.Callback, err = board.Hook(tenantID, id, activity.HookTheirs)
		if err != nil {
			return "", err
		}
		return twiml(response{Dial: &d})
	})
}

func twiml(r response) (string, error) {
	b, err := xml.Marshal(r)
	return xml.Header + string(b), err
}

// heard are the provider's words for how an end of a call goes. Others say nothing
// new.
var heard = map[string]activity.Heard{
	"ringing": activity.Ringing, "in-progress": activity.Answered, "completed": activity.Completed, "busy": activity.Busy,
	"no-answer": activity.NoAnswer, "canceled": activity.Cancelled, "failed": activity.Failed,
}

// leg hears how an end of a call goes.
func (h hooks) leg(hook string, leg activity.Leg) http.HandlerFunc {
	board := activity.Switchboard{Box: h.app.Outbox}
	return func(w http.ResponseWriter, r *http.Request) {
		tenantID, id, err := board.CallOf(hook, chi.URLParam(r, "token"))
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		h.signed(w, r, tenantID, func(tx *tenant.Tx, c call) (string, error) {
			s := activity.Signal{CallID: id, Leg: leg, ID: c.Form["CallSid"], Heard: heard[c.Form["CallStatus"]]}
			if leg == activity.Theirs {
				s.ID = c.Form["ParentCallSid"]
			}
			if s.Heard == "" {
				return nothing, nil
			}
			if s.Heard == activity.Completed {
				s.Seconds, _ = strconv.Atoi(c.Form["CallDuration"]) // what is no number is not known
			}
			_, err := activity.Hear(r.Context(), tx, s)
			return nothing, err
		})
	}
}
