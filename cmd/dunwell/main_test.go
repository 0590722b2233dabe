package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// do runs the program as the shell would, on the test's database.
func do(t *testing.T, db *dbtest.Database, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, []string{"DATABASE_URL=" + db.OwnerURL, "DUNWELL_URL=https://dunwell.example", "DUNWELL_DATA=" + t.TempDir()}, &out, &err)
	return status, out.String(), err.String()
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const mapping = `{"date_format":"D.M.YYYY","decimal":",","true":["ja"],"columns":{"customer_number":"Kunde","number":"Beleg",
	"issued_on":"Datum","due_on":"Fällig","amount":"Betrag","disputed":"Streit","settled_on":"Bezahlt"}}`

const ledgerFile = "Kunde;Beleg;Datum;Fällig;Betrag;Streit;Bezahlt\n" +
	"0042;0001;1.2.2026;3.3.2026;1.234,56;nein;\n" +
	"0042;0002;1.2.2026;3.3.2026;99,01;ja;\n" +
	"0043;0003;1.2.2026;3.3.2026;70,50;nein;10.3.2026\n"

func TestFromNothingToAnAgeing(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	step := func(want int, args ...string) string {
		t.Helper()
		status, out, err := do(t, db, args...)
		if status != want {
			t.Fatalf("%v: exit status %d, want %d: %s%s", args, status, want, out, err)
		}
		return out + err
	}
	step(0, "migrate")
	step(0, "tenant", "add", "acme", "--name", "Acme", "--currency", "EUR", "--time-zone", "Europe/Berlin")
	if said := step(2, "tenant", "add", "acme", "--name", "Acme", "--currency", "EUR", "--time-zone", "Europe/Berlin"); !strings.Contains(said, "already") {
		t.Errorf("a second one of that name: %s", said)
	}
	for _, table := range []string{"standard_follow_ups", "contact_rules"} {
		var seeded int
		if err := db.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&seeded); err != nil || seeded == 0 {
			t.Errorf("%d %s to begin with, %v", seeded, table, err)
		}
	}
	if link := step(0, "user", "add", "--tenant", "acme", "--email", "ada@acme.example", "--name", "Ada", "--role", "admin"); !strings.Contains(link, "https://dunwell.example/links/") {
		t.Errorf("no link: %s", link)
	}
	step(0, "user", "link", "ada@acme.example")
	step(2, "user", "link", "nobody@acme.example")
	step(2, "user", "add", "--tenant", "nowhere", "--email", "b@acme.example", "--name", "B", "--role", "admin")

	m, f := file(t, "map.json", mapping), file(t, "ledger.csv", ledgerFile)
	imports := []string{"import", "--tenant", "acme", "--kind", "items", "--map", m, "--currency", "EUR", "--json"}
	if out := step(1, append(imports, f)...); !strings.Contains(out, `"refused":3`) {
		t.Errorf("items of unknown customers: %s", out)
	}
	if out := step(0, append(imports, "--create-customers", "--dry-run", f)...); !strings.Contains(out, `"new":3`) {
		t.Errorf("dry run: %s", out)
	}
	want := `{"read":3,"new":3,"changed":0,"unchanged":0,"refused":0,"customers_created":2,"totals":[{"currency":"EUR","amount":"1404.07"}],"rejects":[],"unread":[]}`
	if out := step(0, append(imports, "--create-customers", f)...); strings.TrimSpace(out) != want {
		t.Errorf("import printed %s, want %s", out, want)
	}
	if out := step(0, append(imports, f)...); !strings.Contains(out, `"new":0,"changed":0,"unchanged":3`) {
		t.Errorf("the same file again: %s", out)
	}
	step(2, append(imports, file(t, "empty.csv", ""))...)

	for day, want := range map[string]string{
		"2026-03-09": `{"as_of":"2026-03-09","currencies":[{"currency":"EUR","items":3,"open":"1404.07","credits":"0.00","buckets":[{"name":"current","items":0,"amount":"0.00"},{"name":"1-30","items":3,"amount":"1404.07"}`,
		"2026-03-10": `"items":2,"open":"1333.57"`,
	} {
		if out := step(0, "ageing", "--tenant", "acme", "--as-of", day, "--json"); !strings.Contains(out, want) {
			t.Errorf("ageing as of %s: %s", day, out)
		}
	}
	if out := step(0, "ageing", "--tenant", "acme", "--as-of", "2020-01-01", "--json"); out != `{"as_of":"2020-01-01","currencies":[]}`+"\n" {
		t.Errorf("nothing open: %s", out)
	}
	step(0, "ageing", "--tenant", "acme")
	step(2, "ageing", "--tenant", "acme", "--as-of", "yesterday")
	step(2, "ageing", "--tenant", "nowhere")
	step(2, "nonsense")
	step(0, "--help")
}

// Payments are complete up to a day once all of its rows are taken.
func TestPaymentsLoadedTo(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	err := db.Write(t.Context(), c.System(), func(tx *tenant.Tx) error {
		dbtest.Customer(t, tx, "C-1")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	m := file(t, "map.json", `{"columns":{"number":"No","customer_number":"Customer","value_on":"Day","amount":"Amount"}}`)
	good := file(t, "bank.csv", "No,Customer,Day,Amount\nB-1,C-1,2026-02-01,10.01\n")
	bad := file(t, "bad.csv", "No,Customer,Day,Amount\nB-2,C-1,2026-02-02,10.02\nB-3,C-2,2026-02-02,10.03\n")
	for _, step := range []struct {
		kind, to, file string
		status         int
		says, loaded   string
	}{
		{"payments", "yesterday", good, 2, "YYYY-MM-DD", "never"},
		{"payments", "2099-12-31", good, 2, "still to come", "never"},
		{"items", "2026-02-01", good, 2, "Only a file of payments", "never"},
		{"payments", "2026-02-02", bad, 1, "stays where it is", "never"},
		{"payments", "2026-02-01", good, 0, "1 new", "2026-02-02 00:00"},
		{"payments", "2026-01-31", good, 0, "1 unchanged", "2026-02-02 00:00"},
	} {
		status, out, fault := do(t, db, "import", "--tenant", "acme", "--kind", step.kind, "--map", m, "--currency", "EUR", "--loaded-to", step.to, step.file)
		if status != step.status || !strings.Contains(out+fault, step.says) {
			t.Errorf("%s to %s: status %d, want %d and %q: %s%s", step.kind, step.to, status, step.status, step.says, out, fault)
		}
		var loaded string
		err := db.Owner(t).QueryRow(t.Context(), `
			SELECT coalesce(to_char(payments_loaded_to AT TIME ZONE time_zone, 'YYYY-MM-DD HH24:MI'), 'never') FROM tenants`).Scan(&loaded)
		if err != nil || loaded != step.loaded {
			t.Errorf("%s to %s: loaded to %s, want %s (%v)", step.kind, step.to, loaded, step.loaded, err)
		}
	}
}

// A mail server that is set up wrongly is said at the start, without its password.
func TestMailServerIsWrong(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for _, args := range [][]string{{"--smtp", "smtp://me:hunter2@mail.example"}, {"--smtp", "mail.example:25", "--mail-from", "a@b.example"}} {
		status, _, said := do(t, db, append([]string{"serve"}, args...)...)
		if status != 1 || !strings.Contains(said, "DUNWELL_SMTP and DUNWELL_MAIL_FROM: the ") || strings.Contains(said, "hunter2") {
			t.Errorf("%v: status %d: %s", args, status, said)
		}
	}
}

func TestVerifyNotesNamesTheFault(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	err := db.Write(t.Context(), c.Collector, func(tx *tenant.Tx) error {
		customer, _ := dbtest.Customer(t, tx, "C-77")
		for i := range 3 {
			if _, err := note.Add(t.Context(), tx, note.New{CustomerID: customer, Kind: note.Typed, Text: fmt.Sprint("note ", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, out, _ := do(t, db, "verify-notes", "--tenant", "acme"); status != 0 || !strings.Contains(out, "whole") {
		t.Fatalf("untouched: %d %s", status, out)
	}
	owner := db.Owner(t)
	for _, sql := range []string{`ALTER TABLE notes DISABLE TRIGGER ALL`, `UPDATE notes SET text = 'forged' WHERE seq = 2`, `DELETE FROM notes WHERE seq = 3`} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	status, out, _ := do(t, db, "verify-notes", "--tenant", "acme")
	if status != 1 || !strings.Contains(out, "C-77") || !strings.Contains(out, "2") || !strings.Contains(out, "3") {
		t.Errorf("tampered: exit status %d, %s", status, out)
	}
}

func TestDemoThenServe(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if status, out, err := do(t, db, "demo", "--customers", "12", "--today", "2026-03-16"); status != 0 || !strings.Contains(out, "collector@northwind.example") {
		t.Fatalf("demo: %d %s %s", status, out, err)
	}
	if status, _, err := do(t, db, "demo", "--customers", "12"); status != 2 || !strings.Contains(err, "already") {
		t.Errorf("a second demo: %d %s", status, err)
	}
	if status, out, _ := do(t, db, "demo", "--if-missing"); status != 0 || !strings.Contains(out, "admin@northwind.example") {
		t.Errorf("demo again if missing: %d %s", status, out)
	}
	site, metrics := free(t), free(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int)
	var log bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"serve", "--today", "2026-03-16"}, []string{"DATABASE_URL=" + db.OwnerURL, "DUNWELL_ADDR=" + site, "DUNWELL_METRICS_ADDR=" + metrics, "DUNWELL_DATA=" + t.TempDir()}, io.Discard, &log)
	}()
	for path, want := range map[string]string{site + "/healthz": "ok", site + "/readyz": "ready", site + "/sign-in": "Sign in"} {
		if body := fetch(t, "http://"+path); !strings.Contains(body, want) {
			t.Errorf("%s answers %.200s", path, body)
		}
	}
	if body := fetch(t, "http://"+metrics+"/metrics"); !strings.Contains(body, "dunwell_http_request_seconds_count") || !strings.Contains(body, "dunwell_db_connections_max") {
		t.Errorf("metrics: %.400s", body)
	}
	fetch(t, "http://"+site+"/customers?q=Hemmelig+Navn")
	cancel()
	select {
	case status := <-ended:
		if status != 0 {
			t.Errorf("serve ended with %d: %s", status, log.String())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("serve does not stop")
	}
	if strings.Contains(log.String(), "Hemmelig") {
		t.Error("the log holds what was searched for")
	}
	var line struct{ Route string }
	for l := range strings.Lines(log.String()) {
		if strings.Contains(l, `"/sign-in"`) {
			if err := json.Unmarshal([]byte(l), &line); err != nil {
				t.Fatal(err)
			}
		}
	}
	if line.Route != "/sign-in" {
		t.Errorf("no line for the request: %s", log.String())
	}
}

func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// fetch waits until the address answers.
func fetch(t *testing.T, url string) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
