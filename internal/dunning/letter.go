package dunning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// Desk does what needs the outbox.
type Desk struct {
	Box *message.Outbox
	// Lease is shorter than the package's in tests; zero means that one.
	Lease time.Duration
}

// Order says how a letter or message about an entry is to be made. The zero Order is
// what the button means: the level's text to the address on file.
type Order struct {
	PointID  int64  // where it goes; 0: the address on file
	Again    bool   // although one was made in this cycle
	Override string // why a manager writes although the hour bars it
	// Version is the entry's as it was shown: one that somebody put away since is not
	// written to. 0: no matter.
	Version int
}

// Print makes the letter about an entry, of which there is one a cycle: asked for
// twice, or by two, it is the first one again. It returns the letter's message.
func (d *Desk) Print(ctx context.Context, tx *tenant.Tx, entry int64, o Order) (int64, error) {
	return d.write(ctx, tx, entry, ByLetter, o)
}

// Mail sends the e-mail about an entry to the address on file at once, with the
// statement. As for Print, there is one a cycle.
func (d *Desk) Mail(ctx context.Context, tx *tenant.Tx, entry int64, o Order) (int64, error) {
	return d.write(ctx, tx, entry, ByEmail, o)
}

// SMS sends the SMS about an entry. As for Print, there is one a cycle.
func (d *Desk) SMS(ctx context.Context, tx *tenant.Tx, entry int64, o Order) (int64, error) {
	return d.write(ctx, tx, entry, BySMS, o)
}

func (d *Desk) write(ctx context.Context, tx *tenant.Tx, entry int64, kind ActionKind, o Order) (int64, error) {
	e, err := hold(ctx, tx, entry)
	if err != nil {
		return 0, err
	}
	if o.Version != 0 && e.LaterOn.After(tx.Today()) {
		if err := e.moved(ctx, tx, o.Version); err != nil {
			return 0, err
		}
	}
	m, err := matterOf(ctx, tx, e)
	if err != nil {
		return 0, err
	}
	if len(m.items) == 0 {
		return 0, errs.Conflict("Nothing may be asked for now: all of it is paid, disputed, paused, covered by credit or below the least amount.")
	}
	template, err := m.template(ctx, tx, kind)
	if err != nil {
		return 0, err
	}
	if first, err := firstMade(ctx, tx, e.ID, template); err != nil || first != 0 && !o.Again {
		return first, err
	}
	n, err := m.compose(ctx, tx, kind, template, o)
	if err != nil {
		return 0, err
	}
	// what is left to collect may stand there as of yesterday
	if err := ledger.Refresh(ctx, tx, []int64{e.CustomerID}); err != nil {
		return 0, err
	}
	id, err := d.Box.Send(ctx, tx, n)
	if err != nil {
		return 0, err
	}
	return id, deed{kind: kind, messageID: id}.keep(ctx, tx, m)
}

// template is that of the level's action, else the company's own reminder.
func (m matter) template(ctx context.Context, tx *tenant.Tx, kind ActionKind) (int64, error) {
	if l := m.level(); l != nil {
		for _, a := range l.Actions {
			if a.Kind == kind {
				return a.TemplateID, nil
			}
		}
	}
	var id int64
	err := tx.QueryRow(ctx, `
		SELECT t.id
		FROM templates t
		WHERE t.tenant_id = $1 AND t.channel = $2 AND t.demands AND t.retired_at IS NULL
		ORDER BY lower(t.name) <> 'payment reminder', t.id
		LIMIT 1`, tx.Actor.TenantID, kind).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errs.Conflict(fmt.Sprintf("This level has no text for the %s, and there is no other template that asks for money. An administrator adds one under Templates.", kind.Name()))
	}
	if err != nil {
		return 0, fmt.Errorf("find the company's reminder: %w", err)
	}
	return id, nil
}

// firstMade is the message that was made of the template about the entry; 0: none,
// or it was not sent and will not be.
func firstMade(ctx context.Context, tx *tenant.Tx, entry, template int64) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT coalesce(max(m.id), 0)
		FROM agenda_actions a
		JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
		JOIN template_texts x ON x.tenant_id = @tenant AND x.id = m.text_id
		WHERE a.tenant_id = @tenant AND a.entry_id = @entry AND x.template_id = @template
			AND m.state NOT IN ('failed', 'bounced', 'discarded')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "entry": entry, "template": template}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("look what was made about an entry: %w", err)
	}
	return id, nil
}

// compose writes the letter or message. What falls due asks for nothing yet. An SMS
// carries no statement: its text is all that there is room for.
func (m matter) compose(ctx context.Context, tx *tenant.Tx, kind ActionKind, template int64, o Order) (n message.New, err error) {
	if kind != ByLetter && o.PointID == 0 {
		if o.PointID, err = onFile(ctx, tx, m.CustomerID, kind); err != nil {
			return n, err
		}
	}
	f, err := message.Fill(ctx, tx, message.Choice{CustomerID: m.CustomerID, TemplateID: template, PointID: o.PointID, Items: m.listed(),
		PayBy: m.payBy(), Level: m.Level, LevelName: m.LevelName})
	if err != nil {
		return n, err
	}
	return message.New{CustomerID: m.CustomerID, Channel: kind.Channel(), PointID: o.PointID, Language: f.Language, Subject: f.Subject, Body: f.Body,
		TextID: f.TextID, Demands: f.Template.Demands && m.overdue(), Statement: kind != BySMS, Override: o.Override}, nil
}

// Why a customer of whom no address or number is known is not written to.
const (
	noEmail = "No e-mail address of this customer is on file. Add one under Contact points, print the letter, or call."
	noPhone = "No telephone number of this customer is on file. Add one under Contact points, print the letter, or send the e-mail."
)

// onFile is where e-mails, or SMS, to the customer go.
func onFile(ctx context.Context, tx *tenant.Tx, id int64, kind ActionKind) (int64, error) {
	care, err := customer.CareOf(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if kind == BySMS {
		if p := care.First(customer.Phone); p != nil {
			return p.ID, nil
		}
		return 0, errs.Invalid{"": noPhone}
	}
	if p := care.First(customer.Email); p != nil {
		return p.ID, nil
	}
	return 0, errs.Invalid{"": noEmail}
}
