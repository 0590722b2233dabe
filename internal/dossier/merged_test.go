package dossier_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
)

// What was done with a duplicate is in the dossier of the customer that it turned out
// to be, with a proof of its own; nobody else's is.
func TestDossierHoldsTheMerged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var gone, other int64
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		other, _ = dbtest.Customer(t, tx, "C-3")
		gone, _ = dbtest.Customer(t, tx, "C-2")
		for _, said := range []struct {
			to   int64
			text string
		}{{gone, "The duplicate promised 12.34."}, {other, "A third one's."}} {
			if err := d.say(t, tx, said.to, said.text); err != nil {
				return err
			}
		}
		_, err := document.Add(t.Context(), tx, d.store, document.New{CustomerID: gone, Subject: document.OfCustomer, Name: "old.txt", Content: strings.NewReader("from before")})
		return err
	})
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return merge.Merge(t.Context(), tx, merge.Plan{From: gone, Into: d.id, FromVersion: 1, IntoVersion: 1, Reason: "The same tax number."})
	})
	a := d.take(t, d.acme.Manager)
	folder := fmt.Sprintf("merged/%d/", gone)
	if journal := a.lines(t, folder+"journal.csv"); journal[0]["Text"] != "The duplicate promised 12.34." {
		t.Errorf("the duplicate's journal begins with %v", journal[0])
	}
	head := follow(t, a[folder+"proof/chain.jsonl"])
	if proof := a[folder+"proof/proof.txt"]; !strings.Contains(proof, head) || !strings.Contains(proof, "Every note is as it was written") || !strings.Contains(proof, "(C-2)") {
		t.Errorf("the duplicate's head is %s, and its proof says %s", head, proof)
	}
	if !strings.Contains(a["README.txt"], "Some customers turned out to be this one.") || !strings.Contains(a["README.txt"], "C-2, Customer C-2") {
		t.Errorf("the README does not tell of the folder: %s", a["README.txt"])
	}
	// The documents went to the one who stays.
	if papers := a.lines(t, "documents.csv"); len(papers) != 1 || a[papers[0]["File"]] != "from before" {
		t.Errorf("documents: %v", papers)
	}
	if strings.Contains(a["journal.csv"], "promised 12.34") {
		t.Error("the two journals are mixed")
	}
	for name, content := range a {
		if strings.Contains(content, "A third one") {
			t.Errorf("%s tells of somebody else", name)
		}
	}
	for line := range strings.Lines(a["manifest.sha256"]) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if got := sha256.Sum256([]byte(a[name])); hex.EncodeToString(got[:]) != sum {
			t.Errorf("the sum of %q is not right", name)
		}
	}
	// Who was never merged has neither folder nor words of it.
	d.id = other
	for name, content := range d.take(t, d.acme.Manager) {
		if strings.HasPrefix(name, "merged/") || strings.Contains(content, "turned out to be this one") {
			t.Errorf("%s is about a merging", name)
		}
	}
}
