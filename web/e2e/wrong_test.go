package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// A code that was chosen by typing does not stay behind what fits none.
func TestTypedCodeThatFitsNone(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := lorry(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at + "/contacts/new")
	chosen := func(code string) {
		t.Helper()
		b.until("chosen is "+code, fmt.Sprintf(`document.querySelector('#contact-type').selectedOptions[0].label === %q`, code))
	}
	b.tabTo(`input.narrow[aria-label^="Code:"]`)
	b.keys("vis")
	chosen("VISIT Visit")
	b.keys("x")
	chosen("Choose")
	b.has("None fits.")
	b.keys(kb.Backspace)
	chosen("VISIT Visit")
	b.quiet()
}

// A form that was refused comes back at the first field that is wrong, on its tab.
func TestBeginsAtWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := trial(t)
	at := lorry(t, s)
	b := open(t, s)
	b.signInDemo("collector")
	b.goTo(at + "/contacts/new")
	b.fill("#contact-description", "Says the transfer went out")
	b.submit(".contact-form .form-actions button[type=submit]")
	b.has("Choose the code")
	b.focused("#contact-type")
}
