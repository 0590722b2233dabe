package dossier_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// files says of each table that holds something of a customer where the dossier has it.
var files = map[string]string{
	"accounts": "accounts.csv", "agenda_action_items": "agenda_actions.csv", "agenda_actions": "agenda_actions.csv", "agenda_entries": "agenda.csv",
	"applications": "applications.csv", "batch_entries": "bulk_work.csv", "call_attempt_accounts": "calls.csv", "call_attempts": "calls.csv", "call_events": "calls.csv",
	"case_items": "case_items.csv", "case_messages": "messages.csv", "cases": "cases.csv", "contact_points": "contact_points.csv", "contact_requests": "requests.csv",
	"contact_times": "contact_times.csv", "contacts": "contacts.csv", "documents": "documents.csv", "follow_ups": "follow_ups.csv", "inbox_entries": "inbox.csv",
	"instalments": "promises.csv", "item_returns": "item_returns.csv", "item_status_changes": "item_statuses.csv", "items": "items.csv", "message_documents": "messages.csv",
	"message_events": "messages.csv", "messages": "messages.csv", "note_heads": "proof/proof.txt", "note_pins": "pins.csv", "notes": "journal.csv", "payments": "payments.csv",
	"permissions": "permissions.csv", "promise_decisions": "promise_decisions.csv", "promise_items": "promise_items.csv", "promises": "promises.csv", "received": "received.csv",
	"reminders": "reminders.csv", "resolver_link_uses": "case_links.csv", "resolver_links": "case_links.csv", "statement_run_customers": "statement_runs.csv",
	"stops": "stops.csv", "vehicles": "vehicles.csv",
}

// excused are the tables that say nothing of their own.
var excused = map[string]string{
	"customer_has":    "which other tables have something of the customer",
	"customer_totals": "reckoned from items and payments, for lists",
	"letterheads":     "the company's own; its logo is a document",
	"open_calls":      "the calls without an outcome, which are in calls.csv",
	"search_words":    "names and numbers again, for the search",
}

// Each table with a customer, and each that hangs on one of those, is in the dossier
// or excused: a new one has to be put into one of the two lists.
func TestNoTableIsForgotten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rows, _ := d.Owner(t).Query(t.Context(), `
		WITH direct AS (
			SELECT (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass AS of
			FROM information_schema.columns c
			JOIN information_schema.tables t USING (table_schema, table_name)
			WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = 'customer_id')
		SELECT of::text FROM direct
		UNION
		SELECT k.conrelid::regclass::text FROM pg_constraint k JOIN direct d ON k.confrelid = d.of WHERE k.contype = 'f'`)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(all) < 40 {
		t.Fatal(len(all), err)
	}
	for _, table := range all {
		if (files[table] == "") == (excused[table] == "") {
			t.Errorf("%s tells of a customer: say in which file of the dossier it is, or why in none", table)
		}
	}
	for _, list := range []map[string]string{files, excused} {
		for table := range list {
			if !slices.Contains(all, table) {
				t.Errorf("%s is no table that tells of a customer", table)
			}
		}
	}
	d.filled(t)
	a := d.take(t, d.acme.Manager)
	for table, file := range files {
		if a[file] == "" {
			t.Errorf("%s: the dossier has no %s", table, file)
		} else if strings.HasSuffix(file, ".csv") && len(a.lines(t, file)) == 0 {
			t.Errorf("%s: %s is empty", table, file)
		}
	}
	for name, content := range a {
		if regexp.MustCompile(`foreign|secret`).MatchString(content) {
			t.Errorf("%s holds something of somebody else: %s", name, content)
		}
	}
}

// What is owed and what was paid stands with its currency, and what was taken back.
func TestDossierHoldsTheDebt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.filled(t)
	a := d.take(t, d.acme.Manager)
	a.has(t, "customer.csv", 1, 0, map[string]string{"Number": "C-1", "Name": "Customer C-1", "Kind": "business", "City": "Oslo", "Language": "no", "Owner": "acme collector", "Branch": "North",
		"Tags": "hard, vip", "Watched until": "2026-05-01", "Watched because": "Threatens", "Reminders": "manual", "Next reminder on": "2026-04-04", "Chosen by": "acme manager",
		"Dunning paused until": "2026-03-30", "Dunning paused because": "Agreed", "Paused by": "acme manager", "Dunning policy": "House"})
	a.has(t, "accounts.csv", 1, 0, map[string]string{"Account": "C-1", "Kind": "trade"})
	a.has(t, "items.csv", 2, 0, map[string]string{"Item": "INV-1", "Account": "C-1", "Kind": "invoice", "Due on": "2026-01-10", "Currency": "EUR", "Amount": "600.00", "Open": "599.99",
		"Status": "Disputed", "Family": "dispute", "Paused until": "2026-03-20", "Paused because": "Goods are checked", "Paused by": "acme manager"})
	a.has(t, "items.csv", 2, 1, map[string]string{"Item": "INV-2", "Currency": "JPY", "Amount": "7501", "Open": "0", "Status": "Ongoing"})
	a.has(t, "item_statuses.csv", 1, 0, map[string]string{"Item": "INV-1", "From": "Ongoing", "To": "Disputed", "Reason": "Wrong price", "By": "acme collector"})
	a.has(t, "item_returns.csv", 1, 0, map[string]string{"Item": "INV-1", "Case": "1", "By": "acme manager"})
	a.has(t, "payments.csv", 2, 0, map[string]string{"Payment": "1", "Reference": "P-1", "Origin": "recorded", "Account": "C-1", "Value date": "2026-02-03", "Currency": "EUR", "Amount": "25.01", "Not applied": "25.00",
		"Returned on": "", "Recorded by": "acme collector"})
	a.has(t, "payments.csv", 2, 1, map[string]string{"Reference": "P-2", "Currency": "JPY", "Amount": "7501", "Not applied": "0"})
	a.has(t, "applications.csv", 4, 0, map[string]string{"Item": "INV-1", "From payment": "P-1", "Currency": "EUR", "Amount": "7.77", "Value date": "2026-02-03", "By": "acme collector"})
	a.has(t, "applications.csv", 4, 1, map[string]string{"Amount": "'-7.77", "Takes back no.": "1", "Reason": "Of another invoice", "By": "acme manager"})
	a.has(t, "applications.csv", 4, 3, map[string]string{"Item": "INV-2", "From payment": "P-2", "Currency": "JPY", "Amount": "7501"})
}

// What was planned with the customer, and done, stands there with who and when, also
// where the journal does not repeat its text.
func TestDossierHoldsTheWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.filled(t)
	a := d.take(t, d.acme.Manager)
	a.has(t, "follow_ups.csv", 2, 0, map[string]string{"Due on": "2026-03-20", "At": "14:30", "Text": "'=Ask for the slip", "For": "acme collector", "Written by": "acme manager", "In the journal": "no", "Ended": ""})
	a.has(t, "follow_ups.csv", 2, 1, map[string]string{"Text": "A slip", "Ended": "deleted", "Ended at": "2026-03-17 09:30:00 +01:00", "Ended by": "acme manager"})
	a.has(t, "contact_points.csv", 2, 0, map[string]string{"Kind": "phone", "Number or address": "'+4722410933", "Person": "Ann Berg", "Role": "debtor", "Preferred": "yes", "Out of use since": ""})
	a.has(t, "contact_points.csv", 2, 1, map[string]string{"Kind": "email", "Number or address": "old@berg.example", "Out of use since": "2026-03-01 09:00:00 +01:00", "Changed into another": "yes", "Did not work since": "2026-02-01 09:00:00 +01:00", "What happened": "Unknown"})
	a.has(t, "contact_times.csv", 1, 0, map[string]string{"Kind": "best", "Number or address": "'+4722410933", "When": "weekdays 09:00–11:00", "Remark": "At the desk", "Recorded by": "acme collector"})
	a.has(t, "vehicles.csv", 1, 0, map[string]string{"Registration": "AB 12345", "Make": "Volvo", "Year": "2019", "Account": "C-1"})
	a.has(t, "contacts.csv", 2, 0, map[string]string{"Contact": "1", "First of its chain": "", "Followed by": "2", "Code": "CALL", "Description": "Asked for the invoice", "Made by": "acme collector", "Origin": "Fair", "Strength": "High",
		"Vehicle": "AB 12345", "Followed up by": "acme manager", "Ended": "followed"})
	a.has(t, "contacts.csv", 2, 1, map[string]string{"First of its chain": "1", "Due on": "2026-03-21", "At": "09:15", "Ended": "closed", "Ended by": "acme manager", "What came of it": "Paid by card"})
	a.has(t, "cases.csv", 1, 0, map[string]string{"Case": "1", "Title": "Wrong price", "Status": "closed", "Owner": "acme collector", "Who settles it": "Rolf", "Answer due by": "2026-04-02", "Opened by": "acme manager", "Closed by": "acme collector"})
	a.has(t, "case_items.csv", 1, 0, map[string]string{"Case": "1", "Item": "INV-1", "Currency": "EUR", "In question": "33.30", "Put in by": "acme manager", "Left by": "acme collector", "Left because": "resolved"})
	a.has(t, "case_links.csv", 2, 1, map[string]string{"Case": "1", "For": "Rolf", "Used": "answered", "Verdict": "accept", "From": "192.0.2.7"})
	a.has(t, "messages.csv", 2, 1, map[string]string{"To": "rolf@acme.example", "Case": "1", "Subject": "Is the price right?"})
	a.has(t, "agenda.csv", 2, 1, map[string]string{"Entry": "2", "State": "done", "Opened on": "2026-03-01", "Why": "level", "Level": "2", "Item": "INV-1", "Currency": "EUR", "To collect": "599.99", "Policy": "House", "Closed by": "acme manager",
		"Put away until": "2026-03-05", "Put away because": "Asked for time", "Put away by": "acme collector"})
	a.has(t, "agenda_actions.csv", 2, 1, map[string]string{"Entry": "2", "What": "manual", "Level": "2", "Name of the level": "Firm", "Text": "Drove there", "By": "acme manager", "Item": "INV-1", "Level of the item": "2", "Currency": "EUR", "Amount": "598.88", "To be paid by": "2026-03-10"})
	a.has(t, "bulk_work.csv", 1, 0, map[string]string{"Entry": "2", "What": "print", "Started by": "acme manager", "State": "left", "Left because": "Paused"})
	a.has(t, "statement_runs.csv", 1, 0, map[string]string{"As of": "2026-03-01", "Started by": "acme manager", "State": "left", "Left because": "No address"})
	a.has(t, "inbox.csv", 2, 1, map[string]string{"Kind": "failed", "Why": "No such mailbox", "For": "acme collector", "State": "handled", "Outcome": "Sent again", "Handled by": "acme manager", "Came in as": "", "Message": "1"})
	a.has(t, "pins.csv", 1, 0, map[string]string{"Note": "1", "By": "acme manager"})
}

// The number of statements does not grow with what there is.
func TestDossierTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	count := func() int64 {
		d.Queries.Take()
		d.take(t, d.acme.Manager)
		return d.Queries.Take()
	}
	few := count()
	d.filled(t)
	if many := count(); many != few {
		t.Errorf("%d statements with next to nothing on record, %d with everything", few, many)
	}
}
