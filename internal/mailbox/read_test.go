package mailbox_test

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/imaptest"
	"dunwell/internal/inbox"
	"dunwell/internal/mailbox"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
)

// letterOf is a message of the debtor's with a number of its own.
func letterOf(n int) string {
	return fmt.Sprintf("%s%sMessage-ID: <%d@debtor.example>\nDate: Mon, 16 Mar 2026 08:%02d:00 +0000\nSubject: Letter %d\n\nThis is letter %d.\n", fromAnna, plainly, n, n%60, n, n)
}

// Each message is taken in once: read again, after another one came, after the
// connection broke, with new numbers, by two at once.
func TestEachOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for n := range 5 {
		d.server.Add(letterOf(n))
	}
	d.server.Before(func(uid imap.UID) error {
		if uid == 4 {
			return errors.New("gone")
		}
		return nil
	})
	if n, err := d.reader.Read(t.Context(), d.ID); n != 3 || err == nil {
		t.Errorf("%d were taken in, %v", n, err)
	}
	var state mailbox.State
	load := func() {
		t.Helper()
		d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
			state, err = mailbox.Load(t.Context(), tx)
			return err
		})
	}
	if load(); state.Taken != 3 || state.ReadAt != nil || state.ErrorAt == nil || !strings.Contains(state.Error, "message 4") {
		t.Errorf("%+v", state)
	}
	d.server.Before(nil)
	d.read(t, 2)
	if load(); state.Taken != 5 || state.ReadAt == nil || state.Error != "" || state.ErrorAt != nil {
		t.Errorf("%+v", state)
	}
	d.read(t, 0)
	if n := d.server.Fetched(1); n != 1 {
		t.Errorf("the first message was read %d times", n)
	}
	d.server.Add(letterOf(5))
	done := make(chan int, 2)
	for _, r := range []*mailbox.Reader{d.reader, {DB: d.DB, Store: d.reader.Store, Secrets: d.reader.Secrets}} {
		go func() {
			n, err := r.Read(t.Context(), d.ID)
			if err != nil {
				t.Error(err)
			}
			done <- n
		}()
	}
	if n := <-done + <-done; n != 1 {
		t.Errorf("two at once took %d in", n)
	}
	d.server.Renumber()
	d.read(t, 0)
	if n := d.server.Fetched(1); n != 2 {
		t.Errorf("after new numbers the first message was read %d times", n)
	}
	if n := d.ask(t, `SELECT count(*) FROM received`); n != "6" {
		t.Errorf("%s were taken in", n)
	}
	if e := d.newest(t); !e.SentAt.Equal(dbtest.Monday.Add(-85 * 60e9)) {
		t.Errorf("sent at %s", e.SentAt)
	}
}

// What an e-mail follows on is kept with it, from a header of several lines too; without
// References what it answers.
func TestWhatItFollowsOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.server.Add("References: <a@x.example>\n\t<b@x.example>\nIn-Reply-To: <c@x.example>\n" + letterOf(1))
	d.server.Add("In-Reply-To: <c@x.example>\n" + letterOf(2))
	d.server.Add(letterOf(3))
	d.read(t, 3)
	if got := d.ask(t, `SELECT string_agg(coalesce(data ->> 'references', '-'), ', ' ORDER BY provider_id) FROM received`); got != "<a@x.example> <b@x.example>, <c@x.example>, -" {
		t.Errorf("kept %s", got)
	}
}

// Two messages of one id are two where they say something else.
func TestSameIDAnotherMessage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.server.Add(letterOf(1))
	d.server.Add("Received: from a list\n" + letterOf(1))
	d.server.Add(strings.Replace(letterOf(1), "This is", "Never was", 1))
	d.read(t, 2)
}

// A message that the database does not take keeps none of the others from being read:
// that it is there is taken in.
func TestUnfit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.owner.Exec(t.Context(), `ALTER TABLE received ADD CHECK (body NOT LIKE '%poison%')`); err != nil {
		t.Fatal(err)
	}
	d.server.Add(letterOf(1))
	d.server.Add(strings.Replace(letterOf(2), "This is", "This poison is", 1))
	d.read(t, 2)
	if e := d.newest(t); e.Kind != inbox.Stranger || e.From != "anna@debtor.example" || e.Body != "[This message could not be read. It is still in the mailbox.]" {
		t.Errorf("%+v", e)
	}
	d.server.Add(letterOf(3))
	d.read(t, 1)
}

// The password travels encrypted, to a server that is who it says.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // has a certificate for this machine, and who trusts it
	t.Cleanup(web.Close)
	trusted := web.Client().Transport.(*http.Transport).TLSClientConfig
	for security, fromTheBeginning := range map[provider.Security]bool{provider.TLS: true, provider.StartTLS: false} {
		server := imaptest.NewTLS(t, &tls.Config{Certificates: web.TLS.Certificates}, fromTheBeginning)
		m := provider.Mailbox{Host: "127.0.0.1", Port: server.Port, Security: security, Username: imaptest.User, Folder: "INBOX"}
		if err := mailbox.Try(t.Context(), m, imaptest.Password, trusted); err != nil {
			t.Errorf("%s: %v", security, err)
		}
		if err := mailbox.Try(t.Context(), m, imaptest.Password, nil); err == nil || !strings.Contains(err.Error(), "cannot be reached") || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s with a certificate that nobody trusts: %v", security, err)
		}
	}
	plain := imaptest.New(t)
	for _, security := range []provider.Security{provider.TLS, provider.StartTLS} {
		m := provider.Mailbox{Host: "127.0.0.1", Port: plain.Port, Security: security, Username: imaptest.User, Folder: "INBOX"}
		if err := mailbox.Try(t.Context(), m, imaptest.Password, trusted); err == nil {
			t.Errorf("%s to a server that has none", security)
		}
	}
}

// Files are kept as documents of the customer; what cannot be kept is said, with
// why.
func TestFiles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mixed := "Subject: Proof\nContent-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: text/plain\n\nSee the files.\n" +
		"--A\nContent-Type: application/pdf; name=\"=?utf-8?q?Beleg_=C3=9C.pdf?=\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n" +
		base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\nproof")) + "\n" +
		"--A\nContent-Type: application/zip; name=a.zip\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nUEsDBBQAAAAIAA==\n" +
		"--A\nContent-Type: text/plain\nContent-Disposition: attachment; filename*=utf-8''note%20one.txt\n\nA text as a file.\n" +
		"--A\nContent-Type: message/rfc822\n\nFrom: x@y.example\nSubject: Old\n\nAn old message.\n--A--\n"
	d.server.Add(fromAnna + mixed)
	d.read(t, 1)
	e := d.newest(t)
	got := strings.Join(d.files(t, e), "\n")
	want := fmt.Sprintf("Beleg Ü.pdf of %d: %%PDF-1.4\nproof\nnote one.txt of %d: A text as a file.\r\n\nmessage.eml of %d: From: x@y.example\r\nSubject: Old\r\n\r\nAn ol", d.debtor, d.debtor, d.debtor)
	if got != want || e.Files != 3 {
		t.Errorf("%d files:\n%q, want\n%q", e.Files, got, want)
	}
	if !strings.HasPrefix(e.Body, "See the files.") || !strings.Contains(e.Body, "[Not kept: \"a.zip\" is a ZIP archive. Unpack it and upload the files. PDF, ") || !strings.HasSuffix(e.Body, "It is still in the mailbox.]") {
		t.Errorf("%q", e.Body)
	}
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		docs, err := inbox.Files(t.Context(), tx, e)
		if err != nil {
			return err
		}
		var conflict errs.Conflict
		if _, err := document.Remove(t.Context(), tx, d.debtor, docs[0].ID); !errors.As(err, &conflict) || !strings.Contains(string(conflict), "came with a message, and stays with it") {
			t.Errorf("removed: %v", err)
		}
		return nil
	})
	// A stranger's files become the customer's once it is known whose they are.
	d.server.Add("From: who@nowhere.example\nMessage-ID: <2@x>\n" + mixed)
	d.read(t, 1)
	e = d.newest(t)
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		return inbox.Match(t.Context(), tx, e.ID, e.Version, d.debtor, 0)
	})
	if got := d.files(t, e); len(got) != 3 || !strings.HasPrefix(got[0], fmt.Sprintf("Beleg Ü.pdf of %d:", d.debtor)) {
		t.Errorf("%q", got)
	}
}

// Of several who have an address it is the customer last written to.
func TestSharedAddress(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var second, point int64
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		second, _ = dbtest.Customer(t, tx, "C-2")
		point, err = customer.AddPoint(t.Context(), tx, second, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Role: customer.Debtor})
		return err
	})
	d.server.Add(letterOf(1))
	d.read(t, 1)
	if e := d.newest(t); e.CustomerID != d.debtor || e.PointID != d.anna {
		t.Errorf("it is customer %d's", e.CustomerID)
	}
	if _, err := d.owner.Exec(t.Context(), `
		INSERT INTO messages (tenant_id, customer_id, contact_point_id, channel, state, address, language, subject, body, sent_at)
		VALUES ($1, $2, $3, 'email', 'sent', 'anna@debtor.example', 'en', 'Yours', 'Please pay.', now())`, d.ID, second, point); err != nil {
		t.Fatal(err)
	}
	d.server.Add(letterOf(2))
	d.read(t, 1)
	if e := d.newest(t); e.CustomerID != second || e.PointID != point {
		t.Errorf("after the second was written to it is customer %d's", e.CustomerID)
	}
}

// Without a mailbox nothing is read; a wrong password is said in words; another
// company's message ids are nobody's here.
func TestNotToBeRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := dbtest.Tenant(t, d.Database, "other")
	if n, err := d.reader.Read(t.Context(), other.ID); n != 0 || err != nil {
		t.Errorf("without a mailbox: %d, %v", n, err)
	}
	jobs, err := d.reader.Poll(t.Context())
	if err != nil || len(jobs) != 1 || jobs[0].Args != (mailbox.ReadArgs{Tenant: d.ID}) {
		t.Errorf("%+v, %v", jobs, err)
	}
	d.write(t, other.Admin, func(tx *tenant.Tx) error {
		return provider.SaveMailbox(t.Context(), tx, d.reader.Secrets, provider.TypedMailbox{Password: "wrong", Mailbox: provider.Mailbox{
			Host: "127.0.0.1", Port: d.server.Port, Security: provider.Plain, Username: imaptest.User, Folder: "INBOX"}})
	})
	if _, err := d.reader.Read(t.Context(), other.ID); err == nil || !strings.Contains(err.Error(), "does not let post@acme.example in") {
		t.Errorf("with a wrong password: %v", err)
	}
	d.write(t, other.Admin, func(tx *tenant.Tx) error {
		m, err := provider.LoadMailbox(t.Context(), tx)
		if err != nil {
			return err
		}
		if state, err := mailbox.Load(t.Context(), tx); err != nil || !strings.Contains(state.Error, "does not let") {
			t.Errorf("%+v, %v", state, err)
		}
		m.Folder = "Nowhere"
		if err := mailbox.Try(t.Context(), m, imaptest.Password, nil); err == nil || !strings.Contains(err.Error(), "The folder Nowhere cannot be opened") {
			t.Errorf("of no folder: %v", err)
		}
		m.Folder = "INBOX"
		if err := mailbox.Try(t.Context(), m, imaptest.Password, nil); err != nil {
			t.Error(err)
		}
		return provider.SaveMailbox(t.Context(), tx, d.reader.Secrets, provider.TypedMailbox{Password: imaptest.Password, Mailbox: m})
	})
	d.server.Add(fromAnna + plainly + "In-Reply-To: <" + d.ref + "@dunwell.example>\n\nYours?\n")
	if n, err := d.reader.Read(t.Context(), other.ID); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := d.ask(t, `SELECT kind || coalesce(customer_id, 0) || coalesce(message_id, 0) FROM inbox_entries WHERE tenant_id = $1`, other.ID); got != "stranger00" {
		t.Errorf("another company's message is %s", got)
	}
	d.write(t, other.Admin, func(tx *tenant.Tx) error {
		if _, err := message.Bounce(t.Context(), tx, d.sent, "550", true); err == nil {
			t.Error("another company's message came back")
		}
		return nil
	})
}
