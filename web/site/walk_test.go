package site_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/followup"
	"dunwell/internal/inbox"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// public are the routes that answer people who are not signed in.
var public = []string{
	"/healthz", "/readyz", "/static/*", "/favicon.ico", "/theme", "/sign-in", "/sign-out", "/forgotten", "/links/{token}",
	"/d/{token}", "/hooks/twilio/sms/{token}", "/hooks/twilio/status/{token}", "/hooks/twilio/connect/{token}", "/hooks/twilio/call/{token}", "/hooks/twilio/customer/{token}", "/resolve/{token}", "/feeds/{token}",
}

// needs says which role the routes below a path are for; the longest path that
// fits counts. Writing under /admin is for admins alone.
func needs(method, route string) tenant.Role {
	switch {
	case strings.HasPrefix(route, "/admin") && method == http.MethodPost:
		return tenant.Admin
	case strings.HasPrefix(route, "/admin"), strings.HasPrefix(route, "/imports"), strings.HasPrefix(route, "/documents/copies"), route == "/customers/assignment", route == "/day/assignment", route == "/diary/assignment", route == "/handover",
		strings.HasPrefix(route, "/outbox"):
		return tenant.Manager
	case slices.Contains([]string{"/agenda/run", "/agenda/waiver", "/agenda/preview", "/agenda/stranded", "/agenda/bulk"}, route), strings.HasPrefix(route, "/agenda/batches"):
		return tenant.Manager
	case strings.HasSuffix(route, "/reversal"), strings.HasSuffix(route, "/return"), strings.Contains(route, "/dossiers"):
		return tenant.Manager
	case strings.HasSuffix(route, "/archive"), strings.HasSuffix(route, "/archive/end"), strings.HasSuffix(route, "/merge"), strings.HasSuffix(route, "/lifting"):
		return tenant.Manager
	}
	return tenant.Collector
}

// holiday is one of the other company's, whose holidays go by their day.
var holiday = day.New(2026, 5, 17)

// marker stands in every text of the other company and in nothing else.
const marker = "bravo"

var param = regexp.MustCompile(`\{(\w+)\}`)

// walk calls f for every route of the table, so that a new one joins by itself.
func walk(t *testing.T, s *webtest.Site, f func(method, route string)) {
	t.Helper()
	n := 0
	err := chi.Walk(s.Router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method == http.MethodGet || method == http.MethodPost {
			n++
			f(method, route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 30 {
		t.Errorf("only %d routes were walked", n)
	}
}

func TestEveryRouteKeepsToItsTenant(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	ours, theirs := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, marker)
	fill(t, s, theirs)
	ids := idsOf(t, s, theirs.ID)
	before := snapshot(t, s, theirs.ID)
	owner := s.Owner(t)
	for name, who := range map[string]tenant.Who{"nobody": {}, "collector": ours.Collector, "manager": ours.Manager, "admin": ours.Admin} {
		walk(t, s, func(method, route string) {
			restore(t, owner, ours)
			client := s.Nobody(t)
			if who.SignInID != 0 {
				client = s.As(t, who)
			}
			page, named := request(t, client, method, route, ids)
			at := fmt.Sprintf("%s %s as %s", method, route, name)
			if strings.Contains(strings.ToLower(page.Body+page.Location), marker) {
				t.Errorf("%s shows something of the other company: %.1500s", at, page.Body)
			}
			if page.Code >= 500 {
				t.Errorf("%s: status %d: %.600s", at, page.Code, page.Body)
			}
			switch {
			case slices.Contains(public, route):
			case who.SignInID == 0 && (method == http.MethodGet && !strings.HasPrefix(page.Location, "/sign-in?next=") ||
				method == http.MethodPost && page.Code != http.StatusUnauthorized):
				t.Errorf("%s: status %d to %q, want the sign-in or 401", at, page.Code, page.Location)
			case who.SignInID != 0 && named && page.Code != http.StatusNotFound && page.Code != http.StatusForbidden:
				t.Errorf("%s with ids of the other company: status %d, want 404", at, page.Code)
			}
		})
	}
	if after := snapshot(t, s, theirs.ID); after != before {
		t.Errorf("the other company's rows changed:\n%s\nbefore:\n%s", after, before)
	}
}

// restore gives back what a request before ended or took away.
func restore(t *testing.T, owner *pgx.Conn, c *dbtest.Company) {
	t.Helper()
	for _, sql := range []string{
		`UPDATE sign_ins SET ended_at = NULL`, `UPDATE users SET session_epoch = 1`, `DELETE FROM sign_in_attempts`,
		fmt.Sprintf(`UPDATE members SET active = true, role = CASE id WHEN %d THEN 'collector' WHEN %d THEN 'manager' ELSE 'admin' END WHERE tenant_id = %d`,
			c.CollectorID, c.ManagerID, c.ID),
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// elsewhere is what is open of the customer in the other branch.
const elsewhere = "111.11"

// A collector who is limited to a branch neither sees nor changes anything of a
// customer in another one, nor finds it in a sum.
func TestEveryRouteKeepsToTheBranch(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, "acme")
	err := s.Write(t.Context(), c.Manager, func(tx *tenant.Tx) error {
		if err := debtor(t, s, tx); err != nil {
			return err
		}
		_, account := dbtest.Customer(t, tx, "zulu here")
		dbtest.Item(t, tx, account, "zulu INV", "2026-02-01", 7_654_300, "EUR")
		_, err := tx.Exec(t.Context(), `
			WITH b AS (INSERT INTO branches (name) VALUES ('here'), ('there') RETURNING id, name),
				c AS (UPDATE customers SET branch_id = b.id FROM b WHERE b.name = CASE number WHEN 'zulu here' THEN 'here' ELSE 'there' END)
			UPDATE members SET branch_id = b.id FROM b WHERE b.name = 'here'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	owner := s.Owner(t)
	if _, err := owner.Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	ids := idsOf(t, s, c.ID) // the other branch's are the lowest
	ids["department"], ids["import"], ids["standard_follow_up"], ids["contact_rule"], ids["copy_upload"], ids["template"] = "1", "1", "1", "1", "1", "1"
	ids["policy"], ids["level"], ids["policy_rule"], ids["disposition"] = "1", "1", "1", "1"
	ids["contact_origin"], ids["contact_strength"], ids["absence"] = "1", "1", "1"
	ids["hand_over"] = "1"
	limited := map[string]bool{"customer": true}
	for _, table := range tablesWith(t, s, "customer_id", "item_id") {
		limited[singular(table)] = true
	}
	before := branchRows(t, s, ids["customer"])
	walk(t, s, func(method, route string) {
		restore(t, owner, c)
		page, _ := request(t, s.As(t, c.Collector), method, route, ids)
		at := fmt.Sprintf("%s %s", method, route)
		if strings.Contains(strings.ToLower(page.Body+page.Location), marker) || strings.Contains(page.Body, elsewhere) {
			t.Errorf("%s shows something of the other branch: %.1500s", at, page.Body)
		}
		names := slices.ContainsFunc(param.FindAllStringSubmatch(route, -1), func(m []string) bool { return limited[m[1]] })
		if page.Code >= 500 || names && page.Code != http.StatusNotFound && page.Code != http.StatusForbidden {
			t.Errorf("%s with ids of the other branch: status %d, want 404: %.600s", at, page.Code, page.Body)
		}
	})
	if after := branchRows(t, s, ids["customer"]); after != before {
		t.Errorf("the other branch's rows changed:\n%s\nbefore:\n%s", after, before)
	}
	sum := s.As(t, c.Collector).Get("/reports/ageing")
	sum.Has(t, http.StatusOK, "76,543.00")
	sum.Lacks(t, "76,654.11")
	s.As(t, c.Manager).Get("/reports/ageing").Has(t, http.StatusOK, "76,654.11")
	restore(t, owner, c)
	s.As(t, c.Manager).Get("/customers/"+ids["customer"]).Has(t, http.StatusOK, marker, elsewhere)
}

// branchRows is a line a table: what the customer's rows say.
func branchRows(t *testing.T, s *webtest.Site, customer string) string {
	t.Helper()
	var b strings.Builder
	owner := s.Owner(t)
	for _, table := range tablesWith(t, s, "customer_id") {
		var line string
		err := owner.QueryRow(t.Context(), `
			SELECT count(*) || ' ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '')
			FROM `+table+` x WHERE customer_id = $1`, customer).Scan(&line)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, table, line)
	}
	return b.String()
}

func TestEveryRouteAsksForItsRole(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, marker)
	fill(t, s, c)
	ids := idsOf(t, s, c.ID)
	for _, who := range []struct {
		role tenant.Role
		who  tenant.Who
	}{{tenant.Collector, c.Collector}, {tenant.Manager, c.Manager}} {
		walk(t, s, func(method, route string) {
			if who.role.AtLeast(needs(method, route)) {
				return
			}
			if page, _ := request(t, s.As(t, who.who), method, route, ids); page.Code != http.StatusForbidden {
				t.Errorf("%s %s as %s: status %d, want 403: %.400s", method, route, who.role, page.Code, page.Body)
			}
		})
	}
}

// What is walked is there: with ids of the company's own, its administrator finds
// every page, and everything that is done about an entry of the agenda. Else the
// tests above would be content with routes that never find anything.
func TestEveryRouteFindsItsRow(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := dbtest.Tenant(t, s.Database, marker)
	fill(t, s, c)
	ids, admin := idsOf(t, s, c.ID), s.As(t, c.Admin)
	walk(t, s, func(method, route string) {
		if method == http.MethodPost && !strings.HasPrefix(route, "/agenda/") || slices.Contains(absent, route) {
			return
		}
		if page, _ := request(t, admin, method, route, ids); page.Code == http.StatusNotFound || page.Code >= 500 {
			t.Errorf("%s %s: status %d: %.600s", method, route, page.Code, page.Body)
		}
	})
}

// absent are pages that are not there for other reasons: nothing was uploaded or
// printed, and no link is known.
var absent = []string{"/agenda/batches/{batch}/letters.pdf", "/customers/{customer}/dossiers/{seq}", "/inbox/{inbox_entry}/documents/{document}", "/imports/{import}/mapping", "/letterhead/logo", "/links/{token}", "/resolve/{token}", "/d/{token}", "/feeds/{token}", "/static/*"}

// request asks for the route with those ids in its path, query and form, and
// tells whether the path names one of them.
func request(t *testing.T, c *webtest.Client, method, route string, ids map[string]string) (page webtest.Page, named bool) {
	t.Helper()
	path := param.ReplaceAllStringFunc(strings.TrimSuffix(route, "*"), func(p string) string {
		name := strings.Trim(p, "{}")
		id, known := ids[name]
		if !known {
			t.Errorf("%s: no row of the other company for {%s}: name the parameter after its table, or add it to idsOf", route, name)
		}
		named = named || (name != "seq" && name != "token")
		return id
	})
	form := url.Values{"q": {"zulu"}, "text": {"words"}, "name": {"words"}, "version": {"1"}, "email": {"someone@else.example"}, "password": {"a long enough password"}}
	for name, id := range ids {
		form.Set(name, id)
		form.Set(name+"_id", id)
	}
	if method == http.MethodGet {
		return c.Get(path + "?" + form.Encode()), named
	}
	return c.Post(path, form), named
}

// idsOf has an id of the tenant's for each table, by the table's noun.
func idsOf(t *testing.T, s *webtest.Site, tenantID int64) map[string]string {
	t.Helper()
	ids := map[string]string{"seq": "1", "token": "none", "tenant": fmt.Sprint(tenantID)}
	owner := s.Owner(t)
	for _, table := range tables(t, s) {
		var id *int64
		err := owner.QueryRow(t.Context(), `SELECT min(id) FROM `+table+` WHERE tenant_id = $1`, tenantID).Scan(&id)
		if err != nil || id == nil {
			continue // a table without ids, or without a row
		}
		ids[singular(table)] = fmt.Sprint(*id)
	}
	ids["owner"] = ids["member"]
	ids["holiday"], ids["task"] = holiday.String(), "follow_up-"+ids["follow_up"]
	return ids
}

func singular(table string) string {
	switch {
	case strings.HasSuffix(table, "ches"), strings.HasSuffix(table, "uses"):
		return strings.TrimSuffix(table, "es")
	case strings.HasSuffix(table, "ies"):
		return strings.TrimSuffix(table, "ies") + "y"
	}
	return strings.TrimSuffix(table, "s")
}

func tables(t *testing.T, s *webtest.Site) []string {
	t.Helper()
	return tablesWith(t, s, "tenant_id")
}

// tablesWith lists the tables that have one of the columns.
func tablesWith(t *testing.T, s *webtest.Site, columns ...string) []string {
	t.Helper()
	rows, _ := s.Owner(t).Query(t.Context(), `
		SELECT DISTINCT c.table_name::text
		FROM information_schema.columns c
		JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = ANY($1)
		ORDER BY 1`, columns)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// snapshot is a line a table: how many rows the tenant has and what they say.
func snapshot(t *testing.T, s *webtest.Site, tenantID int64) string {
	t.Helper()
	var b strings.Builder
	owner := s.Owner(t)
	for _, table := range tables(t, s) {
		var line string
		err := owner.QueryRow(t.Context(), `
			SELECT count(*) || ' ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '')
			FROM `+table+` x WHERE tenant_id = $1`, tenantID).Scan(&line)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, table, line)
	}
	return b.String()
}

// fill gives the company one of everything, each with the marker in its texts.
func fill(t *testing.T, s *webtest.Site, c *dbtest.Company) {
	t.Helper()
	err := s.Write(t.Context(), c.Manager, func(tx *tenant.Tx) error {
		if err := debtor(t, s, tx); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `
			WITH off AS (INSERT INTO holidays (day, name) VALUES ('2026-05-17', 'zulu bravo day')),
				branch AS (INSERT INTO branches (name) VALUES ('zulu bravo branch')),
				department AS (INSERT INTO departments (name) VALUES ('zulu bravo department')),
				standard AS (INSERT INTO standard_follow_ups (name, text, position) VALUES ('zulu bravo call', 'bravo', 1)),
				rule AS (INSERT INTO contact_rules (name, needs_consent, source, as_of) VALUES ('zulu bravo rule', true, 'bravo', '2026-01-01')),
				template AS (INSERT INTO templates (channel, name) VALUES ('email', 'zulu bravo template') RETURNING id),
				text AS (INSERT INTO template_texts (template_id, language, subject, body) SELECT id, 'en', 'bravo', 'bravo' FROM template),
				policy AS (INSERT INTO policies (name, is_default) VALUES ('zulu bravo policy', true) RETURNING id),
				level AS (INSERT INTO levels (policy_id, name, after_days) SELECT id, 'zulu bravo level', 5 FROM policy RETURNING id),
				action AS (INSERT INTO level_actions (level_id, kind, text) SELECT id, 'manual', 'bravo' FROM level),
				fits AS (INSERT INTO policy_rules (position, policy_id, tag) SELECT 1, id, 'bravo' FROM policy),
				outcome AS (INSERT INTO dispositions (name) VALUES ('zulu bravo outcome')),
				handed AS (INSERT INTO hand_overs (rule, note, author_id, at) SELECT 'people', 'zulu bravo', id, now() FROM members WHERE role = 'manager'),
				script AS (INSERT INTO call_scripts (kind, identity, text) VALUES ('business', 'bravo', 'bravo')),
				codes AS (INSERT INTO contact_groups (name) VALUES ('zulu bravo group') RETURNING id),
				code AS (INSERT INTO contact_types (group_id, code, name, action) SELECT id, 'BRAVO', 'zulu bravo', 'bravo' FROM codes),
				origin AS (INSERT INTO contact_origins (name) VALUES ('zulu bravo origin')),
				strength AS (INSERT INTO contact_strengths (name) VALUES ('zulu bravo strength')),
				copies AS (INSERT INTO copy_uploads (file_name, size, taken, there, unknown, refused, files)
					VALUES ('zulu bravo.zip', 1, 0, 0, 1, 0, '[{"name": "bravo.pdf", "outcome": "unknown"}]')),
				file AS (
					INSERT INTO imports (kind, file_name, sha256, size, mapping, state, result)
					VALUES ('items', 'zulu bravo.csv', '', 1, '{}', 'checked', '{}')
					RETURNING id)
			INSERT INTO import_rejects (import_id, line, col, value, reason)
			SELECT id, 2, 'bravo', 'bravo', 'bravo' FROM file`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// debtor makes a customer with one of everything.
func debtor(t *testing.T, s *webtest.Site, tx *tenant.Tx) error {
	t.Helper()
	id, account := dbtest.Customer(t, tx, "zulu "+marker)
	item := dbtest.Item(t, tx, account, "INV "+marker, "2026-02-01", 12_345, "EUR")
	if _, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: id, AccountID: account, Number: "P " + marker, ValueOn: tx.Today(),
		Amount: money.New(4_321, "EUR"), Lines: []ledger.Line{{ItemID: item, Minor: 1_234}}}); err != nil {
		return err
	}
	if _, err := note.Add(t.Context(), tx, note.New{CustomerID: id, Kind: "note", Text: "zulu said " + marker}); err != nil {
		return err
	}
	_, err := document.Add(t.Context(), tx, s.App.Blobs, document.New{CustomerID: id, Subject: document.OfItem, SubjectID: item, Name: "zulu " + marker + ".txt",
		Content: strings.NewReader(marker)})
	return errors.Join(err, care(t, tx, id), toBeDone(t, tx, id), written(t, tx, id), called(t, tx, id), promised(t, tx, id, account), reminded(t, tx, id, item), inCase(t, tx, id), answered(t, tx, id), spokenTo(t, tx, id))
}

// spokenTo gives the customer a contact of a type of its own, to be followed up.
func spokenTo(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	group, err := contact.Groups.Add(t.Context(), as(tx, tenant.Admin), "zulu")
	if err != nil {
		return err
	}
	kind, err := contact.AddType(t.Context(), as(tx, tenant.Admin), contact.Terms{GroupID: group, Code: "ZULU", Name: "zulu", NextDelay: -1})
	if err != nil {
		return err
	}
	_, err = contact.Add(t.Context(), tx, id, contact.Plan{TypeID: kind, Description: "zulu " + marker, ExecutiveID: tx.Actor.MemberID,
		Next: contact.Next{AssigneeID: tx.Actor.MemberID, On: tx.Today(), TypeID: kind}})
	return err
}

// as is the transaction with another role.
func as(tx *tenant.Tx, role tenant.Role) *tenant.Tx {
	other := *tx
	other.Actor.Role = role
	return &other
}

// answered has the customer write, which waits in the inbox.
func answered(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	_, _, err := inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, ProviderID: "1@" + marker, Kind: inbox.Reply, From: "zulu@" + marker + ".example", Person: "zulu " + marker,
		Subject: "zulu " + marker, Body: marker, CustomerID: id, At: tx.Now})
	return err
}

// inCase gives the customer a case, with a resolver and his link.
func inCase(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	var resolver int64
	if err := tx.QueryRow(t.Context(), `INSERT INTO resolvers (name, email) VALUES ('zulu bravo', 'bravo@zulu.example') RETURNING id`).Scan(&resolver); err != nil {
		return err
	}
	k, err := cases.Open(t.Context(), tx, id, cases.Opening{Title: "zulu " + marker, OwnerID: tx.Actor.MemberID, ResolverID: resolver, NextOn: tx.Today()}, nil)
	if err != nil {
		return err
	}
	_, err = cases.MakeLink(t.Context(), tx, k, 3)
	return err
}

// promised gives the customer a promise to pay.
func promised(t *testing.T, tx *tenant.Tx, id, account int64) error {
	t.Helper()
	_, err := promise.Make(t.Context(), tx, id, promise.Plan{AccountID: account, Amount: money.New(1_357, "EUR"), AssigneeID: tx.Actor.MemberID,
		DueOn: tx.Today().Add(3), Text: "zulu " + marker, Confirmed: true})
	return err
}

// reminded gives the customer an entry in the agenda, and a batch that it was
// worked in.
func reminded(t *testing.T, tx *tenant.Tx, id, item int64) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), `
		WITH policy AS (INSERT INTO policies (name) VALUES ('zulu bravo agenda') RETURNING id),
			entry AS (
				INSERT INTO agenda_entries (customer_id, opened_on, as_of, policy_id, why, item_id, due_on, items, currency, to_collect, currencies, later_on, later_reason)
				SELECT $1, $3, $3, id, 'chosen_day', $2, '2026-02-01', 1, 'EUR', 1234, 1, $3, 'zulu bravo' FROM policy
				RETURNING id),
			action AS (
				INSERT INTO agenda_actions (customer_id, entry_id, kind, level_number, level_name, text)
				SELECT $1, id, 'manual', 0, 'zulu bravo', 'bravo' FROM entry),
			batch AS (INSERT INTO batches (kind, on_day, reason) VALUES ('print', $3, 'zulu bravo') RETURNING id)
		INSERT INTO batch_entries (batch_id, entry_id, customer_id, state, why, at) SELECT b.id, e.id, $1, 'left', 'bravo', now() FROM batch b, entry e`, id, item, tx.Today())
	return err
}

// called is a call with the customer of which every member is asked what came of it.
func called(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), `
		WITH call AS (
			INSERT INTO call_attempts (customer_id, direction, number, member_id)
			SELECT $1, 'out', '+4721494000', id FROM members
			RETURNING id, member_id, at)
		INSERT INTO open_calls (customer_id, call_attempt_id, member_id, at) SELECT $1, id, member_id, at FROM call`, id)
	return err
}

// written is a message to the customer that did not go out.
func written(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), `
		WITH message AS (
			INSERT INTO messages (customer_id, channel, state, address, person, language, subject, body, error)
			VALUES ($1, 'email', 'unknown', 'bravo@zulu.example', 'zulu bravo', 'en', 'zulu bravo', 'bravo', 'bravo')
			RETURNING id)
		INSERT INTO message_events (message_id, state, detail)
		SELECT id, 'unknown', 'bravo' FROM message`, id)
	return err
}

// toBeDone gives every member a follow-up with the customer, and a walk that leads
// to it; one of them is away, and another covers.
func toBeDone(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), `
		WITH walk AS (INSERT INTO walks (member_id, customers, day) SELECT id, ARRAY[$1::bigint], $2 FROM members),
			away AS (INSERT INTO absences (member_id, cover_id, from_on, until_on, note) SELECT max(id), (array_agg(id ORDER BY id))[2], $2, $2, 'zulu bravo' FROM members)
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text) SELECT $1, id, $2, '11:00', 'zulu ' || $3::text FROM members`,
		id, tx.Today(), marker)
	return err
}

// care gives the customer one of everything that is to be known before anybody
// contacts it.
func care(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	ctx := t.Context()
	point, err := customer.AddPoint(ctx, tx, id, customer.Point{Kind: customer.Email, Value: marker + "@zulu.example", Person: "zulu " + marker,
		Title: marker, Role: customer.Debtor, Preferred: true})
	if err != nil {
		return err
	}
	today := tx.Today()
	_, verr := customer.AddVehicle(ctx, tx, id, customer.Vehicle{Registration: marker, Make: marker, Model: marker})
	_, serr := customer.PlaceStop(ctx, tx, id, customer.Stop{Kind: "hardship", Reason: marker, Since: today, ReviewOn: today.Add(30)})
	_, ferr := followup.Schedule(ctx, tx, id, followup.Plan{AssigneeID: tx.Actor.MemberID, DueOn: today.Add(10), Text: marker, InNotes: true})
	return errors.Join(verr, serr, ferr,
		customer.Permit(ctx, tx, id, point, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: today, Source: marker, ReviewOn: today.Add(40)}),
		customer.AddTime(ctx, tx, id, customer.ContactTime{Kind: customer.Best, Weekdays: customer.Workdays, From: "09:00", To: "11:00", Remark: marker}),
		customer.Watch(ctx, tx, id, marker, today.Add(20)))
}
