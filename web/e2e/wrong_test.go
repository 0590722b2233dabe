package e2e_test

import "testing"

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
