package contactrule

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Longest is how long a debtor's wish to be contacted counts at most.
const Longest = 7 * 24 * time.Hour

// Wish is a debtor's own, to be contacted through a point.
type Wish struct {
	CustomerID, PointID int64
	Channel             customer.Channel
	From                time.Time // before it the wish does not count; zero: it counts at once
	Until               time.Time // the first moment at which it no longer counts; zero: as long as can be
	Source              string    // who said it, in what
	FollowupID          int64     // by which it is on somebody's list already; 0: by none
}

// Request records that the debtor asked to be contacted. While it counts it goes
// before hours and frequency, not before a stop or an opt-out.
func Request(ctx context.Context, tx *tenant.Tx, w Wish) error {
	if _, err := customer.Lock(ctx, tx, w.CustomerID); err != nil {
		return err
	}
	p, err := customer.FindPoint(ctx, tx, w.CustomerID, w.PointID)
	if err != nil {
		return err
	}
	if p.Retired {
		return errs.Conflict("This contact point is no longer in use. Add it again, then record what was asked for.")
	}
	if err := w.check(tx, p); err != nil {
		return err
	}
	stamp := func(t time.Time) string { return t.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan 2006 15:04") }
	var from *time.Time
	span := "until " + stamp(w.Until)
	if w.From.After(tx.Now) {
		from, span = &w.From, "from "+stamp(w.From)+" "+span
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO contact_requests (customer_id, contact_point_id, channel, not_before, until, source, follow_up_id, member_id, at)
		VALUES (@customer, @point, @channel, @from, @until, @source, nullif(@followup::bigint, 0), nullif(@member::bigint, 0), @now)`,
		pgx.NamedArgs{"customer": w.CustomerID, "point": w.PointID, "channel": w.Channel, "from": from, "until": w.Until, "source": w.Source,
			"followup": w.FollowupID, "member": tx.Actor.MemberID, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("record what was asked for: %w", err)
	}
	text := fmt.Sprintf("Asked for %s on %s %s. Source: %s.", noun(w.Channel), p.Shown(), span, strings.TrimSuffix(w.Source, "."))
	_, err = note.Add(ctx, tx, note.New{CustomerID: w.CustomerID, Kind: "contact_request", Text: text, Subject: "contact_point", SubjectID: w.PointID})
	return err
}

func (w *Wish) check(tx *tenant.Tx, p customer.ContactPoint) error {
	if w.Until.IsZero() {
		w.Until = tx.Now.Add(Longest)
	}
	var inv errs.Invalid
	tenant.OneLine(&inv, &w.Source, "source")
	inv.Check(p.Role != customer.ThirdParty, "", "Third parties never hear of the debt, so nothing they ask for opens this contact point.")
	inv.Check(slices.Contains(p.Kind.Channels(), w.Channel), "channel", "Choose a channel that this contact point has.")
	inv.Check(w.Until.After(tx.Now) && !w.Until.After(tx.Now.Add(Longest)), "until", "Give a moment to come, within seven days.")
	inv.Check(w.From.Before(w.Until), "until", "Give a moment after the one from which it counts.")
	n := utf8.RuneCountInString(w.Source)
	inv.Check(n > 0 && n <= 300, "source", "Say who asked, and in what: a call, an e-mail; at most 300 characters.")
	inv.Check(!note.HasCard(w.Source), "source", note.NoCard)
	return inv.Err()
}
