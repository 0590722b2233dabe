package mailbox_test

import (
	"strings"
	"testing"

	"dunwell/internal/inbox"
)

const (
	fromAnna = "From: Anna Holm <anna@debtor.example>\nTo: post@acme.example\n"
	plainly  = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
)

// status is the part of a report that is made for programs.
func status(action, code, recipient, words string) string {
	return "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; " + recipient +
		"\nAction: " + action + "\nStatus: " + code + "\nDiagnostic-Code: smtp; " + words + "\n\n"
}

// returned is a report with the header of the message that it is about.
func returned(ref, report string) string {
	return "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: post@acme.example\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <r@mx>\n" +
		"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n" +
		"--B\nContent-Type: text/plain\n\nI am sorry.\n\n" + report + "--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + ref + "@dunwell.example>\nSubject: Your invoices\n--B--\n"
}

// What comes in is told apart, found whose it is, and read as far as it can be.
func TestWhatComesIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		raw     string // {ref} is the id of the message that was sent
		kind    inbox.Kind
		came    inbox.Kind
		handled bool
		known   bool // whose it is
		to      bool // the message that was sent is known
		from    string
		body    string // stands in it
		lacks   string // does not
	}{
		{name: "an answer", raw: fromAnna + plainly + "Subject: Re: Your invoices\nIn-Reply-To: <{ref}@dunwell.example>\n\nI paid it yesterday.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, to: true, from: "Anna Holm <anna@debtor.example>", body: "I paid it yesterday."},
		{name: "an answer from another address", raw: "From: home@anna.example\n" + plainly + "References: <x@y> <{ref}@dunwell.example>\n\nFrom home.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, to: true, from: "home@anna.example", body: "From home."},
		{name: "a new message of the debtor's", raw: "From: ANNA@debtor.example\n" + plainly + "\nHello.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "anna@debtor.example", body: "Hello."},
		{name: "a stranger", raw: "From: who@nowhere.example\n" + plainly + "In-Reply-To: <11111111-2222-4333-8444-555555555555@dunwell.example>\n\nWho are you?\n",
			kind: inbox.Stranger, came: inbox.Reply, from: "who@nowhere.example", body: "Who are you?"},
		{name: "out of office", raw: fromAnna + plainly + "Auto-Submitted: auto-replied\nIn-Reply-To: <{ref}@dunwell.example>\n\nBack on Monday.\n",
			kind: inbox.Reply, came: inbox.Automatic, handled: true, known: true, to: true, from: "Anna Holm <anna@debtor.example>", body: "Back on Monday."},
		{name: "out of office by its subject", raw: fromAnna + plainly + "Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_facture?=\n\nJe suis absente.\n",
			kind: inbox.Reply, came: inbox.Automatic, handled: true, known: true, from: "Anna Holm <anna@debtor.example>", body: "absente"},
		{name: "a person who says no to Auto-Submitted", raw: fromAnna + plainly + "Auto-Submitted: no\nSubject: Re: out of office supplies\n\nWe never got them.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "We never got them."},
		{name: "a bounce", raw: returned("{ref}", status("failed", "5.1.1", "anna@debtor.example", "550 5.1.1 No such user\n here")),
			kind: inbox.Bounce, came: inbox.Bounce, known: true, to: true, from: "Mail Delivery System <mailer-daemon@mx.example>", body: "I am sorry."},
		{name: "a bounce of nobody knows what", raw: returned("x", status("failed", "5.1.1", "anna@debtor.example", "550 No such user")),
			kind: inbox.Bounce, came: inbox.Bounce, known: true, from: "Mail Delivery System <mailer-daemon@mx.example>", body: "I am sorry."},
		{name: "a delay", raw: returned("{ref}", status("delayed", "4.4.1", "anna@debtor.example", "421 Busy")),
			kind: inbox.Reply, came: inbox.Automatic, handled: true, known: true, to: true, from: "Mail Delivery System <mailer-daemon@mx.example>", body: "I am sorry."},
		{name: "it arrived", raw: returned("{ref}", status("delivered", "2.0.0", "anna@debtor.example", "250 OK")),
			kind: inbox.Reply, came: inbox.Automatic, handled: true, known: true, to: true, from: "Mail Delivery System <mailer-daemon@mx.example>", body: "I am sorry."},
		{name: "a bounce in words", raw: "From: MAILER-DAEMON@qmail.example\nSubject: failure notice\n" + plainly +
			"\n<anna@debtor.example>:\n550 5.1.1 unknown\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <{ref}@dunwell.example>\n",
			kind: inbox.Bounce, came: inbox.Bounce, known: true, to: true, from: "mailer-daemon@qmail.example", body: "550 5.1.1 unknown"},
		{name: "a delay in words", raw: "From: postmaster@mx.example\nSubject: Delivery Status Notification (Delay)\n" + plainly +
			"\nanna@debtor.example 451 4.4.1 still trying <{ref}@dunwell.example>\n",
			kind: inbox.Reply, came: inbox.Automatic, handled: true, known: true, to: true, from: "postmaster@mx.example", body: "still trying"},
		{name: "a postmaster who is a person", raw: "From: postmaster@debtor.example\nSubject: Your invoices\n" + plainly + "\nPlease use accounts@.\n",
			kind: inbox.Stranger, came: inbox.Reply, from: "postmaster@debtor.example", body: "Please use"},
		{name: "a page", raw: fromAnna + "Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n" +
			"<html><head><title>x</title><style>p{}</style><body><p>Gr=FC=DFe,<br>I <b>paid</b>.</p><script>steal()</script>\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "Grüße,\nI paid.", lacks: "steal"},
		{name: "a text and its page", raw: fromAnna + "Content-Type: multipart/alternative; boundary=A\n\n--A\nContent-Type: text/plain\n\nThe text.\n--A\nContent-Type: text/html\n\n<p>The page.\n--A--\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "The text.", lacks: "The page"},
		{name: "a wrong encoding", raw: fromAnna + plainly + "\nGr\xfc\xdfe\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "Grüße"},
		{name: "an encoding that nobody has", raw: fromAnna + "Content-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: 9bit\n\nStill read.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "Still read."},
		{name: "another alphabet", raw: "From: =?koi8-r?B?4c7OwQ==?= <anna@debtor.example>\nContent-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: base64\n\n+sHQzMHeydfBxc0=\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Анна <anna@debtor.example>"},
		{name: "damaged base64", raw: fromAnna + "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVs!!bG8gdGhl\n cmU*\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "Hello there"},
		{name: "no header", raw: "\njust this\n", kind: inbox.Stranger, came: inbox.Reply, body: "just this"},
		{name: "nothing", raw: "", kind: inbox.Stranger, came: inbox.Reply},
		{name: "lines that are no header", raw: "From anna Mon Mar 16\nthis is no header\n: neither\nFrom: anna@debtor.example\nSubject : spaced\n\nIt is read.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "anna@debtor.example", body: "It is read."},
		{name: "a broken sender", raw: "From: \"Anna, of <<anna@debtor.example\nContent-Type: ;;;\n\nRead.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna, of <anna@debtor.example>", body: "Read."},
		{name: "parts without an end", raw: fromAnna + "Content-Type: multipart/mixed; boundary=\"A\"\n\n--A\nContent-Type: text/plain\n\nIt breaks off",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "It breaks off"},
		{name: "parts without a boundary", raw: fromAnna + "Content-Type: multipart/mixed\n\nAll of it.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "All of it."},
		{name: "parts in parts for ever", raw: fromAnna + strings.Repeat("Content-Type: multipart/mixed; boundary=\"A\"\n\n--A\n", 50) + "\nDeep.\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>"},
		{name: "zeros", raw: fromAnna + "Subject: a\x00b\n" + plainly + "\nc\x00d\n",
			kind: inbox.Reply, came: inbox.Reply, known: true, from: "Anna Holm <anna@debtor.example>", body: "cd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.server.Add(strings.ReplaceAll(c.raw, "{ref}", d.ref))
			d.read(t, 1)
			e := d.newest(t)
			if e.Kind != c.kind || e.Came != c.came || (e.State == inbox.Handled) != c.handled || (e.CustomerID == d.debtor) != c.known || (e.MessageID == d.sent) != c.to {
				t.Errorf("%s %s, %s, customer %d, message %d, outcome %q", e.Kind, e.Came, e.State, e.CustomerID, e.MessageID, e.Outcome)
			}
			if e.Shown() != c.from || !strings.Contains(e.Body, c.body) || c.lacks != "" && strings.Contains(e.Body, c.lacks) {
				t.Errorf("from %q: %q", e.Shown(), e.Body)
			}
		})
	}
}

// A message that came back is written down at the message, and its address is not
// used again; what a full mailbox says is no reason for that, and what names no
// message of ours is believed by nobody.
func TestBounces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ref, report string
		state, why  string
	}{
		"nobody there":      {"", status("failed", "5.1.1", "anna@debtor.example", "550 No such user"), "bounced", "550 No such user"},
		"given up":          {"", status("failed", "4.4.7", "anna@debtor.example", "Too long in the queue"), "bounced", ""},
		"full":              {"", status("failed", "5.2.2", "anna@debtor.example", "552 Mailbox full"), "bounced", ""},
		"delayed":           {"", status("delayed", "4.2.2", "anna@debtor.example", "452 Mailbox full"), "sent", ""},
		"forged":            {"00000000-0000-4000-8000-000000000000", status("failed", "5.1.1", "anna@debtor.example", "550 No such user"), "sent", ""},
		"one of two failed": {"", status("delivered", "2.0.0", "x@y.example", "OK") + "Final-Recipient: rfc822; anna@debtor.example\nAction: failed\nStatus: 5.1.2\n\n", "bounced", "5.1.2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			ref := c.ref
			if ref == "" {
				ref = d.ref
			}
			d.server.Add(returned(ref, c.report))
			d.read(t, 1)
			if got := d.ask(t, `SELECT state FROM messages WHERE id = $1`, d.sent); got != c.state {
				t.Errorf("the message is %s, want %s", got, c.state)
			}
			if got := d.ask(t, `SELECT bad_why FROM contact_points WHERE id = $1`, d.anna); got != c.why {
				t.Errorf("the address is bad because %q, want %q", got, c.why)
			}
			// Said again, in another message: nothing more.
			d.server.Add(strings.Replace(returned(ref, c.report), "<r@mx>", "<again@mx>", 1))
			before := d.ask(t, `SELECT count(*) FROM notes WHERE kind = 'contact_point' OR text LIKE '%came back%'`)
			d.read(t, 1)
			if after := d.ask(t, `SELECT count(*) FROM notes WHERE kind = 'contact_point' OR text LIKE '%came back%'`); after != before {
				t.Errorf("%s notes, were %s", after, before)
			}
			if n := d.ask(t, `SELECT count(*) FROM inbox_entries WHERE kind = 'bounce' AND state = 'open'`); n > "1" && c.ref == "" {
				t.Errorf("%s open entries", n)
			}
		})
	}
}
