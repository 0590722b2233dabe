package dossier_test

import (
	"testing"
)

// What the customer wrote stands as it was received, with its files and what was done
// about it; it counts as asking for an answer.
func TestDossierHoldsWhatCameIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.wrote(t, d.cared(t))
	a := d.take(t, d.acme.Manager)
	a.has(t, "received.csv", 1, 0, map[string]string{"Kind": "reply", "Channel": "sms", "From": "'+4722410933", "Person": "Ann Berg", "Text": "'=I paid", "Files": "1",
		"Sent at": "2026-03-16 10:30:00 +01:00", "About message": "", "State": "handled", "Outcome": "Answered.", "Handled by": "acme collector"})
	a.has(t, "documents.csv", 1, 0, map[string]string{"Name": "slip.txt", "About": "received", "File": "documents/000001-slip.txt"})
	a.has(t, "requests.csv", 2, 1, map[string]string{"Channel": "sms", "Source": "Their own message"})
}
