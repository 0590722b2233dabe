package member

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Absence is the days on which a member is away, and who does the work meanwhile.
// Nothing changes hands: the cover sees and works the other's day and diary, so that
// with the last day all is as before.
type Absence struct {
	ID              int64
	MemberID        int64
	Member          string
	CoverID         int64
	Cover           string
	FromOn, UntilOn day.Day // both included
	Note            string
	Blind           bool // the cover does not see all that the member sees: see SeesAsMuch
	Version         int
}

// Holds tells that the member is away on the day.
func (a Absence) Holds(on day.Day) bool { return !on.Before(a.FromOn) && !on.After(a.UntilOn) }

// String says it in a sentence: "Kari is away until Fri 20 Mar 2026; Ola covers."
func (a Absence) String() string {
	return fmt.Sprintf("%s is away until %s; %s covers.", a.Member, a.UntilOn.Long(), a.Cover)
}

// days are those of the absence in words.
func (a Absence) days() string {
	return a.FromOn.Long() + " to " + a.UntilOn.Long()
}

// CanPlanAbsence tells who says when a member is away: the member, and managers.
func CanPlanAbsence(a tenant.Actor, member int64) bool {
	return a.Is(tenant.Manager) || member == a.MemberID
}

const notYourAbsence = errs.Forbidden("Only managers, and the person, say when somebody is away. Ask one of yours.")

const absencesSQL = `
		SELECT a.id, a.member_id, mu.name AS member, a.cover_id, cu.name AS cover, a.from_on, a.until_on, a.note, NOT ` + SeesAsMuch + ` AS blind, a.version
		FROM absences a
		JOIN tenants t ON t.id = a.tenant_id
		JOIN members m ON m.tenant_id = @tenant AND m.id = a.member_id
		JOIN users mu ON mu.id = m.user_id
		JOIN members c ON c.tenant_id = @tenant AND c.id = a.cover_id
		JOIN users cu ON cu.id = c.user_id
		WHERE a.tenant_id = @tenant`

// Absences lists those of a member that are not over, and those that the member
// covers, the next one first; 0: everybody's.
func Absences(ctx context.Context, tx *tenant.Tx, member int64) ([]Absence, error) {
	if !CanPlanAbsence(tx.Actor, member) {
		return nil, notYourAbsence
	}
	return absences(ctx, tx, ` AND (@member::bigint = 0 OR @member IN (a.member_id, a.cover_id)) AND a.until_on >= @today
		ORDER BY a.from_on, a.id
		LIMIT 200`, pgx.NamedArgs{"member": member})
}

// Covered lists the absences of today that the actor covers.
func Covered(ctx context.Context, tx *tenant.Tx) ([]Absence, error) {
	return absences(ctx, tx, ` AND a.cover_id = @me AND @today::date BETWEEN a.from_on AND a.until_on
		ORDER BY lower(mu.name), a.id`, pgx.NamedArgs{"me": tx.Actor.MemberID})
}

// Covers tells that the actor covers the member today.
func Covers(ctx context.Context, tx *tenant.Tx, member int64) (yes bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM absences a
			WHERE a.tenant_id = @tenant AND a.cover_id = @me AND a.member_id = @member AND @today::date BETWEEN a.from_on AND a.until_on)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID, "member": member, "today": tx.Today()}).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look who covers whom: %w", err)
	}
	return yes, nil
}

// CoveredLast is the last absence of the member that the actor covered and that is over;
// nil: there was none.
func CoveredLast(ctx context.Context, tx *tenant.Tx, member int64) (*Absence, error) {
	list, err := absences(ctx, tx, ` AND a.cover_id = @me AND a.member_id = @member AND a.until_on < @today
		ORDER BY a.until_on DESC, a.id DESC
		LIMIT 1`, pgx.NamedArgs{"me": tx.Actor.MemberID, "member": member})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Away is the absence of a member on a day, for whoever plans something for them
// then; nil: they are there.
func Away(ctx context.Context, tx *tenant.Tx, member int64, on day.Day) (*Absence, error) {
	list, err := absences(ctx, tx, ` AND a.member_id = @member AND @on::date BETWEEN a.from_on AND a.until_on`, pgx.NamedArgs{"member": member, "on": on})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func absences(ctx context.Context, tx *tenant.Tx, which string, args pgx.NamedArgs) ([]Absence, error) {
	args["tenant"], args["today"] = tx.Actor.TenantID, tx.Today()
	rows, _ := tx.Query(ctx, absencesSQL+which, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Absence])
	if err != nil {
		return nil, fmt.Errorf("list absences: %w", err)
	}
	return list, nil
}

// Leave is an absence that is to be.
type Leave struct {
	CoverID         int64
	FromOn, UntilOn day.Day
	Note            string
}

// PlanAbsence says that a member is away and who covers: somebody who works here and
// is there on all of those days. The member is nobody's cover on any of them, so that
// no work is passed on twice, or round in a circle.
func PlanAbsence(ctx context.Context, tx *tenant.Tx, member int64, l Leave) (id int64, err error) {
	if !CanPlanAbsence(tx.Actor, member) {
		return 0, notYourAbsence
	}
	if err := holdAbsences(ctx, tx); err != nil {
		return 0, err
	}
	who, err := here(ctx, tx, member)
	if err != nil {
		return 0, err
	}
	if who == "" {
		return 0, errs.NotFound
	}
	if err := l.check(ctx, tx, member, who); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO absences (member_id, cover_id, from_on, until_on, note, author_id, created_at)
		VALUES (@member, @cover, @from, @until, @note, nullif(@author::bigint, 0), @now)
		RETURNING id`,
		pgx.NamedArgs{"member": member, "cover": l.CoverID, "from": l.FromOn, "until": l.UntilOn, "note": l.Note, "author": tx.Actor.MemberID, "now": tx.Now}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("plan an absence: %w", err)
	}
	a, err := absence(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	return id, a.audit(ctx, tx, "absence.planned", nil, a.facts())
}

// holdAbsences lets those who plan absences take turns: two who plan at once must not
// cover each other.
func holdAbsences(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('dunwell.absences'), $1::bigint::int)`, tx.Actor.TenantID%(1<<31))
	if err != nil {
		return fmt.Errorf("hold the absences: %w", err)
	}
	return nil
}

// here is the name of an active member, empty where there is none.
func here(ctx context.Context, tx *tenant.Tx, member int64) (name string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = $1 AND m.id = $2 AND m.active`, tx.Actor.TenantID, member).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find the member: %w", err)
	}
	return name, nil
}

// check looks at what was typed, and at the other absences of those days.
func (l *Leave) check(ctx context.Context, tx *tenant.Tx, member int64, name string) error {
	l.Note = strings.TrimSpace(l.Note)
	today := tx.Today()
	var inv errs.Invalid
	inv.Check(!l.FromOn.IsZero(), "from_on", "Give the first day away.")
	inv.Check(!l.FromOn.Before(today.AddMonths(-12)), "from_on", "This is more than a year ago. Look at the year again.")
	inv.Check(!l.UntilOn.IsZero(), "until_on", "Give the last day away.")
	inv.Check(l.UntilOn.IsZero() || !l.UntilOn.Before(l.FromOn), "until_on", "The last day is before the first one.")
	inv.Check(l.UntilOn.IsZero() || !l.UntilOn.Before(today), "until_on", "This is over already. Choose today or a day to come.")
	inv.Check(l.UntilOn.Before(today.Add(731)), "until_on", "This is more than two years ahead. Look at the year again.")
	inv.Check(utf8.RuneCountInString(l.Note) <= 500, "note", "This holds 500 characters at most. Shorten it.")
	inv.Check(!note.HasCard(l.Note), "note", note.NoCard)
	inv.Check(l.CoverID != member, "cover", "Nobody covers for themselves. Choose somebody else.")
	cover, err := here(ctx, tx, l.CoverID)
	if err != nil {
		return err
	}
	inv.Check(cover != "", "cover", "Choose who does the work meanwhile: somebody of the list.")
	if err := inv.Err(); err != nil {
		return err
	}
	if err := l.sees(ctx, tx, member, name, cover); err != nil {
		return err
	}
	same, err := absences(ctx, tx, ` AND m.active AND (a.member_id IN (@member, @cover) OR a.cover_id = @member) AND a.from_on <= @until AND a.until_on >= @from
		ORDER BY a.from_on, a.id`, pgx.NamedArgs{"member": member, "cover": l.CoverID, "from": l.FromOn, "until": l.UntilOn})
	if err != nil {
		return err
	}
	for _, a := range same {
		switch {
		case a.MemberID == member:
			inv.Check(false, "from_on", fmt.Sprintf("%s is away from %s already. Choose other days, or end that first.", name, a.days()))
		case a.CoverID == member:
			inv.Check(false, "from_on", fmt.Sprintf("%s covers for %s from %s. Somebody else has to do that first.", name, a.Member, a.days()))
		default:
			inv.Check(false, "cover", fmt.Sprintf("%s is away from %s too. Choose somebody who is there.", cover, a.days()))
		}
	}
	return inv.Err()
}

// EndAbsence ends an absence before its last day: the member is back today, or does
// not go. The version is the one that was shown.
func EndAbsence(ctx context.Context, tx *tenant.Tx, id int64, version int) (Absence, error) {
	a, err := absence(ctx, tx, id)
	if err != nil {
		return a, err
	}
	switch {
	case !CanPlanAbsence(tx.Actor, a.MemberID):
		return a, notYourAbsence
	case a.Version != version || a.UntilOn.Before(tx.Today()):
		return a, errs.Conflict("This absence was ended already or is over. This is the list as it is now.")
	}
	return a, a.end(ctx, tx)
}

// endAbsences ends all of a member that are not over, where the membership ends: who
// covers would be held by the absence of somebody who does not come back.
func endAbsences(ctx context.Context, tx *tenant.Tx, member int64) error {
	if err := holdAbsences(ctx, tx); err != nil {
		return err
	}
	list, err := absences(ctx, tx, ` AND a.member_id = @member AND a.until_on >= @today ORDER BY a.id FOR UPDATE OF a`, pgx.NamedArgs{"member": member})
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := a.end(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// end ends the absence yesterday; one that had not begun is gone.
func (a Absence) end(ctx context.Context, tx *tenant.Tx) error {
	today := tx.Today()
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": a.ID, "yesterday": today.Add(-1)}
	sql := `DELETE FROM absences WHERE tenant_id = @tenant AND id = @id`
	if a.FromOn.Before(today) {
		sql = `UPDATE absences SET until_on = @yesterday, version = version + 1 WHERE tenant_id = @tenant AND id = @id`
	}
	if _, err := tx.Exec(ctx, sql, args); err != nil {
		return fmt.Errorf("end an absence: %w", err)
	}
	return a.audit(ctx, tx, "absence.ended", a.facts(), nil)
}

// absence reads one and holds it until the transaction ends.
func absence(ctx context.Context, tx *tenant.Tx, id int64) (Absence, error) {
	list, err := absences(ctx, tx, ` AND a.id = @id FOR UPDATE OF a`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Absence{}, err
	}
	if len(list) == 0 {
		return Absence{}, errs.NotFound
	}
	return list[0], nil
}

func (a Absence) facts() map[string]string {
	return map[string]string{"away": a.Member, "cover": a.Cover, "from": a.FromOn.String(), "until": a.UntilOn.String(), "note": a.Note}
}

func (a Absence) audit(ctx context.Context, tx *tenant.Tx, kind string, before, after map[string]string) error {
	return tx.Audit(ctx, tenant.Event{Kind: kind, Subject: "member", SubjectID: a.MemberID, Data: tenant.Change{Before: before, After: after}})
}
