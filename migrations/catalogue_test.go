package migrations_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// outside are the tables that belong to no tenant, each for a reason that stands
// with it in its migration.
var outside = []string{
	"users", "sign_ins", "sign_in_attempts", "user_links", "sessions", "goose_db_version",
	"river_client", "river_client_queue", "river_job", "river_leader", "river_migration", "river_queue",
}

// records are the tables that nobody may change.
var records = []string{"agenda_action_items", "agenda_actions", "applications", "audit_events", "call_attempt_accounts", "call_attempts", "call_events", "case_messages", "contact_requests", "copy_uploads", "dunning_runs", "hand_overs", "item_returns", "item_status_changes",
	"message_documents", "message_events", "notes", "number_words", "permissions", "promise_decisions", "received", "reminders", "resolver_link_uses", "template_texts"}

type table struct {
	Name             string
	Forced           bool
	Tenant, Migrate  bool
	KeyFirst         bool
	Update, Delete   bool
	Truncate, Insert bool
	Refuses          bool
	OwnedBy          string
}

const catalogue = `
	SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
		EXISTS (SELECT 1 FROM pg_policies p WHERE p.tablename = c.relname AND p.policyname = 'tenant' AND p.roles = '{app}'
			AND p.cmd = 'ALL' AND p.permissive = 'PERMISSIVE'
			AND p.qual LIKE '(' || CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END || ' = (current_setting(''app.tenant_id''::text))::bigint)') AS tenant,
		EXISTS (SELECT 1 FROM pg_policies p WHERE p.tablename = c.relname AND p.policyname = 'migrate' AND p.roles = '{owner}' AND p.qual = 'true') AS migrate,
		NOT EXISTS (
			SELECT 1 FROM pg_index x
			WHERE x.indrelid = c.oid AND x.indisunique AND x.indkey[0] <> (
				SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')) AS key_first,
		has_any_column_privilege('app', c.oid, 'UPDATE') AS update,
		has_table_privilege('app', c.oid, 'DELETE') AS delete,
		has_table_privilege('app', c.oid, 'TRUNCATE') AS truncate,
		has_any_column_privilege('app', c.oid, 'INSERT') AS insert,
		EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'append_only' AND g.tgenabled = 'A'
			AND g.tgtype & 1 = 0 AND g.tgtype & 2 = 2 AND g.tgtype & 56 = 56) AS refuses,
		pg_get_userbyid(c.relowner) AS owned_by
	FROM pg_class c
	WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
	ORDER BY c.relname`

func TestEveryTableIsProtected(t *testing.T) {
	t.Parallel()
	rows, _ := dbtest.New(t).Owner(t).Query(t.Context(), catalogue)
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByName[table])
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range tables {
		if c.OwnedBy != "owner" {
			t.Errorf("%s belongs to %s", c.Name, c.OwnedBy)
		}
		if c.Truncate {
			t.Errorf("app may truncate %s", c.Name)
		}
		if slices.Contains(outside, c.Name) {
			continue
		}
		seen++
		if !c.Forced || !c.Tenant || !c.Migrate {
			t.Errorf("%s: row security forced %v, policy tenant %v, policy migrate %v; all must be", c.Name, c.Forced, c.Tenant, c.Migrate)
		}
		if !c.KeyFirst && c.Name != "tenants" {
			t.Errorf("%s has a unique key that does not begin with tenant_id", c.Name)
		}
		if slices.Contains(records, c.Name) && (c.Update || c.Delete || !c.Insert || !c.Refuses) {
			t.Errorf("%s is a record: update %v, delete %v, insert %v, refusing trigger %v", c.Name, c.Update, c.Delete, c.Insert, c.Refuses)
		}
		if c.Refuses != slices.Contains(records, c.Name) {
			t.Errorf("%s: list it among the records here, or take its trigger away", c.Name)
		}
	}
	if seen < 15 {
		t.Errorf("only %d tables of tenants were seen", seen)
	}
}

func TestEveryForeignKeyCarriesTheTenant(t *testing.T) {
	t.Parallel()
	rows, _ := dbtest.New(t).Owner(t).Query(t.Context(), `
		SELECT k.conrelid::regclass::text || '.' || k.conname
		FROM pg_constraint k
		JOIN pg_attribute mine ON mine.attrelid = k.conrelid AND mine.attname = 'tenant_id'
		WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
			AND k.confrelid NOT IN ('tenants'::regclass, 'users'::regclass)
			AND (k.conkey[1] <> mine.attnum OR k.confkey[1] <> (
				SELECT theirs.attnum FROM pg_attribute theirs WHERE theirs.attrelid = k.confrelid AND theirs.attname = 'tenant_id'))`)
	wrong, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range wrong {
		t.Errorf("%s does not carry tenant_id first on both sides", k)
	}
}

// TestFunctionsThatLookAcross holds the functions that run with other rights
// than their caller's to the reviewed ones, each with its search path pinned.
func TestFunctionsThatLookAcross(t *testing.T) {
	t.Parallel()
	rows, _ := dbtest.New(t).Owner(t).Query(t.Context(), `
		SELECT p.proname || ' of ' || pg_get_userbyid(p.proowner) || CASE
			WHEN EXISTS (SELECT 1 FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%pg_temp') THEN '' ELSE ', search path open' END
			|| CASE WHEN has_function_privilege('public', p.oid, 'EXECUTE') THEN ', for everybody' ELSE '' END
		FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
		ORDER BY 1`)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"all_tenants of search", "analyze_ledger of owner", "apply_applications of owner", "busy_elsewhere of search", "chain_note of owner",
		"create_tenant of owner", "index_words of owner", "items_numbered of search", "keep_reached of owner", "make_note_heads of owner", "memberships of search", "opted_out_of_email of search", "search_customers of search", "tagged_customers of search",
		"works_elsewhere of search",
	}
	if !slices.Equal(got, want) {
		t.Errorf("functions with other rights:\n%v, want\n%v", got, want)
	}
}

// TestWhatThereIs holds the tables whose rows customer_has tells of to those that are
// asked for by it: a question for another one would never be asked.
func TestWhatThereIs(t *testing.T) {
	t.Parallel()
	rows, _ := dbtest.New(t).Owner(t).Query(t.Context(), `
		SELECT g.tgrelid::regclass::text
		FROM pg_trigger g
		JOIN pg_proc p ON p.oid = g.tgfoid
		WHERE p.proname = 'say_what_there_is' AND g.tgenabled = 'A' AND g.tgtype & 1 = 1 AND g.tgtype & 4 = 4
		ORDER BY 1`)
	got, err := pgx.CollectRows(rows, pgx.RowTo[tenant.Rare])
	if err != nil {
		t.Fatal(err)
	}
	want := []tenant.Rare{tenant.Calls, tenant.OpenCalls, tenant.Requests, tenant.Times, tenant.Permissions, tenant.Stops, tenant.Promises,
		tenant.CaseItems, tenant.Inbox, tenant.Pins, tenant.Corrections, tenant.Merged}
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("told of %v, asked for %v", got, want)
	}
}

func TestRolesHaveNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	var wrong int
	err := dbtest.New(t).Owner(t).QueryRow(t.Context(), `
		SELECT count(*) FROM pg_roles
		WHERE rolname IN ('owner', 'app', 'search') AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin)
			OR rolname = 'app' AND (pg_has_role('app', 'owner', 'MEMBER') OR pg_has_role('app', 'search', 'MEMBER'))`).Scan(&wrong)
	if err != nil || wrong != 0 {
		t.Errorf("%d roles have too much, %v", wrong, err)
	}
}

// TestEveryTableOfCustomersIsLimited: what belongs to a customer, by its own
// column or through an item, is seen only where the customer is.
func TestEveryTableOfCustomersIsLimited(t *testing.T) {
	t.Parallel()
	rows, _ := dbtest.New(t).Owner(t).Query(t.Context(), `
		SELECT c.relname || coalesce(': ' || p.qual, ': no policy')
		FROM pg_class c
		LEFT JOIN pg_policies p ON p.schemaname = 'public' AND p.tablename = c.relname AND p.policyname = 'branch'
			AND p.permissive = 'RESTRICTIVE' AND p.roles = '{app}' AND p.cmd = 'ALL' AND p.with_check IS NULL
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
			AND (c.relname = 'customers' OR EXISTS (
				SELECT FROM pg_attribute a
				WHERE a.attrelid = c.oid AND a.attname IN ('customer_id', 'item_id') AND NOT a.attisdropped))
			AND (p.qual LIKE '(everywhere() OR %( SELECT (current_setting(''app.branches''::text) = ''all''::text)%) OR (%') IS NOT TRUE`)
	wrong, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Errorf("not held to the branch: %s", w)
	}
}
