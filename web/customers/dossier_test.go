package customers_test

import (
	"archive/zip"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func TestDossierInOneClick(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	write(t, s, acme.Collector, func(tx *tenant.Tx) error {
		_, err := document.Add(t.Context(), tx, s.App.Blobs, document.New{CustomerID: id, Subject: document.OfCustomer, Name: "letter.txt", Content: strings.NewReader("They wrote.")})
		return err
	})
	at := fmt.Sprintf("/customers/%d", id)
	boss := s.As(t, acme.Manager)
	boss.Get(at+"/notes").Has(t, http.StatusOK, fmt.Sprintf(`action="%s/dossiers"`, at), "Dossier")

	press := url.Values{"form_id": {uuid.NewString()}}
	answer := boss.Post(at+"/dossiers", press)
	answer.Leads(t, at+"/dossiers/2")
	boss.Post(at+"/dossiers", press).Leads(t, at+"/dossiers/2") // a double click takes one
	page := boss.Get(answer.Location)
	page.Has(t, http.StatusOK)
	for name, want := range map[string]string{"Content-Type": "application/zip", "Content-Disposition": fmt.Sprintf("attachment; filename=dossier-%d-2026-03-16.zip", id),
		"X-Content-Type-Options": "nosniff"} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	z, err := zip.NewReader(strings.NewReader(page.Body), int64(len(page.Body)))
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, f := range z.File {
		names += f.Name + " "
	}
	for _, want := range []string{"journal.html", "documents/000001-letter.txt", "proof/proof.txt", "manifest.sha256"} {
		if !strings.Contains(names, want) {
			t.Errorf("the archive lacks %s: %s", want, names)
		}
	}
	write(t, s, acme.Collector, func(tx *tenant.Tx) error {
		notes, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]note.Note) {
			note.QueueList(b, note.Filter{CustomerID: id, Kinds: []string{"dossier"}, Limit: 9}, into)
		})
		if len(notes) != 1 || notes[0].Author != "acme manager" {
			t.Errorf("the journal says of dossiers %v", notes)
		}
		return err
	})
	s.As(t, acme.Admin).Get("/admin/audit?group=customer").Has(t, http.StatusOK, "took a dossier of", "took along the record of")

	collector := s.As(t, acme.Collector)
	collector.Get(at+"/notes").Lacks(t, "/dossiers")
	collector.Post(at+"/dossiers", nil).Has(t, http.StatusForbidden, "Only managers and administrators take a dossier")
	collector.Get(answer.Location).Has(t, http.StatusForbidden, "Only managers and administrators take a dossier")
	s.As(t, acme.Admin).Get(answer.Location).Has(t, http.StatusNotFound) // somebody else's: the journal would not say who
	other := s.As(t, beta.Manager)
	other.Post(at+"/dossiers", nil).Has(t, http.StatusNotFound)
	other.Get(answer.Location).Has(t, http.StatusNotFound)
}
