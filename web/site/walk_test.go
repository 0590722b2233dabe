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

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// public are the routes that answer people who are not signed in.
var public = []string{
	"/", "/healthz", "/readyz", "/static/*", "/favicon.ico", "/theme", "/sign-in", "/sign-out", "/forgotten", "/links/{token}",
}

// needs says which role the routes below a path are for; the longest path that
// fits counts. Writing under /admin is for admins alone.
func needs(method, route string) tenant.Role {
	switch {
	case strings.HasPrefix(route, "/admin") && method == http.MethodPost:
		return tenant.Admin
	case strings.HasPrefix(route, "/admin"), strings.HasPrefix(route, "/imports"):
		return tenant.Manager
	}
	return tenant.Collector
}

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
			// what a request before this one ended or took away is given back
			for _, sql := range []string{
				`UPDATE sign_ins SET ended_at = NULL`, `UPDATE users SET session_epoch = 1`, `DELETE FROM sign_in_attempts`,
				fmt.Sprintf(`UPDATE members SET active = true, role = CASE id WHEN %d THEN 'collector' WHEN %d THEN 'manager' ELSE 'admin' END WHERE tenant_id = %d`,
					ours.CollectorID, ours.ManagerID, ours.ID),
			} {
				if _, err := owner.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
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
	for _, table := range tables(t, s) {
		var id *int64
		err := s.Owner(t).QueryRow(t.Context(), `SELECT min(id) FROM `+table+` WHERE tenant_id = $1`, tenantID).Scan(&id)
		if err != nil || id == nil {
			continue // a table without ids, or without a row
		}
		ids[singular(table)] = fmt.Sprint(*id)
	}
	ids["owner"] = ids["member"]
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
	rows, _ := s.Owner(t).Query(t.Context(), `
		SELECT table_name FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name = 'tenant_id'
		ORDER BY 1`)
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
	for _, table := range tables(t, s) {
		var line string
		err := s.Owner(t).QueryRow(t.Context(), `
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
		customer, account := dbtest.Customer(t, tx, "zulu "+marker)
		dbtest.Item(t, tx, account, "INV "+marker, "2026-02-01", 12_345, "EUR")
		if _, err := note.Add(t.Context(), tx, note.New{CustomerID: customer, Kind: "note", Text: "zulu said " + marker}); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `
			WITH branch AS (INSERT INTO branches (name) VALUES ('zulu bravo branch')),
				department AS (INSERT INTO departments (name) VALUES ('zulu bravo department')),
				file AS (
					INSERT INTO imports (kind, file_name, sha256, size, mapping, state)
					VALUES ('items', 'zulu bravo.csv', '', 1, '{}', 'checked')
					RETURNING id)
			INSERT INTO import_rejects (import_id, line, col, value, reason)
			SELECT id, 2, 'bravo', 'bravo', 'bravo' FROM file`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
