package message_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// lose makes a message whose fate nobody knows.
func lose(t *testing.T, b *books, subject string) int64 {
	t.Helper()
	b.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.Body {
			return smtptest.Lose
		}
		return smtptest.Take
	})
	id := b.send(t, b.Collector, b.mail(subject))
	b.deliver(t)
	b.sink.Tell(nil)
	b.is(t, id, message.Unknown, "before it answered")
	return id
}

func decide(t *testing.T, b *books, who tenant.Who, id int64, version int, to message.State, why string) error {
	t.Helper()
	return b.Write(t.Context(), who, func(tx *tenant.Tx) error { return b.box.Decide(t.Context(), tx, id, version, to, why) })
}

func TestDecide(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	first, second, third := lose(t, b, "first"), lose(t, b, "second"), lose(t, b, "third")
	version := b.find(t, first).Version
	if err := decide(t, b, b.Collector, first, version, message.Sent, "x"); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("by a collector: %v", err)
	}
	if got := invalid(decide(t, b, b.Manager, first, version, message.Sent, " "), "reason"); !strings.Contains(got, "Say why") {
		t.Errorf("without a reason: %q", got)
	}
	if got := invalid(decide(t, b, b.Manager, first, version, message.Sent, "Card 4111 1111 1111 1111"), "reason"); !strings.Contains(got, "payment card") {
		t.Errorf("with a card number: %q", got)
	}
	if err := decide(t, b, b.Manager, first, version-1, message.Sent, "x"); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("of what has changed: %v", err)
	}
	if err := decide(t, b, b.Manager, first, version, message.Sent, "Anna has it"); err != nil {
		t.Fatal(err)
	}
	b.is(t, first, message.Sent, "Anna has it")
	if said := b.journal(t)[0]; said != "message: The e-mail “first” to Anna Holm arrived. Anna has it" {
		t.Errorf("the journal says %q", said)
	}
	if err := decide(t, b, b.Manager, first, version, message.Queued, "x"); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("decided a second time: %v", err)
	}
	if err := decide(t, b, b.Manager, second, b.find(t, second).Version, message.Queued, "It is in no log"); err != nil {
		t.Fatal(err)
	}
	b.is(t, second, message.Queued, "It is in no log")
	b.deliver(t)
	b.is(t, second, message.Sent, "")
	if err := decide(t, b, b.Manager, third, b.find(t, third).Version, message.Discarded, "They called instead"); err != nil {
		t.Fatal(err)
	}
	b.deliver(t)
	b.is(t, third, message.Discarded, "They called instead")
	if said := b.journal(t)[0]; said != "message: The e-mail “third” to Anna Holm did not arrive, and is not sent again. They called instead" {
		t.Errorf("the journal says %q", said)
	}
	ids := map[string]int{}
	for _, m := range b.sink.Taken() {
		ids[m.ID]++
	}
	if ref := b.find(t, second).Reference.String(); ids[ref+"@dunwell.example"] != 2 || len(ids) != 3 {
		t.Errorf("came under %v; the second went out twice under one id, as somebody decided", ids)
	}
}

func TestRetryAndDiscard(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.sink.Tell(refuseAll)
	var failed []int64
	for i := range 3 {
		failed = append(failed, b.send(t, b.Collector, b.mail(fmt.Sprint("no ", i))))
		b.deliver(t)
	}
	b.sink.Tell(nil)
	queued := b.send(t, b.Collector, b.mail("queued"))
	lost := lose(t, b, "lost")
	all := append(failed, queued, lost, 999)
	run := func(who tenant.Who, f func(tx *tenant.Tx) (int, error)) (n int, err error) {
		err = b.Write(t.Context(), who, func(tx *tenant.Tx) (err error) { n, err = f(tx); return err })
		return n, err
	}
	if _, err := run(b.Collector, func(tx *tenant.Tx) (int, error) { return message.Discard(t.Context(), tx, all, "x") }); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("by a collector: %v", err)
	}
	if _, err := run(b.Manager, func(tx *tenant.Tx) (int, error) { return message.Discard(t.Context(), tx, all, "") }); invalid(err, "reason") == "" {
		t.Errorf("without a reason: %v", err)
	}
	if n, err := run(b.Manager, func(tx *tenant.Tx) (int, error) {
		return message.Discard(t.Context(), tx, []int64{failed[0], queued}, "Not needed")
	}); n != 2 || err != nil {
		t.Errorf("discarded %d, %v", n, err)
	}
	b.is(t, queued, message.Discarded, "Not needed")
	if _, err := b.box.Deliver(t.Context(), b.asked[3]); err != nil {
		t.Fatal(err)
	}
	b.exec(t, `UPDATE messages SET state = 'bounced' WHERE id = $1`, failed[2])
	if n, err := run(b.Manager, func(tx *tenant.Tx) (int, error) {
		n, left, err := b.box.Retry(t.Context(), tx, all)
		if len(left) != 0 {
			t.Errorf("left %q", left)
		}
		return n, err
	}); n != 2 || err != nil {
		t.Errorf("tried again %d, %v; what is unknown or discarded is left alone", n, err)
	}
	for _, a := range b.asked[len(b.asked)-2:] {
		if _, err := b.box.Deliver(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	b.is(t, failed[1], message.Sent, "")
	b.is(t, failed[2], message.Sent, "")
	b.is(t, lost, message.Unknown, "")
	b.read(t, func(tx *tenant.Tx) error {
		counts, err := message.Counts(t.Context(), tx)
		if counts[message.Unknown] != 1 || counts[message.Discarded] != 2 || len(counts) != 2 {
			t.Errorf("counts %v", counts)
		}
		page, lerr := message.List(t.Context(), tx, message.Filter{Limit: 2, State: message.Discarded})
		rest, rerr := message.List(t.Context(), tx, message.Filter{Limit: 2, State: message.Discarded, Before: page[1].ID})
		if len(page) != 2 || page[0].ID != queued || len(rest) != 0 {
			t.Errorf("%v, then %v", page, rest)
		}
		return errors.Join(err, lerr, rerr)
	})
	err := b.Read(t.Context(), b.Collector, func(tx *tenant.Tx) error {
		_, err := message.List(t.Context(), tx, message.Filter{Limit: 2})
		_, cerr := message.Counts(t.Context(), tx)
		if !errors.As(err, new(errs.Forbidden)) || !errors.As(cerr, new(errs.Forbidden)) {
			t.Errorf("read by a collector: %v, %v", err, cerr)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
