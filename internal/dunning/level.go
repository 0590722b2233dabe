package dunning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// LevelMode says who makes a level's reminders go out.
type LevelMode string

// The modes. Confirm: the reminders wait in the agenda for one click. Automatic:
// they are sent by themselves.
const (
	ModeManual    LevelMode = "manual"
	ModeConfirm   LevelMode = "confirm"
	ModeAutomatic LevelMode = "automatic"
)

// Level is the step of a policy at so many days overdue.
type Level struct {
	ID       int64
	PolicyID int64
	Number   int // its place by days among the policy's levels in use; 0: it is retired
	LevelTerms
	RetiredAt *time.Time
	Version   int
}

// Renumbered says in a sentence that another number of days gives the level another
// place among those of its policy; empty: it keeps its place.
func (l Level) Renumbered(among []Level, afterDays int) string {
	number := 1
	for _, o := range among {
		if o.ID != l.ID && o.AfterDays <= afterDays {
			number++
		}
	}
	if l.Number == 0 || number == l.Number {
		return ""
	}
	return fmt.Sprintf("Levels go by their days: level %d becomes level %d.", l.Number, number)
}

// LevelTerms are what is typed of a level.
type LevelTerms struct {
	Name          string
	AfterDays     int // below zero: before the due date
	WaitDays      int // since the item's reminder before
	PayWithinDays int // the deadline that its letter gives
	Mode          LevelMode
	Actions       []LevelAction // the first one first
}

// LevelAction is something that is to be done at a level.
type LevelAction struct {
	Kind       ActionKind
	TemplateID int64  // of what is written
	Text       string // of a manual action: what to do
	MemberID   int64  // who does a manual action; 0: the customer's owner

	Template string // its name, as of now
	Member   string // the name
}

// Levels lists a policy's levels in use, by their days.
func Levels(ctx context.Context, tx *tenant.Tx, policy int64) ([]Level, error) {
	return levels(ctx, tx, ` AND l.policy_id = @policy AND l.retired_at IS NULL`, pgx.NamedArgs{"policy": policy})
}

// RetiredLevels lists those of a policy that are no longer in use.
func RetiredLevels(ctx context.Context, tx *tenant.Tx, policy int64) ([]Level, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return nil, err
	}
	return levels(ctx, tx, ` AND l.policy_id = @policy AND l.retired_at IS NOT NULL`, pgx.NamedArgs{"policy": policy})
}

// FindLevel reads a level, in use or not.
func FindLevel(ctx context.Context, tx *tenant.Tx, id int64) (Level, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return Level{}, err
	}
	list, err := levels(ctx, tx, ` AND l.id = @id`, pgx.NamedArgs{"id": id})
	if err == nil && len(list) == 0 {
		return Level{}, fmt.Errorf("level %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return Level{}, err
	}
	return list[0], nil
}

// levels reads levels with their actions, in two queries.
func levels(ctx context.Context, tx *tenant.Tx, which string, args pgx.NamedArgs) ([]Level, error) {
	args["tenant"] = tx.Actor.TenantID
	rows, _ := tx.Query(ctx, `
		SELECT l.id, l.policy_id, CASE WHEN l.retired_at IS NULL THEN (
				SELECT count(*)
				FROM levels b
				WHERE b.tenant_id = @tenant AND b.policy_id = l.policy_id AND b.retired_at IS NULL AND b.after_days <= l.after_days) ELSE 0 END,
			l.name, l.after_days, l.wait_days, l.pay_within_days, l.mode, l.retired_at, l.version
		FROM levels l
		WHERE l.tenant_id = @tenant`+which+`
		ORDER BY l.policy_id, l.after_days, l.id`, args)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l Level, err error) {
		err = row.Scan(&l.ID, &l.PolicyID, &l.Number, &l.Name, &l.AfterDays, &l.WaitDays, &l.PayWithinDays, &l.Mode, &l.RetiredAt, &l.Version)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("read levels: %w", err)
	}
	return list, addActions(ctx, tx, list)
}

func addActions(ctx context.Context, tx *tenant.Tx, list []Level) error {
	at := map[int64]*Level{}
	var ids []int64
	for i := range list {
		at[list[i].ID], ids = &list[i], append(ids, list[i].ID)
	}
	if len(ids) == 0 {
		return nil
	}
	rows, _ := tx.Query(ctx, `
		SELECT a.level_id, a.kind, coalesce(a.template_id, 0), a.text, coalesce(a.member_id, 0), coalesce(t.name, ''), coalesce(u.name, '')
		FROM level_actions a
		LEFT JOIN templates t ON t.tenant_id = @tenant AND t.id = a.template_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = a.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE a.tenant_id = @tenant AND a.level_id = ANY(@ids)
		ORDER BY a.level_id, a.position, a.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids})
	var level int64
	var a LevelAction
	_, err := pgx.ForEachRow(rows, []any{&level, &a.Kind, &a.TemplateID, &a.Text, &a.MemberID, &a.Template, &a.Member}, func() error {
		at[level].Actions = append(at[level].Actions, a)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what is done at levels: %w", err)
	}
	return nil
}

// MaxManual is how many manual actions a level has at most.
const MaxManual = 3

// check brings what was typed into form and refuses what cannot be used. What is
// wrong with an action stands under its kind, with the place of a manual one:
// manual_2.
func (t *LevelTerms) check() error {
	var inv errs.Invalid
	checkName(&inv, &t.Name, 80)
	inv.Check(t.AfterDays >= -365 && t.AfterDays <= 3650, "after_days", "Give a whole number of days from −365 (before the due date) to 3650.")
	checkDays(&inv, t.WaitDays, 0, 365, "wait_days")
	checkDays(&inv, t.PayWithinDays, 0, 365, "pay_within_days")
	inv.Check(slices.Contains([]LevelMode{ModeManual, ModeConfirm, ModeAutomatic}, t.Mode), "mode", "Choose how its reminders go out.")
	t.checkActions(&inv)
	return inv.Err()
}

func (t *LevelTerms) checkActions(inv *errs.Invalid) {
	seen := map[ActionKind]int{}
	sends := false
	t.Actions = slices.Clone(t.Actions)
	for i := range t.Actions {
		a := &t.Actions[i]
		seen[a.Kind]++
		field := string(a.Kind)
		sends = sends || a.Kind.Sends()
		inv.Check(slices.Contains(ActionKinds, a.Kind), "actions", "Choose what is to be done.")
		inv.Check(a.Kind == ByHand || seen[a.Kind] == 1, field, "This is done once a level.")
		if a.Kind == ByHand {
			field = fmt.Sprintf("manual_%d", seen[ByHand])
			tenant.OneLine(inv, &a.Text, field)
			inv.Check(a.Text != "", field, "Say what is to be done.")
			inv.Check(utf8.RuneCountInString(a.Text) <= 500, field, "This holds 500 characters at most. Shorten it.")
		}
		inv.Check(!a.Writes() || a.TemplateID != 0, field, "Choose the template.")
	}
	inv.Check(seen[ByHand] <= MaxManual, "actions", fmt.Sprintf("A level has %d manual actions at most.", MaxManual))
	inv.Check(len(t.Actions) > 0, "actions", "Choose at least one thing that is to be done at this level.")
	inv.Check(t.Mode == ModeManual || t.Mode == ModeConfirm || sends, "mode", "Nothing of this level can be sent by itself: choose an e-mail or an SMS, or another mode.")
	inv.Check(t.Mode != ModeConfirm || sends || seen[ByLetter] > 0, "mode", "Nothing of this level waits to be confirmed: choose an e-mail, an SMS or a letter, or another mode.")
}

// Writes tells that the action is made of a template.
func (a LevelAction) Writes() bool { return a.Kind == ByLetter || a.Kind == ByEmail || a.Kind == BySMS }

// Leaves tells that the level goes out by itself without the action, which needs a
// person: it is theirs where nothing of the level can be sent.
func (t LevelTerms) Leaves(a LevelAction) bool { return t.Mode == ModeAutomatic && !a.Kind.Sends() }

// String says the action in a few words.
func (a LevelAction) String() string {
	switch a.Kind {
	case ByLetter:
		return "Letter: " + a.Template
	case ByEmail:
		return "E-mail: " + a.Template
	case BySMS:
		return "SMS: " + a.Template
	case ByCall:
		return "Call"
	}
	return a.Text + " (" + cmp.Or(a.Member, "the customer’s owner") + ")"
}

// facts are what the audit record keeps of a level.
func (t LevelTerms) facts(policy string) map[string]any {
	done := make([]string, len(t.Actions))
	for i, a := range t.Actions {
		done[i] = a.String()
	}
	return map[string]any{"policy": policy, "name": t.Name, "after_days": t.AfterDays, "wait_days": t.WaitDays,
		"pay_within_days": t.PayWithinDays, "mode": string(t.Mode), "actions": strings.Join(done, "; ")}
}

func (t LevelTerms) equal(o LevelTerms) bool {
	return slices.Equal(t.Actions, o.Actions) && t.Name == o.Name && t.AfterDays == o.AfterDays && t.WaitDays == o.WaitDays &&
		t.PayWithinDays == o.PayWithinDays && t.Mode == o.Mode
}

// levelTaken says so where another level of the policy has the days; other errors
// pass.
func levelTaken(err error, days int) error {
	switch {
	case err == nil:
		return nil
	case breaks(err, "levels_once"):
		return errs.Invalid{"after_days": fmt.Sprintf("Another level of this policy is at %d days already. Give this one other days, or change that one.", days)}
	case errors.As(err, new(errs.Invalid)):
		return err
	}
	return fmt.Errorf("save level: %w", err)
}
