package main

import (
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// duns makes a company that duns: C-1 owes two items, C-2 one that is disputed.
func duns(t *testing.T) *dbtest.Database {
	t.Helper()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	err := db.Write(t.Context(), c.Admin, func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "INV-9", "2026-02-23", 1_230, "EUR")
		dbtest.Item(t, tx, account, "INV-10", "2026-03-12", 777, "JPY")
		_, account = dbtest.Customer(t, tx, "C-2")
		item := dbtest.Item(t, tx, account, "INV-11", "2026-02-01", 5_005, "EUR")
		_, err := tx.Exec(t.Context(), `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute') WHERE id = $1`, item)
		return err
	})
	if err == nil {
		err = db.Write(t.Context(), c.Admin, func(tx *tenant.Tx) error { return dunning.SwitchOn(t.Context(), tx, 6) })
	}
	if err != nil {
		t.Fatal(err)
	}
	// as nobody had touched the customers since
	if _, err := db.Owner(t).Exec(t.Context(), `DELETE FROM agenda_entries`); err != nil {
		t.Fatal(err)
	}
	return db
}

// What a run prints, to the letter; the preview before it prints the same, and a
// second run has nothing to do.
func TestDun(t *testing.T) {
	t.Parallel()
	db := duns(t)
	const entries = `"entries":[{"customer":"C-1","level":1,"reason":"INV-9 is 21 days late; level 1 (First reminder) comes after 5 days.","lines":[` +
		`{"item":"INV-9","level":1,"days":21,"amount":"12.30","currency":"EUR"},{"item":"INV-10","level":0,"days":4,"amount":"777","currency":"JPY"}]}],` +
		`"left_out":[{"customer":"C-2","why":"All that is overdue is disputed or in litigation."}]}` + "\n"
	for _, step := range []struct {
		preview bool
		counts  string
	}{{true, `"opened":1`}, {false, `"opened":1`}, {false, `"opened":0`}, {true, `"opened":0`}} {
		args := []string{"dun", "--tenant", "acme", "--as-of", "2026-03-16", "--today", "2026-03-16", "--json"}
		if step.preview {
			args = append(args, "--preview")
		}
		status, out, fault := do(t, db, args...)
		if want := `{"as_of":"2026-03-16","items_examined":3,` + step.counts + `,"updated":0,"withdrawn":0,` + entries; status != 0 || out != want {
			t.Errorf("%v: status %d\n%s\nwant\n%s%s", args, status, out, want, fault)
		}
	}
	status, out, fault := do(t, db, "dun", "--tenant", "acme", "--today", "2026-03-17")
	if want := "As of 2026-03-17: 3 items looked at, 0 entries opened, 1 updated, 0 withdrawn."; status != 0 || !strings.Contains(out, want) || !strings.Contains(out, "INV-10") {
		t.Errorf("the day after, in words: status %d\n%s%s", status, out, fault)
	}
}

// What is refused, and that nothing was done.
func TestDunRefused(t *testing.T) {
	t.Parallel()
	db := duns(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := db.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(says string, args ...string) {
		t.Helper()
		status, out, fault := do(t, db, append([]string{"dun", "--tenant", "acme"}, args...)...)
		if status == 0 || out != "" || !strings.Contains(fault, says) {
			t.Errorf("%v: status %d, %s%s; want %q", args, status, out, fault, says)
		}
	}
	refused("YYYY-MM-DD", "--as-of", "tomorrow")
	exec(`UPDATE tenants SET trial = false`)
	refused("trial", "--today", "2026-03-16")
	refused("trial", "--today", "2026-03-16", "--preview", "--json")
	refused("no run could be made before Thu 1 Jan 2099 any more", "--as-of", "2099-01-01")
	exec(`UPDATE tenants SET dunning_on = false`)
	refused("Dunning is switched off for this company.", "--as-of", "2026-03-16", "--json")
	exec(`UPDATE tenants SET dunning_on = true`)
	if status, _, fault := do(t, db, "dun", "--tenant", "acme", "--as-of", "2026-03-16"); status != 0 {
		t.Fatal(fault)
	}
	refused("The last run was as of Mon 16 Mar 2026", "--as-of", "2026-03-15")
	refused("The last run was as of Mon 16 Mar 2026", "--as-of", "2026-03-15", "--preview")
	if status, _, fault := do(t, db, "dun", "--tenant", "nowhere"); status == 0 || fault == "" {
		t.Errorf("a company that is not there: status %d, %q", status, fault)
	}
	var runs int
	if err := db.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM dunning_runs`).Scan(&runs); err != nil || runs != 1 {
		t.Errorf("%d runs, %v", runs, err)
	}
}
