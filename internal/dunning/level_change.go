package dunning

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// AddLevel adds a level to a policy. Its place follows from its days.
func AddLevel(ctx context.Context, tx *tenant.Tx, policy int64, t LevelTerms) (id int64, err error) {
	p, err := lockPolicy(ctx, tx, policy)
	if err != nil {
		return 0, err
	}
	if p.RetiredAt != nil {
		return 0, errs.Conflict("This policy is retired. Take it back, then change its levels.")
	}
	if err := t.prepare(ctx, tx, nil); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO levels (policy_id, name, after_days, wait_days, pay_within_days, mode)
		VALUES (@policy, @name, @after, @wait, @within, @mode)
		RETURNING id`, t.args(tx, policy, 0)).Scan(&id)
	if err != nil {
		return 0, levelTaken(err, t.AfterDays)
	}
	if err := setActions(ctx, tx, id, t.Actions); err != nil {
		return 0, err
	}
	return id, auditSetup(ctx, tx, "level.added", id, nil, t.facts(p.Name))
}

// ChangeLevel changes a level that still has the version which the actor saw. An
// item keeps its rank by days: it has reached the highest level that is not above
// what it was reminded at.
func ChangeLevel(ctx context.Context, tx *tenant.Tx, id int64, version int, t LevelTerms) error {
	was, policy, err := lockLevel(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := t.prepare(ctx, tx, was.Actions); err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict("Somebody else changed this level meanwhile. Look at what it says now, and save again.")
	}
	if was.LevelTerms.equal(t) {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE levels
		SET name = @name, after_days = @after, wait_days = @wait, pay_within_days = @within, mode = @mode, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, t.args(tx, was.PolicyID, id))
	if err != nil {
		return levelTaken(err, t.AfterDays)
	}
	if err := setActions(ctx, tx, id, t.Actions); err != nil {
		return err
	}
	return auditSetup(ctx, tx, "level.changed", id, was.facts(policy.Name), t.facts(policy.Name))
}

// RetireLevel takes a level out of its policy. What was done at it stays.
func RetireLevel(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setLevelRetired(ctx, tx, id, true)
}

// TakeBackLevel puts a retired level back into its policy.
func TakeBackLevel(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setLevelRetired(ctx, tx, id, false)
}

func setLevelRetired(ctx context.Context, tx *tenant.Tx, id int64, retired bool) error {
	was, policy, err := lockLevel(ctx, tx, id)
	if err != nil || (was.RetiredAt != nil) == retired {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE levels
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "retired": retired, "now": tx.Now})
	if breaks(err, "levels_once") {
		return errs.Conflict(fmt.Sprintf("Another level of this policy is at %d days. Give that one other days, then take this one back.", was.AfterDays))
	}
	if err != nil {
		return fmt.Errorf("retire level: %w", err)
	}
	if retired {
		return auditSetup(ctx, tx, "level.retired", id, was.facts(policy.Name), nil)
	}
	return auditSetup(ctx, tx, "level.taken_back", id, nil, was.facts(policy.Name))
}

// lockLevel asks for permission and holds the level with its policy until the
// transaction ends: levels of one policy change one after the other.
func lockLevel(ctx context.Context, tx *tenant.Tx, id int64) (Level, Policy, error) {
	if err := maySet(tx.Actor); err != nil {
		return Level{}, Policy{}, err
	}
	l, err := FindLevel(ctx, tx, id)
	if err != nil {
		return Level{}, Policy{}, err
	}
	p, err := lockPolicy(ctx, tx, l.PolicyID)
	if err != nil {
		return Level{}, Policy{}, err
	}
	l, err = FindLevel(ctx, tx, id) // as it is now that nobody else changes it
	return l, p, err
}

func (t LevelTerms) args(tx *tenant.Tx, policy, id int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "policy": policy, "id": id, "name": t.Name, "after": t.AfterDays,
		"wait": t.WaitDays, "within": t.PayWithinDays, "mode": t.Mode}
}

// prepare checks what was typed and finds what its actions name. What the level
// had before it may keep, retired or not.
func (t *LevelTerms) prepare(ctx context.Context, tx *tenant.Tx, had []LevelAction) error {
	if err := t.check(); err != nil {
		return err
	}
	templates, err := namesOf(ctx, tx, `
		SELECT t.id, t.channel || ' ' || t.name
		FROM templates t
		WHERE t.tenant_id = @tenant AND t.id = ANY(@ids) AND (t.retired_at IS NULL OR t.id = ANY(@had))`,
		t.Actions, had, func(a LevelAction) int64 { return a.TemplateID })
	if err != nil {
		return err
	}
	members, err := namesOf(ctx, tx, `
		SELECT m.id, u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = @tenant AND m.id = ANY(@ids) AND (m.active OR m.id = ANY(@had))`,
		t.Actions, had, func(a LevelAction) int64 { return a.MemberID })
	if err != nil {
		return err
	}
	return t.name(templates, members)
}

// name gives each action the names of what it names, and refuses what is not
// there. The name of a template comes after its channel.
func (t *LevelTerms) name(templates, members map[int64]string) error {
	var inv errs.Invalid
	byHand := 0
	for i := range t.Actions {
		a := &t.Actions[i]
		a.Template, a.Member = "", members[a.MemberID]
		switch {
		case a.Writes():
			name, fits := strings.CutPrefix(templates[a.TemplateID], string(a.Kind)+" ")
			inv.Check(fits, string(a.Kind), "There is no such template. Choose one of the list.")
			a.Template, a.Text, a.MemberID = name, "", 0
		case a.Kind == ByCall:
			a.TemplateID, a.Text, a.MemberID = 0, "", 0
		default:
			byHand++
			a.TemplateID = 0
			inv.Check(a.MemberID == 0 || a.Member != "", fmt.Sprintf("manual_%d_member", byHand), "There is no such member. Choose one of the list.")
		}
	}
	return inv.Err()
}

func namesOf(ctx context.Context, tx *tenant.Tx, sql string, now, had []LevelAction, id func(LevelAction) int64) (map[int64]string, error) {
	list := func(actions []LevelAction) []int64 {
		ids := []int64{}
		for _, a := range actions {
			ids = append(ids, id(a))
		}
		return ids
	}
	rows, _ := tx.Query(ctx, sql, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": list(now), "had": list(had)})
	names := map[int64]string{}
	var (
		one  int64
		name string
	)
	_, err := pgx.ForEachRow(rows, []any{&one, &name}, func() error {
		names[one] = name
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find what a level names: %w", err)
	}
	return names, nil
}

// setActions replaces what is done at a level.
func setActions(ctx context.Context, tx *tenant.Tx, level int64, actions []LevelAction) error {
	var kinds, texts []string
	var templates, members []int64
	for _, a := range actions {
		kinds, texts = append(kinds, string(a.Kind)), append(texts, a.Text)
		templates, members = append(templates, a.TemplateID), append(members, a.MemberID)
	}
	_, derr := tx.Exec(ctx, `
		DELETE FROM level_actions
		WHERE tenant_id = $1 AND level_id = $2`, tx.Actor.TenantID, level)
	_, ierr := tx.Exec(ctx, `
		INSERT INTO level_actions (level_id, position, kind, template_id, text, member_id)
		SELECT @level, a.place, a.kind, nullif(a.template, 0), a.text, nullif(a.member, 0)
		FROM unnest(@kinds::text[], @templates::bigint[], @texts::text[], @members::bigint[]) WITH ORDINALITY AS a (kind, template, text, member, place)`,
		pgx.NamedArgs{"level": level, "kinds": kinds, "templates": templates, "texts": texts, "members": members})
	if err := errors.Join(derr, ierr); err != nil {
		return fmt.Errorf("save what is done at a level: %w", err)
	}
	return nil
}
