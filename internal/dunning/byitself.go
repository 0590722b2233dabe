package dunning

import (
	"context"
	"maps"
	"slices"
	"strings"

	"dunwell/internal/tenant"
)

// automaticWays are the ways that what automatic levels in use send may go: each e-mail
// and SMS of theirs, as what cannot go the first way of a level goes the next.
const automaticWays = `ARRAY(
			SELECT DISTINCT a.kind
			FROM levels l
			JOIN policies p ON p.tenant_id = @tenant AND p.id = l.policy_id AND p.retired_at IS NULL
			JOIN level_actions a ON a.tenant_id = @tenant AND a.level_id = l.id AND a.kind IN ('email', 'sms')
			WHERE l.tenant_id = @tenant AND l.mode = 'automatic' AND l.retired_at IS NULL
			ORDER BY a.kind)`

// shut says of those of the ways that are not set up what waits for that: it is not
// written before, so that it leaves with the sums of its day.
func (d *Desk) shut(ctx context.Context, tx *tenant.Tx, ways []ActionKind) (map[ActionKind]string, error) {
	shut := map[ActionKind]string{}
	if slices.Contains(ways, ByEmail) && !d.Box.Ready() {
		shut[ByEmail] = "No mail server is set up here: the e-mails of automatic levels wait until there is one."
	}
	if !slices.Contains(ways, BySMS) {
		return shut, nil
	}
	_, why, err := d.Box.ReadySMS(ctx, tx)
	if why != "" {
		shut[BySMS] = "The SMS of automatic levels wait. " + why
	}
	return shut, err
}

// Shut says what keeps what automatic levels send by a way that is not set up, in
// sentences; empty: nothing does, or nothing is sent by itself.
func (d *Desk) Shut(ctx context.Context, tx *tenant.Tx, a Agenda) (string, error) {
	if !a.On {
		return "", nil
	}
	shut, err := d.shut(ctx, tx, a.ways)
	return said(shut), err
}

// said are the sentences of those that are shut.
func said(shut map[ActionKind]string) string {
	return strings.Join(slices.Sorted(maps.Values(shut)), " ")
}

// leaving is what automatic levels have to send.
type leaving struct {
	now  []candidate // the job begins a batch with them as it comes by
	soon []candidate // the rules of contact let them leave later
	held []candidate // the way that they go is not set up
	shut map[ActionKind]string
}

// leaving finds what automatic levels have to send, unless something keeps all of it:
// see AutomaticWaits.
func (d *Desk) leaving(ctx context.Context, tx *tenant.Tx, what Bulk) (l leaving, err error) {
	ids, err := ready(ctx, tx, what.begun)
	if err != nil || len(ids) == 0 {
		return l, err
	}
	p, err := d.Plan(ctx, tx, Choice{IDs: ids}, what)
	if err != nil {
		return l, err
	}
	var ways []ActionKind
	for _, c := range p.chosen {
		ways = append(ways, c.kind)
	}
	if l.shut, err = d.shut(ctx, tx, ways); err != nil {
		return l, err
	}
	for _, c := range p.chosen {
		if l.shut[c.kind] != "" {
			l.held = append(l.held, c)
		} else {
			l.now = append(l.now, c)
		}
	}
	l.soon = p.soon
	return l, nil
}
