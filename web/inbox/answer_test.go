package inbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// An answer goes by the way that it came, to who wrote, and ends what waits; what was
// typed stays where it is refused or somebody was there before.
func TestAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sink, c := d.MailServer(t), d.As(t, d.Collector)
	d.StartJobs(t)
	e := d.reply(t, "Invoice 1", "Where is the copy?")
	c.Get(at(e, "")).Has(t, http.StatusOK, "Re: Invoice 1", `name="point" value="`+strconv.FormatInt(d.mail, 10)+`"`, "to collect", "What was said before by e-mail",
		fmt.Sprintf(`href="/customers/%d/contactpoints/%d#channel-email">They want no e-mail…`, d.debtor, d.mail),
		fmt.Sprintf(`href="/customers/%d/messages/new?back=%%2Finbox&amp;channel=email&amp;entry=%d&amp;point=%d&amp;version=%d">With a template or files…`, d.debtor, e.ID, d.mail, e.Version))
	point := strconv.FormatInt(d.mail, 10)
	c.Post(at(e, "/answer"), form(e, "point", point, "subject", "Re: Invoice 1", "body", "")).Has(t, http.StatusUnprocessableEntity, "Write what is to be said.")
	c.Post(at(e, "/answer"), form(e, "point", point, "subject", "", "body", "Here <it> is")).Has(t, http.StatusUnprocessableEntity, "Give a subject", "Here &lt;it&gt; is")
	c.Post(at(e, "/answer"), form(e, "point", point, "subject", "Re: Invoice 1", "body", "Here it is")).Leads(t, "/inbox")
	c.Get("/inbox").Has(t, http.StatusOK, "The answer is on its way.", "Nothing waits")
	if got := sink.Wait(t, 1)[0]; !strings.Contains(string(got.Content), "Here it is") {
		t.Errorf("sent %s", got.Content)
	}
	c.Post(at(e, "/answer"), form(e, "point", point, "subject", "Re: Invoice 1", "body", "Once more")).Has(t, http.StatusConflict, "acme collector handled this meanwhile: Answered.", "Once more")
	if n := d.ask(t, `SELECT count(*) FROM messages`); n != "1" {
		t.Errorf("%s messages, want 1", n)
	}
	c.Get(at(e, "")).Has(t, http.StatusOK, "handled", "Here it is", "Open again")
}

// An SMS is answered by SMS, held and said so where nothing sends it; to who opted out
// nothing goes.
func TestAnswerBySMS(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	in := inbox.In{Channel: customer.SMS, From: "+4722410933", Person: "Anna", Body: "When?", CustomerID: d.debtor, PointID: d.phone}
	e := d.came(t, in)
	c.Get(at(e, "")).Has(t, http.StatusOK, "Answer by SMS", "it is held", "Anna &lt;+47 22 41 09 33&gt;")
	c.Post(at(e, "/answer"), form(e, "point", strconv.FormatInt(d.phone, 10), "body", "On Friday", "back", "/inbox?whose=mine")).Leads(t, "/inbox?whose=mine")
	c.Get("/inbox").Has(t, http.StatusOK, "The answer is held")
	if got := d.ask(t, `SELECT string_agg(concat_ws(' ', channel, state, body), ', ') FROM messages`); got != "sms held On Friday" {
		t.Errorf("messages %q", got)
	}
	e = d.came(t, in)
	d.write(t, d.Manager, func(tx *tenant.Tx) error {
		return customer.Permit(t.Context(), tx, d.debtor, d.phone, 0, customer.Permission{Channel: customer.SMS, State: customer.OptOut, GivenOn: tx.Today(), Source: "a letter", ReviewOn: tx.Today().Add(90)})
	})
	c.Post(at(e, "/answer"), form(e, "point", strconv.FormatInt(d.phone, 10), "body", "No more")).Has(t, http.StatusUnprocessableEntity, "opted out", "No more")
}

// An answer by e-mail stands in the thread of what it answers, with nothing else in its
// header; where that had no id it goes out all the same.
func TestAnswerInItsThread(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sink, c := d.MailServer(t), d.As(t, d.Collector)
	d.StartJobs(t)
	for n, id := range []string{"one@debtor.example#0123", "x@y>\r\nBcc: <evil@debtor.example#0124"} {
		var e inbox.Entry
		d.write(t, d.System(), func(tx *tenant.Tx) (err error) {
			e, _, err = inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, Kind: inbox.Reply, ProviderID: id, From: "anna@debtor.example", Subject: "Invoice 1", Body: "Where is it?",
				CustomerID: d.debtor, PointID: d.mail, Data: inbox.Referring("<first@acme.example>\r\nBcc: evil@debtor.example")})
			return err
		})
		c.Post(at(e, "/answer"), form(e, "point", strconv.FormatInt(d.mail, 10), "subject", "Re: Invoice 1", "body", "Here it is")).Leads(t, "/inbox")
		h := sink.Wait(t, n+1)[n].Header(t)
		want := []string{"<one@debtor.example>", "<first@acme.example> <one@debtor.example>"}
		if n == 1 {
			want = []string{"", ""}
		}
		if got := []string{h.Get("In-Reply-To"), h.Get("References")}; !slices.Equal(got, want) || h.Get("Bcc") != "" {
			t.Errorf("%q is answered with %q, want %q", id, got, want)
		}
	}
}

// Of two who answer at the same time one does, also where it is another message of the
// same customer's: the other is told, and what was typed stays.
func TestAnswerTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	people := []*webtest.Client{d.As(t, d.Collector), d.As(t, d.Manager)}
	in := inbox.In{Channel: customer.SMS, From: "+4722410933", Person: "Anna", Body: "When?", CustomerID: d.debtor, PointID: d.phone}
	for _, apart := range []bool{false, true} {
		e := d.came(t, in)
		entries := []inbox.Entry{e, e}
		if apart {
			entries[1] = d.came(t, in)
		}
		before := d.ask(t, `SELECT count(*) FROM messages`)
		var all sync.WaitGroup
		codes := make([]int, 2)
		d.write(t, d.System(), func(tx *tenant.Tx) error { // until both are on their way
			if _, err := tx.Exec(t.Context(), `SELECT FROM customers WHERE id = $1 FOR UPDATE`, d.debtor); err != nil {
				return err
			}
			for i, who := range people {
				all.Go(func() {
					codes[i] = who.Post(at(entries[i], "/answer"), form(entries[i], "point", strconv.FormatInt(d.phone, 10), "body", fmt.Sprintf("Answer %d", i))).Code
				})
			}
			for range 200 {
				if d.ask(t, `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE a.datname = current_database() AND NOT l.granted`) == "2" {
					return nil
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Error("they never waited for each other")
			return nil
		})
		all.Wait()
		slices.Sort(codes)
		if n := d.ask(t, `SELECT count(*) - $1::bigint FROM messages`, before); n != "1" || !slices.Equal(codes, []int{http.StatusSeeOther, http.StatusConflict}) {
			t.Errorf("apart %v: %s answers went out, with %v", apart, n, codes)
		}
	}
}
