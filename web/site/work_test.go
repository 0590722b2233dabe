package site_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// branchDesk is a collector of one branch, limited to it, with customers to work.
type branchDesk struct {
	*webtest.Site
	acme *dbtest.Company
	c    *webtest.Client
	sql  *pgx.Conn
}

func newBranchDesk(t *testing.T) *branchDesk {
	t.Helper()
	d := &branchDesk{Site: webtest.New(t)}
	d.acme = dbtest.Tenant(t, d.Database, "acme")
	err := d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) error {
		if err := dunning.SwitchOn(t.Context(), tx, 6); err != nil {
			return err
		}
		if _, err := message.AddTemplate(t.Context(), tx, customer.SMS, message.Wording{Name: "Short", Demands: true, Texts: map[string]message.Words{"en": {Body: "Good day"}}}); err != nil {
			return err
		}
		for i, number := range []string{"C-1", "C-2", "C-3"} {
			id, account := dbtest.Customer(t, tx, number)
			dbtest.Item(t, tx, account, "A-"+number, "2026-02-02", 120_000+int64(i), "EUR")
			dbtest.Item(t, tx, account, "B-"+number, "2026-02-03", 55_100+int64(i), "EUR")
			dbtest.Item(t, tx, account, "N-"+number, "2026-02-04", -2_300-int64(i), "EUR")
			for _, p := range []customer.Point{{Kind: customer.Email, Value: "berit@debtors.example"}, {Kind: customer.Phone, Value: "+47 22 41 09 33"}} {
				p.Person, p.Role = "Berit", customer.Debtor
				if _, err := customer.AddPoint(t.Context(), tx, id, p); err != nil {
					return err
				}
			}
		}
		_, err := tx.Exec(t.Context(), `
			WITH b AS (INSERT INTO branches (name) VALUES ('here'), ('there') RETURNING id, name),
				g AS (INSERT INTO contact_groups (name) VALUES ('Calls') RETURNING id),
				k AS (INSERT INTO contact_types (group_id, code, name, action) SELECT id, 'CALL', 'Call', 'Call them' FROM g),
				r AS (INSERT INTO resolvers (name, email) VALUES ('Rolf', 'rolf@acme.example')),
				c AS (UPDATE customers SET branch_id = b.id, owner_id = $1, street = 'Kirkegata 1', city = 'Oslo', country = 'NO' FROM b WHERE b.name = 'here')
			UPDATE members SET branch_id = b.id FROM b WHERE b.name = 'here'`, d.acme.CollectorID)
		return err
	})
	if err == nil {
		err = d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
			for i, k := range []string{"1", "2"} {
				if _, _, err := inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, ProviderID: k, Kind: inbox.Reply, From: "berit@debtors.example", Person: "Berit", Subject: "Invoice", Body: "Which one?",
					CustomerID: int64(i + 1), PointID: int64(2*i + 1), At: tx.Now}); err != nil {
					return err
				}
			}
			who, _, err := inbox.Take(t.Context(), tx, inbox.In{Channel: customer.SMS, ProviderID: "3", Kind: inbox.Reply, From: "+4790611207", Body: "Who?", At: tx.Now})
			if err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), `UPDATE inbox_entries SET assignee_id = $2 WHERE id = $1`, who.ID, d.acme.CollectorID); err != nil {
				return err
			}
			_, err = dunning.RunOnly(t.Context(), tx, tx.Today())
			return err
		})
	}
	if err == nil {
		d.sql = d.Owner(t)
		_, err = d.sql.Exec(t.Context(), `UPDATE tenants SET branch_limited = true; UPDATE contact_points SET bad_why = 'Rang dead', bad_at = now() WHERE id = 6`)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.c = d.As(t, d.acme.Collector)
	return d
}

// step is something that a collector does, by the form of a page.
type step struct {
	page, form string   // {promises} stands for the newest row of a table; without a page only what is typed is sent
	writes     string   // the table that has it afterwards
	typed      []string // names and values
}

// steps are all that a collector does about customers, each once.
var steps = []step{
	// what goes out
	{"/customers/1/messages/new", "/customers/1/messages", "message_events", []string{"subject", "Our invoice", "body", "Please pay."}},
	{"/customers/1/messages/new?channel=sms", "/customers/1/messages", "message_events", []string{"body", "Please pay."}},
	{"/customers/1/messages/new?channel=letter", "/customers/1/messages", "message_events", []string{"subject", "Our invoice", "body", "Please pay."}},
	{"/agenda/2/", "/agenda/2/email", "message_events", nil},
	{"/agenda/2/", "/agenda/2/sms", "message_events", nil},
	{"/agenda/2/", "/agenda/2/letter", "message_events", nil},
	{"/agenda/1/", "/agenda/1/call", "agenda_action_items", []string{"disposition", "1", "text", "Rang."}},
	{"/agenda/1/", "/agenda/1/manual", "agenda_actions", []string{"text", "Asked the driver."}},
	{"/agenda/1/", "/agenda/1/later", "agenda_entries", []string{"reason", "They are away."}},
	{"/agenda/1/", "/agenda/1/later/end", "agenda_entries", nil},
	{"/agenda/1/", "/agenda/1/completion", "agenda_entries", nil},
	// what comes in
	{"/inbox/1", "/inbox/1/claim", "inbox_entries", nil},
	{"/inbox/1", "/inbox/1/answer", "message_events", []string{"subject", "Re: Invoice", "body", "Thank you."}},
	{"/inbox/2", "/inbox/2/handling", "inbox_entries", []string{"outcome", "Read."}},
	{"/inbox/2", "/inbox/2/handling/end", "inbox_entries", nil},
	{"/inbox/{inbox_entries}?q=C-1", "/inbox/{inbox_entries}/customer", "inbox_entries", []string{"customer", "1"}},
	{"/inbox/{inbox_entries}", "/inbox/{inbox_entries}/customer/end", "inbox_entries", nil},
	// cases
	{"/customers/1/statuschange", "/customers/1/statuschange", "case_items", []string{"item", "1", "status", "3", "step", "3", "action", "case", "title", "Price", "comment", "Too dear.", "resolver", "1"}},
	{"/cases/{cases}", "/cases/{cases}", "cases", []string{"title", "The price", "comment", "More words.", "on", "2026-03-27", "resolver", "1"}},
	{"/cases/{cases}/letters/new", "/cases/{cases}/letters", "message_events", []string{"subject", "Our invoice", "body", "We look at it: [the link]"}},
	{"/cases/{cases}", "/cases/{cases}/documents", "documents", []string{"file", "proof.txt"}},
	{"/cases/{cases}", "/cases/{cases}/links", "resolver_links", []string{"days", "14"}},
	{"/cases/{cases}", "/cases/{cases}/links/revocation", "resolver_links", nil},
	{"/cases/{cases}/closure", "/cases/{cases}/closure", "cases", []string{"note", "Settled.", "go_1", "dunning"}},
	// promises
	{"/customers/1/promises/new", "/customers/1/promises", "promise_items", []string{"confirmed", "on"}},
	{"/promises/{promises}", "/promises/{promises}/assignee", "promises", []string{"assignee", "2"}},
	{"/promises/{promises}/replacement", "/promises/{promises}/replacement", "instalments", []string{"due_on", "2026-03-30", "confirmed", "on", "reason", "They asked."}},
	{"/promises/{promises}", "/promises/{promises}/withdrawal", "promises", []string{"reason", "Another customer."}},
	// what is owed
	{"/customers/2/items?item=4", "/customers/2/items/4/status", "item_status_changes", []string{"status", "4", "status_reason", "They said so."}},
	{"/customers/2/items?item=4", "/customers/2/items/4/pause", "items", []string{"until", "2026-03-20", "pause_reason", "Asked."}},
	{"/customers/2/items?item=4", "/customers/2/items/4/pause/end", "items", nil},
	{"/customers/2/items?item=6", "/customers/2/items/6/applications", "applications", []string{"pay", "4", "line-4", "1.00"}},
	{"/customers/2/payments/new", "/customers/2/payments", "applications", []string{"amount", "10.00", "number", "P-1", "spread", "10.00", "pay", "4", "line-4", "3.00", "line-5", ""}},
	{"/customers/2/items?show=all&payment={payments}", "/customers/2/payments/{payments}/applications", "applications", []string{"pay", "4", "line-4", "2.00"}},
	{"/customers/2/dunning/mode", "/customers/2/dunning/mode", "customers", []string{"mode", "manual", "next_on", "2026-03-30"}},
	{"/customers/2/dunning", "/customers/2/dunning/pause", "customers", []string{"reason", "Asked."}},
	{"/customers/2/dunning", "/customers/2/dunning/pause/end", "customers", nil},
	// what is known
	{"/customers/2/details", "/customers/2/details", "customers", []string{"city", "Halden"}},
	{"/customers/2/contactpoints/new", "/customers/2/contactpoints", "contact_points", []string{"value", "+47 22 41 09 44", "person", "Bo"}},
	{"/customers/2/contactpoints/{contact_points}", "/customers/2/contactpoints/{contact_points}", "contact_points", []string{"person", "Boe"}},
	{"/customers/2/contactpoints/{contact_points}", "/customers/2/contactpoints/{contact_points}/permissions", "permissions", []string{"state", "consent", "source", "On the telephone"}},
	{"/customers/2/contactpoints/{contact_points}", "/customers/2/contactpoints/{contact_points}/request", "contact_requests", []string{"source", "On the telephone"}},
	{"/customers/2/contactpoints/{contact_points}", "/customers/2/contactpoints/{contact_points}/retirement", "contact_points", nil},
	{"/customers/2/times", "/customers/2/times", "contact_times", []string{"from", "09:00", "to", "11:00", "remark", "At work."}},
	{"/customers/2/times", "/customers/2/times/{contact_times}/removal", "contact_times", nil},
	{"/customers/2/vehicles/new", "/customers/2/vehicles", "vehicles", []string{"registration", "EL 12345", "make", "Volvo"}},
	{"/customers/2/vehicles/{vehicles}", "/customers/2/vehicles/{vehicles}", "vehicles", []string{"model", "EX30"}},
	{"/customers/2/vehicles/{vehicles}", "/customers/2/vehicles/{vehicles}/retirement", "vehicles", nil},
	{"/customers/2/watch", "/customers/2/watch", "customers", []string{"reason", "Look closely.", "until", "2026-03-30"}},
	{"/customers/2/watch", "/customers/2/watch/end", "customers", []string{"reason", "Over."}},
	{"/customers/2/documents", "/customers/2/documents", "documents", []string{"file", "proof.txt"}},
	{"/customers/2/documents", "/customers/2/documents/{documents}/removal", "documents", []string{"reason", "The wrong one."}},
	// what was said
	{"/customers/2/notes", "/customers/2/notes", "notes", []string{"text", "Called them."}},
	{"/customers/2/notes/{seq}/correction", "/customers/2/notes/{seq}/correction", "notes", []string{"text", "They called."}},
	{"/customers/2/notes", "/customers/2/notes/1/pin", "note_pins", nil},
	{"/customers/2/notes", "/customers/2/notes/1/unpin", "note_pins", nil},
	{"/customers/2/calls/new", "/customers/2/calls", "call_attempt_accounts", nil},
	{"/customers/2/calls/{call_attempts}", "/customers/2/calls/{call_attempts}/outcome", "call_events", []string{"disposition", "1", "text", "Nobody there."}},
	{"/customers/2/activities/new", "/customers/2/activities", "call_events", []string{"disposition", "1", "text", "Nobody there."}},
	// what comes next
	{"/customers/2/followups", "/customers/2/followups", "follow_ups", []string{"text", "Call them.", "due_on", "2026-03-20"}},
	{"/customers/2/followups/{follow_ups}", "/customers/2/followups/{follow_ups}", "follow_ups", []string{"text", "Call her."}},
	{"", "/customers/2/followups/{follow_ups}/date", "follow_ups", []string{"version", "2", "due_on", "2026-03-23"}},
	{"", "/customers/2/followups/{follow_ups}/deletion", "follow_ups", nil},
	{"", "/customers/2/followups/restoration", "follow_ups", []string{"follow_up", "{follow_ups}"}},
	{"", "/customers/2/followups/deletion", "follow_ups", []string{"follow_up", "{follow_ups}"}},
	{"", "/customers/2/followups/restoration", "follow_ups", []string{"follow_up", "{follow_ups}"}},
	{"/diary/entry?task=follow_up-{follow_ups}", "/diary/dates", "follow_ups", []string{"due_on", "2026-03-24"}},
	{"", "/customers/2/followups/{follow_ups}/completion", "follow_ups", nil},
	{"", "/customers/2/followups/restoration", "follow_ups", []string{"follow_up", "{follow_ups}"}},
	{"", "/diary/completion", "follow_ups", []string{"task", "follow_up-{follow_ups}"}},
	{"/customers/2/contacts/new", "/customers/2/contacts", "contacts", []string{"type", "1", "description", "Call them.", "next_type", "1", "due_on", "2026-03-20"}},
	{"/customers/2/contacts/{contacts}/edit", "/customers/2/contacts/{contacts}", "contacts", []string{"description", "Call her."}},
	{"/customers/2/contacts/{contacts}", "/customers/2/contacts/{contacts}/date", "contacts", []string{"due_on", "2026-03-23"}},
	{"/customers/2/contacts/{contacts}", "/customers/2/contacts/{contacts}/attempts", "contacts", nil},
	{"/customers/2/contacts/{contacts}/next", "/customers/2/contacts/{contacts}/next", "contacts", []string{"type", "1", "description", "Called.", "next_type", "1", "due_on", "2026-03-24"}},
	{"/customers/2/contacts/{contacts}", "/customers/2/contacts/{contacts}/closure", "contacts", []string{"closing", "All is said."}},
	{"/customers/3/contactpoints/6", "/customers/3/contactpoints/6/works", "contact_points", []string{"why", "They said so."}},
	{"/diary/feed", "/diary/feed", "feeds", nil},
	{"/diary/feed", "/diary/feed/end", "feeds", nil},
	{"/absences", "/absences", "absences", []string{"cover", "2", "from_on", "2026-03-23", "until_on", "2026-03-27"}},
	{"/absences", "/absences/{absences}/end", "absences", nil},
	{"/", "/walk", "walks", nil},
	{"", "/walk/end", "walks", nil},
	{"/agenda?whose=mine", "/agenda/walk", "walks", nil},
	// and what ends it all
	{"/customers/2/stops/new", "/customers/2/stops", "stops", []string{"kind", "hardship", "reason", "No income.", "review_on", "2026-04-16"}},
	{"/customers/2/stops/{stops}", "/customers/2/stops/{stops}/review", "stops", []string{"review_on", "2026-05-16", "finding", "Still none."}},
}

// aside are the routes about nobody's customers, or that write nothing, and those where
// a collector is refused.
var aside = []string{"/account", "/account/password", "/account/phone", "/session/tenant", "/sign-out-everywhere", "/handover/{hand_over}/acknowledgement",
	"/customers/{customer}/messages/draft", "/customers/{customer}/messages/preview",
	"/customers", "/inbox/assignment"}

// A collector who is limited to a branch can do all that there is to do about the
// customers of that branch, and it is written.
func TestEveryWorkInTheOwnBranch(t *testing.T) {
	t.Parallel()
	d := newBranchDesk(t)
	sent := map[string]bool{}
	for _, s := range steps {
		path, action := d.named(t, s.page), d.named(t, s.form)
		before := d.rows(t, s.writes)
		to, f := action, url.Values{}
		if s.page != "" {
			to, f = d.form(t, path, action)
		}
		for i := 0; i < len(s.typed); i += 2 {
			f.Set(s.typed[i], d.named(t, s.typed[i+1]))
		}
		send := d.c.Post
		if name := f.Get("file"); name != "" {
			f.Del("file")
			send = func(to string, f url.Values) webtest.Page { return d.c.Upload(to, f, name, "words") }
		}
		page := send(to, f)
		if page.Code >= http.StatusBadRequest || d.rows(t, s.writes) == before {
			t.Errorf("%s: status %d: %.2500s", action, page.Code, page.Body)
		}
		sent[action] = true
	}
	walk(t, d.Site, func(method, route string) {
		if method != http.MethodPost || slices.Contains(public, route) || slices.Contains(aside, route) || needs(method, route) != tenant.Collector {
			return
		}
		pattern := regexp.MustCompile("^" + param.ReplaceAllString(route, "[^/]+") + "$")
		if !slices.ContainsFunc(slices.Collect(maps.Keys(sent)), pattern.MatchString) {
			t.Errorf("nothing was done at %s", route)
		}
	})
}

// rows is another text when the table says something else.
func (d *branchDesk) rows(t *testing.T, table string) (sum string) {
	t.Helper()
	if err := d.sql.QueryRow(t.Context(), `SELECT coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM `+table+` x`).Scan(&sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

// named has the newest row of a table in the place of its name, and the note that was
// typed last in the place of {seq}.
func (d *branchDesk) named(t *testing.T, s string) string {
	t.Helper()
	return param.ReplaceAllStringFunc(s, func(p string) (id string) {
		if p == "{seq}" {
			p = "(SELECT max(seq) AS id FROM notes WHERE customer_id = 2 AND kind = 'note') n"
		}
		if err := d.sql.QueryRow(t.Context(), `SELECT coalesce(max(id), 0)::text FROM `+strings.Trim(p, "{}")).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	})
}

// form is what the page's form with that action sends, before anything is typed.
func (d *branchDesk) form(t *testing.T, path, action string) (to string, values url.Values) {
	t.Helper()
	page := d.c.Get(path)
	root, err := html.Parse(strings.NewReader(page.Body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data != "form" || !strings.EqualFold(attr(n, "method"), http.MethodPost) {
			continue
		}
		if at, err := url.Parse(attr(n, "action")); err != nil || at.Path != action {
			continue
		}
		f := shownForm{values: url.Values{}}
		for field := range n.Descendants() {
			if field.Data != "button" {
				f.take(field)
			}
		}
		return attr(n, "action"), f.values
	}
	t.Errorf("%s, status %d, has no form for %s: %.2500s", path, page.Code, action, page.Body)
	return action, url.Values{}
}
