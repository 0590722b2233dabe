package dunning

import (
	"context"
	"fmt"
	"slices"

	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// Seed gives a tenant what it begins to dun with: the policy Standard of four
// levels with their templates, a policy without levels for customers who are worked
// by hand, and the outcomes of calls. A tenant that has policies, or dispositions,
// keeps its own. It switches nothing on.
func Seed(ctx context.Context, tx *tenant.Tx) error {
	if err := maySet(tx.Actor); err != nil {
		return err
	}
	var policies, outcomes bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM policies p WHERE p.tenant_id = $1), EXISTS (SELECT FROM dispositions d WHERE d.tenant_id = $1)`,
		tx.Actor.TenantID).Scan(&policies, &outcomes)
	if err != nil {
		return fmt.Errorf("look for policies: %w", err)
	}
	if !policies {
		if err := seedPolicies(ctx, tx); err != nil {
			return err
		}
	}
	if outcomes {
		return nil
	}
	for _, o := range firstOutcomes {
		if _, err := AddDisposition(ctx, tx, o); err != nil {
			return err
		}
	}
	return nil
}

func seedPolicies(ctx context.Context, tx *tenant.Tx) error {
	templates, err := message.SeedReminders(ctx, tx)
	if err != nil {
		return err
	}
	id, err := AddPolicy(ctx, tx, Terms{Name: "Standard", Climb: Step, MinGapDays: 7, AfterLast: AskManager})
	if err != nil {
		return err
	}
	for i, l := range firstLevels {
		l.Actions = slices.Clone(l.Actions)
		l.Actions[0].TemplateID = templates[i]
		if _, err := AddLevel(ctx, tx, id, l); err != nil {
			return err
		}
	}
	_, err = AddPolicy(ctx, tx, Terms{Name: "By hand", Climb: Step, MinGapDays: 7, AfterLast: AskManager})
	return err
}

// firstLevels are those of the first policy. The first action of each is written;
// its template comes from package message.
var firstLevels = []LevelTerms{
	{Name: "First reminder", AfterDays: 5, WaitDays: 7, PayWithinDays: 7, Mode: ModeManual, Actions: []LevelAction{{Kind: ByEmail}}},
	{Name: "Second reminder", AfterDays: 15, WaitDays: 7, PayWithinDays: 7, Mode: ModeManual, Actions: []LevelAction{{Kind: ByEmail}}},
	{Name: "Third reminder", AfterDays: 30, WaitDays: 10, PayWithinDays: 10, Mode: ModeManual, Actions: []LevelAction{{Kind: ByLetter}, {Kind: ByCall}}},
	{Name: "Final notice", AfterDays: 45, WaitDays: 10, PayWithinDays: 10, Mode: ModeManual, Actions: []LevelAction{{Kind: ByLetter},
		{Kind: ByHand, Text: "Decide with your manager what comes next: stop deliveries, agree on instalments, or hand the debt over."}}},
}

// firstOutcomes are the dispositions that a new tenant begins with.
var firstOutcomes = []Outcome{
	{Name: "No answer", Nobody: true, DelayDays: 1},
	{Name: "Left message", DelayDays: 2},
	{Name: "Wrong number", DelayDays: -1, Opens: OpensWrong},
	{Name: "Third party", DelayDays: 1},
	{Name: "Spoke: will pay", RightParty: true, Conversation: true, DelayDays: 5, Opens: OpensPromise},
	{Name: "Spoke: cannot pay", RightParty: true, Conversation: true, DelayDays: 5},
	{Name: "Spoke: disputes", RightParty: true, Conversation: true, DelayDays: 5, Opens: OpensDispute},
	{Name: "Spoke: says it is paid", RightParty: true, Conversation: true, DelayDays: 3},
	{Name: "Asked to be called back", RightParty: true, DelayDays: 1, Opens: OpensCallBack},
	{Name: "Asked for copies", RightParty: true, Conversation: true, DelayDays: 3, Opens: OpensCopies},
}
