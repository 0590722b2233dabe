package customer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Channel is a way of contact that is allowed or refused by itself.
type Channel string

// The channels.
const (
	Call Channel = "call"
	SMS  Channel = "sms"
	Mail Channel = "email"
	// Letter goes to the postal address, of which nothing is allowed or forbidden.
	Letter Channel = "letter"
)

// Name is the channel as people read it: "SMS", "calls".
func (c Channel) Name() string {
	switch c {
	case SMS:
		return "SMS"
	case Mail:
		return "e-mail"
	case Letter:
		return "letters"
	}
	return "calls"
}

// State is what a person said of a channel.
type State string

// The states. Withdrawn ends a consent, Lifted an opt-out.
const (
	Consent   State = "consent"
	Withdrawn State = "withdrawn"
	OptOut    State = "opt_out"
	Lifted    State = "lifted"
)

// States lists the states in the order in which they can follow one another.
var States = []State{Consent, Withdrawn, OptOut, Lifted}

// Permission is what was said last of a point's channel, and how it is known.
type Permission struct {
	ID       int64     `json:"id"` // 0: nothing was said yet
	Channel  Channel   `json:"channel"`
	State    State     `json:"state"`
	GivenOn  day.Day   `json:"given_on"`
	Source   string    `json:"source"`
	ReviewOn day.Day   `json:"review_on"` // of an opt-out
	Evidence string    `json:"evidence"`
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

// CanLift tells who lifts a stop or an opt-out.
func CanLift(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Next lists what can be recorded after this, by that actor. An opt-out can be
// recorded again: that is its review, with the next date.
func (p Permission) Next(a tenant.Actor) []State {
	switch {
	case p.State == Consent:
		return []State{Withdrawn, OptOut}
	case p.State == OptOut && CanLift(a):
		return []State{OptOut, Lifted}
	case p.State == OptOut:
		return []State{OptOut}
	}
	return []State{Consent, OptOut}
}

// oldest is how many years ago something may have been said.
const oldest = 50

func (p *Permission) check(today day.Day) error {
	var inv errs.Invalid
	explain(&inv, &p.Source, "source", 300, "Say how we know: who said it, in what.")
	tidy(&inv, &p.Evidence, "evidence", 1000)
	inv.Check(!note.HasCard(p.Evidence), "evidence", note.NoCard)
	inv.Check(slices.Contains(States, p.State), "state", "Choose what was said.")
	inv.Check(!p.GivenOn.IsZero() && !p.GivenOn.After(today), "given_on", "Give the day on which it was said, not one to come.")
	inv.Check(!p.GivenOn.Before(today.AddMonths(-12*oldest)), "given_on", "This is more than fifty years ago. Look at the year again.")
	if p.State == OptOut {
		ahead(&inv, p.ReviewOn, today, "review_on")
	} else {
		p.ReviewOn = day.Day{}
	}
	inv.Check(p.State != Lifted || p.Evidence != "", "evidence", "Say what proves that the person takes it back.")
	return inv.Err()
}

// Permit records what a person allowed or forbade for a point and channel. What
// an opt-out or its lifting says counts for the number or address, so every
// point of the customer that has it gets the same line. seen is the ID of what
// counted of the channel when the person looked.
func Permit(ctx context.Context, tx *tenant.Tx, customer, point, seen int64, p Permission) error {
	if p.State == Lifted && !CanLift(tx.Actor) {
		return errs.Forbidden("Only a manager lifts an opt-out, with evidence. Ask yours.")
	}
	if _, err := Lock(ctx, tx, customer); err != nil {
		return err
	}
	c, err := FindPoint(ctx, tx, customer, point)
	if err != nil {
		return err
	}
	if err := p.allowed(tx.Actor, c, seen); err != nil {
		return err
	}
	if err := p.check(tx.Today()); err != nil {
		return err
	}
	if err := p.since(ctx, tx, c); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence, member_id)
		SELECT o.customer_id, o.id, @channel, @state, @given, @source, @review, @evidence, nullif(@member, 0)
		FROM contact_points o
		WHERE o.tenant_id = @tenant AND o.customer_id = @customer
			AND (o.id = @point OR @everywhere AND o.kind = @kind AND o.value = @value)
		ORDER BY o.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "point": point, "kind": c.Kind, "value": c.Value,
			"everywhere": p.State == OptOut || p.State == Lifted, "channel": p.Channel, "state": p.State, "given": p.GivenOn,
			"source": p.Source, "review": p.ReviewOn, "evidence": p.Evidence, "member": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("record permission: %w", err)
	}
	tx.Touch(customer)
	return journal(ctx, tx, customer, "permission", p.describe(c), "contact_point", point)
}

// since refuses what lets a number or an address in again by a word that is older than
// an opt-out of it; an opt-out that is recorded again is its review. Of the same day nobody knows which was first.
func (p Permission) since(ctx context.Context, tx *tenant.Tx, c ContactPoint) error {
	if p.State != Lifted && p.State != Consent {
		return nil
	}
	var out day.Day
	err := tx.QueryRow(ctx, `
		SELECT max(x.given_on)
		FROM (
			SELECT s.given_on, s.state, lag(s.state) OVER (PARTITION BY o.id ORDER BY s.id) AS before
			FROM contact_points o
			JOIN permissions s ON s.tenant_id = @tenant AND s.customer_id = @customer AND s.contact_point_id = o.id
			WHERE o.tenant_id = @tenant AND o.customer_id = @customer AND o.kind = @kind AND o.value = @value AND s.channel = @channel) x
		WHERE x.state = 'opt_out' AND x.before IS DISTINCT FROM 'opt_out'`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": c.CustomerID, "kind": c.Kind, "value": c.Value, "channel": p.Channel}).Scan(&out)
	if err != nil {
		return fmt.Errorf("look when somebody opted out: %w", err)
	}
	if p.GivenOn.Before(out) {
		return errs.Invalid{"given_on": fmt.Sprintf("They opted out on %s, after that. What they said before no longer counts: give the day of what they said since.", out.Long())}
	}
	return nil
}

// allowed refuses what does not follow on what counts now.
func (p Permission) allowed(a tenant.Actor, c ContactPoint, seen int64) error {
	switch now := c.Permission(p.Channel); {
	case !slices.Contains(c.Kind.Channels(), p.Channel):
		return errs.Invalid{"channel": "Choose a channel that this contact point has."}
	case c.Retired:
		return errs.Conflict("This contact point is no longer in use. Add it again, then record what was said.")
	case now.ID != seen:
		return errs.Conflict("Somebody else recorded something of this channel meanwhile. Open the contact point again and look at what counts now.")
	case !slices.Contains(States, p.State) || slices.Contains(now.Next(a), p.State):
		return nil
	case now.State == OptOut && p.State == Consent:
		return errs.Invalid{"state": "The person opted out. A manager lifts that first, with evidence."}
	case now.State == Consent && p.State == Consent:
		return errs.Invalid{"state": "Consent is on record already."}
	case p.State == Lifted:
		return errs.Invalid{"state": "There is no opt-out to be lifted."}
	}
	return errs.Invalid{"state": "There is no consent to be withdrawn. Record an opt-out where the person wants no more contact."}
}

func (p Permission) describe(c ContactPoint) string {
	what := map[State]string{Consent: "Consent to %s", Withdrawn: "Consent to %s withdrawn", OptOut: "Opted out of %s", Lifted: "Opt-out of %s lifted"}[p.State]
	text := fmt.Sprintf(what+" for %s on %s. Source: %s.", p.Channel.Name(), c.Shown(), p.GivenOn.Long(), p.Source)
	if p.Evidence != "" {
		text += " Evidence: " + p.Evidence + "."
	}
	if p.State == OptOut {
		text += fmt.Sprintf(" To be reviewed on %s.", p.ReviewOn.Long())
	}
	return text
}

// carryOptOuts gives a point the opt-outs that are in force for its number or
// address on other points of the customer, those out of use included.
func carryOptOuts(ctx context.Context, tx *tenant.Tx, customer, point int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on, evidence, follows, member_id)
		SELECT customer_id, @point, channel, state, given_on, source, review_on, evidence, follows, nullif(@member, 0)
		FROM (
			SELECT DISTINCT ON (s.channel, o.id) s.customer_id, s.channel, s.state, s.given_on, s.source, s.review_on, s.evidence, s.follows, s.id
			FROM contact_points mine
			JOIN contact_points o ON o.tenant_id = @tenant AND o.customer_id = @customer AND o.kind = mine.kind AND o.value = mine.value AND o.id <> mine.id
			JOIN permissions s ON s.tenant_id = @tenant AND s.customer_id = @customer AND s.contact_point_id = o.id
			WHERE mine.tenant_id = @tenant AND mine.id = @point
			ORDER BY s.channel, o.id, s.id DESC) last
		WHERE state = 'opt_out'
		ORDER BY id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "point": point, "member": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("carry opt-outs: %w", err)
	}
	return nil
}

// withdrawConsents ends the consents of a point whose number or address changed.
func withdrawConsents(ctx context.Context, tx *tenant.Tx, was ContactPoint) error {
	var channels []Channel
	for _, p := range was.Permissions {
		if p.State == Consent {
			channels = append(channels, p.Channel)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, member_id)
		SELECT @customer, @point, channel, 'withdrawn', @today, 'It was given for ' || @value, nullif(@member, 0)
		FROM unnest(@channels::text[]) channel`,
		pgx.NamedArgs{"customer": was.CustomerID, "point": was.ID, "today": tx.Today(), "value": was.Value, "channels": channels,
			"member": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("withdraw consents: %w", err)
	}
	return nil
}
