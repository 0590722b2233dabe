package messages_test

import (
	"fmt"
	"testing"

	"dunwell/internal/smtptest"
)

// S5.18, S5.29: an e-mail is an activity from the moment it is written, and says how far
// it got: held where no mail server is set up, failed where the server refuses it.
func TestEveryEmailIsAnActivity(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	collections := fmt.Sprintf("/customers/%d/collections?show=emails", d.debtor)
	c.Get(collections).Has(t, 200, "Nothing of this kind yet.")
	c.Post(d.at(""), d.mail("Kept here"))
	page := c.Get(collections)
	page.Has(t, 200, "E-mail to Anna &lt;anna@debtor.example&gt;: Kept here.", `</svg>held`, `href="`+d.at("/1")+`"`)
	page.Lacks(t, `</svg>sent`, `</svg>failed`)

	sink := d.MailServer(t)
	sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.To {
			return smtptest.Refuse
		}
		return smtptest.Take
	})
	d.StartJobs(t)
	c.Post(d.at(""), d.mail("Refused"))
	page = d.until(t, c, collections, `</svg>failed`)
	page.Has(t, 200, "E-mail to Anna &lt;anna@debtor.example&gt;: Refused.", "The e-mail “Refused” to Anna was not sent.")
	page.Lacks(t, `</svg>sent`)
	c.Get(fmt.Sprintf("/customers/%d/notes", d.debtor)).Has(t, 200, `</svg>failed`, `</svg>held`)
	c.Get(fmt.Sprintf("/customers/%d/collections?show=calls", d.debtor)).Lacks(t, "E-mail to Anna")
	c.Get(fmt.Sprintf("/customers/%d/collections?show=sms", d.debtor)).Has(t, 200, "Nothing of this kind yet.")
}
