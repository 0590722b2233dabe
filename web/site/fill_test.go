package site_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/contact"
	"dunwell/internal/customer"
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
	return errors.Join(err, care(t, tx, id), toBeDone(t, tx, id), written(t, tx, id), called(t, tx, id), stated(t, tx, id), promised(t, tx, id, account), reminded(t, tx, id, item), inCase(t, tx, id), answered(t, tx, id), spokenTo(t, tx, id))
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

// stated is a run of statements that left the customer out.
func stated(t *testing.T, tx *tenant.Tx, id int64) error {
	t.Helper()
	_, err := tx.Exec(t.Context(), `
		WITH run AS (INSERT INTO statement_runs (as_of, whom, tag, member_id, finished_at) SELECT $2, 'open', 'zulu bravo', min(id), now() FROM members RETURNING id)
		INSERT INTO statement_run_customers (run_id, customer_id, state, why, at) SELECT id, $1, 'left', 'zulu bravo', now() FROM run`, id, tx.Today())
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
