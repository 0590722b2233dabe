package inbox

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/note"
	"dunwell/web/ui"
)

// everybody is what the filter without a choice shows.
func everybody(ctx context.Context) string {
	if inbox.SeesAll(*ui.PageOf(ctx).Actor) {
		return "Everybody’s"
	}
	return "All I see"
}

// sender is the customer that an entry is of, else who wrote.
func sender(e inbox.Entry) string {
	switch {
	case e.Customer != "":
		return e.Customer
	case e.ReceivedID != 0:
		return e.Shown()
	case e.To != "":
		return e.To
	}
	return "Somebody"
}

// beside stands below the sender: who wrote for a customer, or where it was to go.
func beside(e inbox.Entry) string {
	switch {
	case e.CustomerID == 0:
		return e.Channel.Name()
	case e.ReceivedID == 0 && e.To == "": // a resolver's answer by the link
		return e.Number
	case e.ReceivedID == 0:
		return "to " + e.To
	case e.Shown() == "":
		return e.Number
	}
	return e.Shown()
}

// excerpt is the beginning of what was said, or what happened to a message.
func excerpt(e inbox.Entry) string {
	text := e.Body
	if e.State == inbox.Handled {
		text = e.Outcome
	} else if e.ReceivedID == 0 && e.Why != "" {
		text = e.Why
	}
	return note.Cut(strings.Join(strings.Fields(text), " "), 180, "…")
}

// several is how entries of a kind are called together.
func several(k inbox.Kind) string {
	switch k {
	case inbox.Reply:
		return "replies"
	case inbox.Stranger:
		return "unknown senders"
	case inbox.Answer:
		return "resolvers’ answers"
	case inbox.Bounce:
		return "came back"
	case inbox.Failed:
		return "not sent"
	}
	return "perhaps sent"
}

// red are those of messages that did not arrive.
func red(k inbox.Kind) bool { return k == inbox.Bounce || k == inbox.Failed }

// kindChip is the kind, and of what came in from a machine or as an opt-out that.
func kindChip(e inbox.Entry) templ.Component {
	kind := e.Kind
	if e.Came == inbox.Automatic || e.Came == inbox.Stop || e.Came == inbox.Start {
		kind = e.Came
	}
	switch kind {
	case inbox.Bounce, inbox.Failed:
		return ui.ChipIcon("late", "alert-triangle", kind.Name())
	case inbox.Unknown, inbox.Stranger:
		return ui.ChipIcon("warn", "alert-triangle", kind.Name())
	case inbox.Stop:
		return ui.ChipIcon("warn", "ban", kind.Name())
	}
	icon := "mail"
	if e.Channel == "sms" {
		icon = "message"
	}
	return ui.ChipIcon("", icon, kind.Name())
}

// matched says who named the customer.
func (p work) matched() string {
	if p.Matching.Member == "" {
		return "Somebody said whose it is."
	}
	return p.Matching.Member + " said whose it is."
}

// field is the id of a control of the entry: several may stand on a page.
func (p work) field(name string) string {
	if p.Page {
		return "field-" + name
	}
	return fmt.Sprintf("entry-%d-%s", p.ID, name)
}

// here is where the forms that keep the place come back to.
func (p work) here() string {
	if p.Page {
		return path(p.ID)
	}
	return p.Back
}

// quick are outcomes that are said often.
func (p work) quick() []string {
	switch {
	case p.ReceivedID == 0, p.Came == inbox.Bounce:
		return []string{"Nothing more to do."}
	case p.CustomerID == 0:
		return []string{"Not for us."}
	}
	return []string{"No answer is needed.", "Called them."}
}

func (p work) answerHint() string {
	hint := "It ends what waits for an answer."
	if !p.Ready {
		hint = "Nothing that sends it is set up here yet: it is held."
	}
	if p.Channel == customer.SMS {
		return hint + " " + fmt.Sprint(message.MaxParts) + " SMS at most."
	}
	return hint
}

// keepable is the number or address that it came from, where a customer can have it;
// else it is empty.
func (p work) keepable() string {
	sender, err := p.Sender()
	if err != nil {
		return ""
	}
	return customer.ContactPoint{Kind: sender.Kind, Value: sender.Value}.Shown()
}

// composeURL leads to the form with all that can go with a message; it answers what came in.
func (p work) composeURL() templ.SafeURL {
	q := url.Values{"channel": {string(p.Channel)}}
	if p.ReceivedID != 0 && p.Came != inbox.Bounce && p.point() != 0 {
		q.Set("point", fmt.Sprint(p.point()))
		q.Set("entry", fmt.Sprint(p.ID))
		q.Set("version", fmt.Sprint(p.Version))
		q.Set("back", p.Back)
	}
	return templ.URL(fmt.Sprintf("/customers/%d/messages/new?%s", p.CustomerID, q.Encode()))
}

// pointOptions are the addresses that an answer may go to.
func (p work) pointOptions() []ui.Option {
	options := make([]ui.Option, len(p.Points))
	for i, c := range p.Points {
		label := c.Shown()
		if c.Person != "" {
			label = c.Person + ", " + label
		}
		options[i] = ui.Option{Value: fmt.Sprint(c.ID), Label: label}
	}
	return options
}

func fileURL(entry int64, d document.Document) templ.SafeURL {
	return templ.URL(fmt.Sprintf("%s/documents/%d", path(entry), d.ID))
}
