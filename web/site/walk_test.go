package site_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
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
		strings.HasPrefix(route, "/outbox"), strings.HasPrefix(route, "/statements"):
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
var absent = []string{"/agenda/batches/{batch}/letters.pdf", "/statements/{statement_run}/print.pdf", "/customers/{customer}/dossiers/{seq}", "/inbox/{inbox_entry}/documents/{document}", "/imports/{import}/mapping", "/letterhead/logo", "/links/{token}", "/resolve/{token}", "/d/{token}", "/feeds/{token}", "/static/*"}

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
