package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestFoundByFourKeys finds one borrower by name, number, telephone and
// registration, and reads in the header what must be known before a call.
func TestFoundByFourKeys(t *testing.T) {
	t.Parallel()
	s := trial(t)
	var number, phone string
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT c.number, right(p.value, 8)
		FROM customers c
		JOIN contact_points p ON p.customer_id = c.id AND p.kind = 'phone' AND p.preferred
		WHERE c.name = 'Anna-Katharina von Hohenstein-Wittenberg'`).Scan(&number, &phone)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, s)
	b.signInDemo("collector")
	for _, key := range []string{"hohenstein anna", number, phone, "hhvw2107"} {
		b.goTo("/reports/ageing")
		b.keys("/")
		b.fill("[data-search]", key)
		b.until(key+" finds her", `document.querySelector('#hit-0')?.textContent.includes('Hohenstein') ?? false`)
		b.keys(kb.ArrowDown)
		b.leads(chromedp.KeyEvent(kb.Enter))
		b.has("Anna-Katharina von Hohenstein-Wittenberg")
	}
	b.look("borrower")
	b.submit(`nav a[href*="/account"]`)
	b.has("Volkswagen", "Maximilian von Hohenstein", "Ottilie Wittenberg", "co-borrower", "guarantor")
	b.look("borrower-account")
	b.quiet()
}

// TestTwoEditAtOnce lets two people change one customer: the second is told what
// the first did, loses nothing, and saves.
func TestTwoEditAtOnce(t *testing.T) {
	t.Parallel()
	s := trial(t)
	var id int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT id FROM customers WHERE name LIKE 'Nyborg%'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	first, second := open(t, s), open(t, s)
	first.signInDemo("collector")
	second.signInDemo("manager")
	at := fmt.Sprintf("/customers/%d/details", id)
	const save = `form[action$="/details"] button[type=submit]`
	first.goTo(at)
	second.goTo(at)
	first.fill("#field-street", "Havnegade 12")
	first.submit(save)
	second.fill("#field-street", "Strandvejen 7")
	second.fill("#field-city", "Kerteminde")
	second.submit(save)
	second.has("Nothing of yours is lost", "Havnegade 12", "Nele Petersen")
	if got := eval[string](second, `document.querySelector('#field-street').value + ', ' + document.querySelector('#field-city').value`); got != "Strandvejen 7, Kerteminde" {
		t.Errorf("the form holds %s", got)
	}
	second.mu.Lock() // the browser reports the conflict (409) on its console, as it should
	second.errors = nil
	second.mu.Unlock()
	second.submit(save)
	second.has("Strandvejen 7", "Kerteminde")
	first.quiet()
	second.quiet()
}
