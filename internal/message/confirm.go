package message

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"dunwell/internal/customer"
	"dunwell/internal/inbox"
	"dunwell/internal/note"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// confirmWords answer who opted out and who opted in again, by language. Each names
// the company.
var confirmWords = map[string]map[inbox.Kind]string{
	"en": {inbox.Stop: "%s: you will get no more SMS from us. Reply START to get them again.", inbox.Start: "%s: you get our SMS again. Reply STOP to end them."},
	"cs": {inbox.Stop: "%s: další SMS už Vám nepošleme. Odpovězte START, pokud je chcete znovu.", inbox.Start: "%s: naše SMS Vám opět posíláme. Odpovězte STOP pro ukončení."},
	"da": {inbox.Stop: "%s: Du får ikke flere sms’er fra os. Svar START for at få dem igen.", inbox.Start: "%s: Du får vores sms’er igen. Svar STOP for at stoppe dem."},
	"de": {inbox.Stop: "%s: Sie erhalten keine SMS mehr von uns. Mit START erhalten Sie sie wieder.", inbox.Start: "%s: Sie erhalten unsere SMS wieder. Mit STOP beenden Sie das."},
	"fr": {inbox.Stop: "%s : vous ne recevrez plus de SMS de notre part. Répondez START pour en recevoir à nouveau.", inbox.Start: "%s : vous recevez à nouveau nos SMS. Répondez STOP pour ne plus en recevoir."},
}

// confirm sends the one answer to STOP or START. It goes out although the number has
// opted out, and at any hour: it answers what was just said.
func (o *Outbox) confirm(ctx context.Context, tx *tenant.Tx, to known, word inbox.Kind) error {
	h, err := statement.HeadingOf(ctx, tx, to.customer, "")
	if err != nil {
		return err
	}
	p, err := customer.FindPoint(ctx, tx, to.customer, to.point)
	if err != nil {
		return err
	}
	m := kept{New: New{CustomerID: to.customer, PointID: to.point, Channel: customer.SMS, Language: h.Language.Code,
		Body: fmt.Sprintf(confirmWords[h.Language.Code][word], h.Sender())},
		address: p.Value, person: p.Person, sender: h.Sender(), confirms: string(word), reference: uuid.New()}
	if err := o.queueSMS(ctx, tx, &m); err != nil {
		return err
	}
	id, err := m.insert(ctx, tx)
	if err != nil {
		return err
	}
	_, err = note.Add(ctx, tx, note.New{CustomerID: to.customer, Kind: "message", Subject: "message", SubjectID: id,
		Text: fmt.Sprintf("Answered by SMS to %s: %s", who(p.Person, p.Value), m.Body)})
	return err
}
