package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBackAndSaveAgain goes back to the form of a contact that was saved: the same sent
// again is saved once, something else is a contact of its own, and so is one begun anew
// in the same words.
func TestBackAndSaveAgain(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := lorry(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	want := func(text string, n int) {
		t.Helper()
		var got int
		if err := s.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM contacts WHERE description = $1`, text).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != n {
			t.Fatalf("%q is written down %d times, want %d", text, got, n)
		}
	}
	const save = ".contact-form .form-actions button[type=submit]"
	write := func(text string) {
		t.Helper()
		b.do(chromedp.SendKeys(chromedp.CSS("#contact-type"), "CALL"))
		b.has("Call again where no day of payment was agreed.")
		b.fill("#contact-description", text)
		b.submit(save)
	}
	back := func() {
		t.Helper()
		b.leads(chromedp.NavigateBack())
		b.until("the form is there", `document.querySelector('#contact-description') !== null`)
	}
	begin := func() { t.Helper(); b.goTo(at + "/summary"); b.submit(`a[href$="/contacts/new"]`) }

	begin()
	write("Pays on Friday")
	b.has("The contact is saved.")
	want("Pays on Friday", 1)

	back()
	write("Pays on Friday")
	b.has("This was already saved; it was not saved a second time.", "Pays on Friday")
	want("Pays on Friday", 1)

	back()
	write("And the rest on Monday")
	b.has("The contact is saved.")
	want("And the rest on Monday", 1)

	begin()
	write("Pays on Friday")
	b.has("The contact is saved.")
	want("Pays on Friday", 2)
	b.quiet()
}

// TestSameNoteTwice writes the same words into the journal one after the other, and
// again on a page that somebody went back to without having written on it: all of them
// stand there.
func TestSameNoteTwice(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := lorry(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at + "/notes")
	want := func(n int) {
		t.Helper()
		var got int
		if err := s.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM notes WHERE text = 'Nobody there'`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != n {
			t.Fatalf("it is written %d times, want %d", got, n)
		}
	}
	write := func() {
		t.Helper()
		b.fill("#field-text", "Nobody there")
		b.do(chromedp.KeyEvent(kb.Tab))
		b.press(kb.Enter)
	}
	write()
	want(1)
	write()
	want(2)
	b.goTo("/customers")
	b.leads(chromedp.NavigateBack())
	write()
	want(3)
	b.quiet()
}

// TestMoveTwoWithBack moves one entry of the diary, goes back and moves another one to
// the same day: both are there.
func TestMoveTwoWithBack(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo("/diary")
	for n := range 2 {
		task := fmt.Sprintf(`document.querySelector('[data-task="' + [...new Set([...document.querySelectorAll('[data-task^=follow_up-]')].map((row) => row.dataset.task))][%d] + '"] .task-more')`, n)
		b.until("its window is asked for", `(`+task+`.click(), true)`)
		b.until("the window is there", `document.querySelector('dialog[open] .task-move input[name=due_on]') !== null`)
		b.until("the day is typed", `(document.querySelector('dialog[open] .task-move input[name=due_on]').value = '2026-06-30') !== ''`)
		b.until("the hour is typed", `(document.querySelector('dialog[open] .task-move input[name=due_at]').value = '09:30') !== ''`)
		b.submit("dialog[open] .task-move .btn-primary")
		b.has("moved to Tue 30 Jun 2026")
		if n == 0 {
			b.leads(chromedp.NavigateBack())
			b.until("the diary is there", `document.querySelectorAll('[data-task^=follow_up-]').length > 1`)
		}
	}
	var moved int
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM follow_ups WHERE due_on = '2026-06-30'`).Scan(&moved); err != nil || moved != 2 {
		t.Errorf("%d are moved, want 2: %v", moved, err)
	}
	b.quiet()
}
