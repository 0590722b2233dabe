package ui

import (
	"github.com/a-h/templ"

	"dunwell/internal/message"
)

// MessageState shows how far a message got.
func MessageState(s message.State) templ.Component {
	switch s {
	case message.Sent, message.Delivered, message.Opened:
		return ChipIcon("ok", "check", string(s))
	case message.Failed, message.Bounced:
		return ChipIcon("overdue", "alert-triangle", string(s))
	case message.Unknown:
		return ChipIcon("warn", "alert-triangle", "not known whether it went out")
	case message.Held:
		return ChipIcon("warn", "clock", "held")
	}
	return ChipIcon("off", "clock", string(s))
}
