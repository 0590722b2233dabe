package dossier_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/dossier"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func TestDossierHoldsEverything(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.promised(t)
	point := d.cared(t)
	d.called(t, point)
	d.papers(t)
	d.reminded(t)
	d.barred(t)
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: d.id, Data: map[string]string{"tab": "notes"}})
		tx.Later(tenant.Event{Kind: "document.opened", Subject: "document", SubjectID: 1})
		_, err := note.Correct(t.Context(), tx, d.id, 1, "She is called Ann <b>.")
		return err
	})
	a := d.take(t, d.acme.Manager)

	journal := a.lines(t, "journal.csv")
	first, last := journal[0], journal[len(journal)-1]
	if first["No."] != "1" || first["Text"] != "He was called Ann <b>." || first["Author"] != "acme collector" || first["Corrected by"] == "" {
		t.Errorf("the journal begins with %v", first)
	}
	if !strings.Contains(last["Text"], "A dossier was taken") || last["Author"] != "acme manager" {
		t.Errorf("the journal ends with %v", last)
	}
	for _, want := range []string{"<del>He was called Ann &lt;b&gt;.</del>", "She is called Ann &lt;b&gt;.", `<p class="failed">The message: failed: No such mailbox.</p>`, "Customer C-1 (C-1)", "</html>"} {
		if !strings.Contains(a["journal.html"], want) {
			t.Errorf("the journal as a page lacks %q", want)
		}
	}
	a.has(t, "calls.csv", 1, 0, map[string]string{"Direction": "in", "Number": "'+4722410933", "Person": "Ann Berg", "About the accounts": "C-1", "By": "acme collector",
		"Outcome": "Spoke to customer", "The debt was spoken about": "yes", "At": "2026-03-16 10:30:00 +01:00"})
	a.has(t, "permissions.csv", 1, 0, map[string]string{"Channel": "sms", "State": "opt out", "Source": "By telephone", "To be reviewed on": "2026-04-25", "Recorded by": "acme manager"})
	a.has(t, "stops.csv", 1, 0, map[string]string{"Stop": "complaint", "Reason": "Wrote to the bank", "Placed by": "acme manager", "Lifted at": ""})
	a.has(t, "requests.csv", 1, 0, map[string]string{"Source": "Her letter", "Until": "2026-03-18 10:30:00 +01:00"})
	a.has(t, "promises.csv", 2, 0, map[string]string{"Promised in all": "120.50", "Currency": "EUR", "State": "withdrawn", "Text": "After the wages", "Due on": "2026-03-20", "Assigned to": "acme collector"})
	a.has(t, "promises.csv", 2, 1, map[string]string{"Amount": "77.25", "State of the instalment": "open", "Received": "0.00", "Money counts up to": "2026-03-25"})
	a.has(t, "promise_items.csv", 2, 1, map[string]string{"Item": "INV-1", "Promised of it": "77.25"})
	a.has(t, "promise_decisions.csv", 1, 0, map[string]string{"State before": "open", "State": "withdrawn", "Of": "120.50", "Reason": "Another customer's", "By": "acme manager"})
	a.has(t, "reminders.csv", 1, 0, map[string]string{"Item": "INV-1", "Level": "2", "Amount": "599.99", "Currency": "EUR", "To be paid by": "2026-03-23", "Why": "It never arrived", "Person": "acme manager"})
	a.has(t, "access.csv", 3, 0, map[string]string{"What": "opened the profile", "Person": "acme manager", "Details": `{"tab": "notes"}`})
	a.has(t, "access.csv", 3, 1, map[string]string{"What": "opened a document", "Document": "'=evil_name.txt"})
	a.has(t, "access.csv", 3, 2, map[string]string{"What": "had a dossier made"})
	for name, content := range a {
		if strings.Contains(content, "secret") {
			t.Errorf("%s holds something of the other company", name)
		}
	}
}

// A refusal and what was done all the same stand with the rule as it was worded then,
// though it has been changed since.
func TestDossierNamesTheRuleOfThatDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.barred(t)
	a := d.take(t, d.acme.Manager)
	before, after := "E-mails: Sat–Sun 08:00–21:00; not on holidays", "E-mails: Sat–Sun 09:00–21:00; not on holidays"
	a.has(t, "refusals.csv", 3, 0, map[string]string{"What": "refused", "By": "acme collector", "Version": "1", "The rule then": before, "Source": "The regulator", "Channel": "email", "Number or address": "ann@berg.example"})
	a.has(t, "refusals.csv", 3, 1, map[string]string{"What": "made all the same", "By": "acme manager", "Version": "1", "The rule then": before})
	a.has(t, "refusals.csv", 3, 2, map[string]string{"What": "refused", "Version": "2", "The rule then": after, "Name of the rule": "Weekends"})
}

func TestDossierHasWhatWasSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.papers(t)
	a := d.take(t, d.acme.Admin)
	a.has(t, "messages.csv", 1, 0, map[string]string{"State": "failed", "To": "Ann Berg <ann@berg.example>", "Subject": "Your account", "Trouble": "No such mailbox.",
		"Files": "documents/000001-=evil_name.txt", "File": "messages/000001-email.txt"})
	for _, want := range []string{"Subject: Your account\r\n", "State: failed\r\n", "File: documents/000001-=evil_name.txt\r\n", "\r\n\r\nDear Ann\nPlease pay."} {
		if !strings.Contains(a["messages/000001-email.txt"], want) {
			t.Errorf("the message as sent lacks %q: %q", want, a["messages/000001-email.txt"])
		}
	}
	for i, want := range [][2]string{{"as it was received", "documents/000001-=evil_name.txt"}, {"as it was received", "documents/000002-kept.txt"},
		{"not in this archive: it was removed and never sent", ""}, {"MISSING in the store", ""}} {
		a.has(t, "documents.csv", 4, i, map[string]string{"What came of it": want[0], "File": want[1]})
	}
	var papers []string
	for name := range a {
		if strings.HasPrefix(name, "documents/") {
			papers = append(papers, name+": "+a[name])
		}
		if strings.ContainsAny(name, `\:`) || strings.Contains(name, "..") || strings.HasPrefix(name, "/") {
			t.Errorf("%q is no name for every disk", name)
		}
	}
	slices.Sort(papers)
	if want := []string{`documents/000001-=evil_name.txt: content of ..\..\=evil:name.txt`, "documents/000002-kept.txt: content of kept.txt"}; !slices.Equal(papers, want) {
		t.Errorf("the documents are %q, want %q", papers, want)
	}
}

// Everybody can check the archive: the sums of its files, and the chain by what the
// proof says of it.
func TestDossierProvesItself(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.papers(t)
	a := d.take(t, d.acme.Manager)
	sums := strings.Split(strings.TrimSuffix(a["manifest.sha256"], "\n"), "\n")
	if len(sums) != len(a)-1 {
		t.Errorf("the manifest has %d files, want %d", len(sums), len(a)-1)
	}
	for _, line := range sums {
		sum, name, _ := strings.Cut(line, "  ")
		if got := sha256.Sum256([]byte(a[name])); hex.EncodeToString(got[:]) != sum {
			t.Errorf("the sum of %q is not right", name)
		}
	}
	head := follow(t, a["proof/chain.jsonl"])
	if !strings.Contains(a["proof/proof.txt"], head) || !strings.Contains(a["proof/proof.txt"], "Every note is as it was written") {
		t.Errorf("the head is %s, and the proof says %s", head, a["proof/proof.txt"])
	}
	for _, want := range []string{"Customer C-1", "Company acme", "2026-03-16 10:30:00 +01:00 by acme manager", "Europe/Oslo"} {
		if !strings.Contains(a["README.txt"], want) {
			t.Errorf("the README lacks %q", want)
		}
	}
	named := regexp.MustCompile(`[a-z_/]+\.(csv|html|sha256)`).FindAllString(a["README.txt"], -1)
	for name := range a {
		if strings.HasSuffix(name, ".csv") && !slices.Contains(named, name) {
			t.Errorf("the README does not say what %s is", name)
		}
	}
}

// follow checks a chain by its own lines and gives the last hash.
func follow(t *testing.T, chain string) (head string) {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(chain))
	for seq := int64(1); ; seq++ {
		var l struct {
			Seq                int64
			Prev, Sealed, Hash string
		}
		if err := in.Decode(&l); errors.Is(err, io.EOF) {
			return head
		} else if err != nil {
			t.Fatal(err)
		}
		prev, err := hex.DecodeString(l.Prev)
		sum := sha256.Sum256(append(prev, l.Sealed...))
		if err != nil || l.Seq != seq || l.Prev != head || hex.EncodeToString(sum[:]) != l.Hash {
			t.Errorf("note %d is %+v after %s: %v", seq, l, head, err)
		}
		head = l.Hash
	}
}

// What somebody changed behind the program's back is said in the proof.
func TestDossierTellsOfAChangedNote(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.Owner(t)
	_, err := owner.Exec(t.Context(), fmt.Sprintf(`
		ALTER TABLE notes DISABLE TRIGGER append_only;
		UPDATE notes SET text = 'She said nothing.' WHERE customer_id = %d AND seq = 1;
		ALTER TABLE notes ENABLE ALWAYS TRIGGER append_only`, d.id))
	if err != nil {
		t.Fatal(err)
	}
	proof := d.take(t, d.acme.Manager)["proof/proof.txt"]
	if !strings.Contains(proof, "NOT as it was written") || !strings.Contains(proof, "customer C-1, note 1: it is not what was written") || strings.Contains(proof, "Every note is") {
		t.Errorf("the proof says %s", proof)
	}
}

func TestWhoTakesADossier(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	take := func(who tenant.Who, id int64) (seq int64, err error) {
		err = d.Write(t.Context(), who, func(tx *tenant.Tx) error {
			seq, err = dossier.Take(t.Context(), tx, id)
			return err
		})
		return seq, err
	}
	open := func(who tenant.Who, seq int64) error {
		return d.Read(t.Context(), who, func(tx *tenant.Tx) error {
			made, err := dossier.Open(t.Context(), tx, d.store, d.id, seq)
			if err == nil {
				err = made.Close()
			}
			return err
		})
	}
	if _, err := take(d.acme.Collector, d.id); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v", err)
	}
	if _, err := take(d.acme.Manager, d.foreign); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's customer: %v", err)
	}
	seq, err := take(d.acme.Manager, d.id)
	if err != nil || seq != 2 {
		t.Fatalf("note %d, %v", seq, err)
	}
	if err := open(d.acme.Collector, seq); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector opens it: %v", err)
	}
	for name, err := range map[string]error{"another manager's": open(d.acme.Admin, seq), "another company's": open(d.beta.Manager, seq),
		"a note of another kind": open(d.acme.Manager, 1), "no note": open(d.acme.Manager, 99)} {
		if !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := open(d.acme.Manager, seq); err != nil {
		t.Errorf("opened: %v", err)
	}
	if _, err := d.Owner(t).Exec(t.Context(), `
		ALTER TABLE notes DISABLE TRIGGER append_only;
		UPDATE notes SET at = at - interval '61 minutes'`); err != nil {
		t.Fatal(err)
	}
	if err := open(d.acme.Manager, seq); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("opened after an hour: %v", err)
	}
	var events int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM audit_events WHERE kind = 'customer.dossier_taken' AND subject_id = $1 AND member_id = $2`,
		d.id, d.acme.ManagerID).Scan(&events); err != nil || events != 1 {
		t.Errorf("%d dossiers are on record, %v", events, err)
	}
}
