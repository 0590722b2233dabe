package message_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

var linkInMail = regexp.MustCompile(`https://dunwell\.example/links/([\w-]+)`)

// A link reaches the person and nobody else: what is kept has only its place.
func TestLink(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	var invited member.Invited
	b.write(t, b.Admin, func(tx *tenant.Tx) (err error) {
		if invited, err = member.Invite(t.Context(), tx, member.Invitation{Email: "new@acme.example", Name: "New Person", Role: tenant.Collector}); err != nil {
			return err
		}
		return b.box.SendLink(t.Context(), tx, invited.MemberID)
	})
	b.deliver(t)
	got := b.sink.Wait(t, 1)[0]
	subject, body := got.Text(t)
	m := linkInMail.FindStringSubmatch(body)
	if got.To != "new@acme.example" || subject != "Your sign-in at Company acme" || m == nil || got.Header(t).Get("Auto-Submitted") != "auto-generated" {
		t.Fatalf("to %s, %s: %s", got.To, subject, body)
	}
	var kept string
	err := b.owner.QueryRow(t.Context(), `
		SELECT (SELECT string_agg(m::text, ' ') FROM messages m) || (SELECT string_agg(e::text, ' ') FROM message_events e)
			|| (SELECT string_agg(a::text, ' ') FROM audit_events a)`).Scan(&kept)
	if err != nil || strings.Contains(kept, m[1]) || !strings.Contains(kept, message.LinkPlace) {
		t.Errorf("the link is in the database, or its place is not: %v %s", err, kept)
	}
	if _, err := member.FindLink(t.Context(), b.Pool, invited.Token); !errors.Is(err, errs.NotFound) {
		t.Errorf("the link made at the invitation still works: %v", err)
	}
	if to, err := member.SetPasswordByLink(t.Context(), b.Pool, m[1], "a long enough pass phrase", "1.2.3.4"); err != nil || to.Email != "new@acme.example" {
		t.Errorf("the link does not work: %v", err)
	}
}

// A link that is no longer needed does not go out.
func TestLinkNotNeeded(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	for sql, says := range map[string]string{
		`UPDATE users SET password_hash = 'x' WHERE email = 'new@acme.example'`:                                     "has set a password meanwhile",
		`UPDATE members SET active = false WHERE user_id = (SELECT id FROM users WHERE email = 'new@acme.example')`: "no longer works here",
	} {
		var invited member.Invited
		b.write(t, b.Admin, func(tx *tenant.Tx) (err error) {
			b.exec(t, `UPDATE users SET email = 'gone' || id || '@acme.example' WHERE email = 'new@acme.example'`)
			if invited, err = member.Invite(t.Context(), tx, member.Invitation{Email: "new@acme.example", Name: "New Person", Role: tenant.Collector}); err != nil {
				return err
			}
			return b.box.SendLink(t.Context(), tx, invited.MemberID)
		})
		b.exec(t, sql)
		b.deliver(t)
		var state, why string
		if err := b.owner.QueryRow(t.Context(), `SELECT state, error FROM messages ORDER BY id DESC LIMIT 1`).Scan(&state, &why); err != nil || state != "discarded" || !strings.Contains(why, says) {
			t.Errorf("%s, %q, %v; want %q", state, why, err, says)
		}
	}
	if len(b.sink.Taken()) != 0 {
		t.Error("a link went out")
	}
}

func TestLinkRefused(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	for name, c := range map[string]struct {
		who  tenant.Who
		want any
	}{"a manager": {b.Manager, new(errs.Forbidden)}, "a collector": {b.Collector, new(errs.Forbidden)}} {
		err := b.Write(t.Context(), c.who, func(tx *tenant.Tx) error { return b.box.SendLink(t.Context(), tx, b.ManagerID) })
		if !errors.As(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.box.Server = nil
	err := b.Write(t.Context(), b.Admin, func(tx *tenant.Tx) error { return b.box.SendLink(t.Context(), tx, b.ManagerID) })
	if !errors.As(err, new(errs.Conflict)) {
		t.Errorf("without a server: %v", err)
	}
}

// Who forgot the password gets one link, however often they ask, and whatever the
// company's administrators do; nobody else gets any.
func TestForgotten(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	other := tenantOf(t, b, "beta")
	b.exec(t, `INSERT INTO members (tenant_id, user_id, role) SELECT $1, user_id, 'collector' FROM members WHERE tenant_id = $2 AND role = 'manager'`, other.ID, b.ID)
	for _, email := range []string{b.Email(tenant.Manager), "nobody@acme.example", b.Email(tenant.Manager)} {
		if err := member.AskForLink(t.Context(), b.Pool, email, "1.2.3.4"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := b.box.SendAsked(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(b.asked) != 1 {
		t.Fatalf("%d links are on their way", len(b.asked))
	}
	b.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.Body {
			return smtptest.Later
		}
		return smtptest.Take
	})
	b.deliver(t)
	b.sink.Tell(nil)
	b.exec(t, `UPDATE messages SET due_at = now()`)
	b.deliver(t)
	got := b.sink.Wait(t, 1)[0]
	_, body := got.Text(t)
	m := linkInMail.FindStringSubmatch(body)
	if got.To != b.Email(tenant.Manager) || m == nil || !strings.Contains(body, "for one hour") {
		t.Fatalf("to %s: %s", got.To, body)
	}
	if _, err := member.FindLink(t.Context(), b.Pool, m[1]); err != nil {
		t.Errorf("the link does not work: %v", err)
	}
	var waiting *string
	if err := b.owner.QueryRow(t.Context(), `SELECT reset_asked_at::text FROM users WHERE email = $1`, b.Email(tenant.Manager)).Scan(&waiting); err != nil || waiting != nil {
		t.Errorf("the administrators are still told: %v, %v", waiting, err)
	}
	// What it has in the outbox is seen by managers, without the link.
	b.read(t, func(tx *tenant.Tx) error {
		list, err := message.List(t.Context(), tx, message.Filter{State: message.Sent, Limit: 9})
		if err != nil || len(list) != 1 || strings.Contains(list[0].Body, m[1]) || list[0].MemberID != b.ManagerID {
			t.Errorf("%+v, %v", list, err)
		}
		return nil
	})
}
