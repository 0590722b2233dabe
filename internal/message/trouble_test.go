package message_test

import (
	"fmt"
	"testing"

	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// What did not get out is an entry of the inbox, once, until the trouble is over.
func TestTroubleIsInTheInbox(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	list := func(state inbox.State) (all []inbox.Entry) {
		t.Helper()
		b.read(t, func(tx *tenant.Tx) (err error) {
			all, err = inbox.List(t.Context(), tx, inbox.Filter{State: state})
			return err
		})
		return all
	}
	has := func(state inbox.State, want string) {
		t.Helper()
		got := ""
		for _, e := range list(state) {
			got += fmt.Sprintf("%s of %d: %s;", e.Kind, e.MessageID, e.Outcome)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
	b.sink.Tell(refuseAll)
	refused := b.send(t, b.Collector, b.mail("refused"))
	b.deliver(t)
	has(inbox.Open, fmt.Sprintf("failed of %d: ;", refused))
	if e := list(inbox.Open)[0]; e.CustomerID != b.debtor || e.PointID != b.anna || e.Why != "The mail server refused it: 550 5.1.1 No such user here" {
		t.Errorf("%+v", e)
	}
	b.sink.Tell(func(smtptest.Step, string) smtptest.Act { return smtptest.Take })
	b.write(t, b.Manager, func(tx *tenant.Tx) error {
		_, _, err := b.box.Retry(t.Context(), tx, []int64{refused})
		return err
	})
	has(inbox.Open, "")
	has(inbox.Handled, fmt.Sprintf("failed of %d: It is sent again.;", refused))
	b.deliver(t)
	b.is(t, refused, message.Sent, "")

	b.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.Body {
			return smtptest.Drop
		}
		return smtptest.Take
	})
	lost := b.send(t, b.Collector, b.mail("lost"))
	b.deliver(t)
	d := b.is(t, lost, message.Unknown, "before it answered")
	has(inbox.Open, fmt.Sprintf("unknown of %d: ;", lost))
	b.write(t, b.Manager, func(tx *tenant.Tx) error {
		return b.box.Decide(t.Context(), tx, lost, d.Version, message.Sent, "She has it.")
	})
	has(inbox.Open, "")
	b.write(t, b.System(), func(tx *tenant.Tx) error {
		_, err := message.Bounce(t.Context(), tx, lost, "552 Mailbox full", false)
		return err
	})
	b.is(t, lost, message.Bounced, "552 Mailbox full")
	has(inbox.Open, "") // the entry is of what came in
}
