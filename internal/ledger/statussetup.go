package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Families lists the families of statuses in the order in which people read them.
var Families = []string{Ongoing, Promised, Disputed, DisputeResolved, Litigation}

// FamilyName is a family as people read it: "dispute resolved".
func FamilyName(family string) string { return strings.ReplaceAll(family, "_", " ") }

// Colours lists those that a status may have. Red is not among them: it is for what
// is overdue or went wrong.
var Colours = []string{"grey", "blue", "teal", "green", "yellow", "orange", "purple"}

// The rules of a status about cases.
const (
	CaseNone    = "none"
	CaseSuggest = "suggest" // it is preselected where the status is chosen
	CaseCreate  = "create"  // it is made without asking
)

// CaseRules lists them.
var CaseRules = []string{CaseNone, CaseSuggest, CaseCreate}

// StatusSetup is a status with all that an administrator says of it. What it proposes
// for a case is carried out where items get it, and not here.
type StatusSetup struct {
	ID             int64
	Name           string
	Family         string
	Colour         string
	Position       int
	DelayDays      int      // days of work until somebody looks again
	Reasons        []string // to choose from when it is set
	CaseRule       string
	CaseTitle      string // empty: the status's name
	CaseOwnerID    int64  // 0: whoever changes the status
	CaseResolverID int64  // 0: nobody
	Retired        bool   // given to no item any more; those that have it keep it
	Version        int
}

// holds tells that items of the family are not chased.
func (s StatusSetup) holds() bool { return s.Family == Disputed || s.Family == Litigation }

const setupSQL = `
		SELECT s.id, s.name, s.family, s.colour, s.position, s.delay_days, s.reasons, s.case_rule, s.case_title,
			coalesce(s.case_owner_id, 0) AS case_owner_id, coalesce(s.case_resolver_id, 0) AS case_resolver_id, s.retired_at IS NOT NULL AS retired, s.version
		FROM item_statuses s
		WHERE s.tenant_id = @tenant`

// StatusSetups lists the statuses in their order; the retired ones too where all is
// set.
func StatusSetups(ctx context.Context, tx *tenant.Tx, all bool) ([]StatusSetup, error) {
	rows, _ := tx.Query(ctx, setupSQL+` AND (@all OR s.retired_at IS NULL)
		ORDER BY s.retired_at IS NOT NULL, s.position, s.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "all": all})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[StatusSetup])
	if err != nil {
		return nil, fmt.Errorf("list item statuses: %w", err)
	}
	return list, nil
}

// FindStatus reads a status, in use or retired.
func FindStatus(ctx context.Context, tx *tenant.Tx, id int64) (StatusSetup, error) {
	rows, _ := tx.Query(ctx, setupSQL+` AND s.id = @id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[StatusSetup])
	if errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("item status %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return s, fmt.Errorf("find item status: %w", err)
	}
	return s, nil
}

// CanSetStatuses tells who sets statuses up.
func CanSetStatuses(a tenant.Actor) bool { return a.Is(tenant.Admin) }

func (s *StatusSetup) check() error {
	var inv errs.Invalid
	tenant.OneLine(&inv, &s.Name, "name")
	tenant.OneLine(&inv, &s.CaseTitle, "case_title")
	for n := range s.Reasons {
		tenant.OneLine(&inv, &s.Reasons[n], "reasons")
	}
	s.Reasons = slices.DeleteFunc(s.Reasons, func(r string) bool { return r == "" })
	inv.Check(s.Name != "" && utf8.RuneCountInString(s.Name) <= 60, "name", "Give a name of at most 60 characters.")
	inv.Check(slices.Contains(Families, s.Family), "family", "Choose the family: it says whether such items are chased.")
	inv.Check(slices.Contains(Colours, s.Colour), "colour", "Choose a colour of the list.")
	inv.Check(s.Position >= -9999 && s.Position <= 9999, "position", "Give a place of four digits at most.")
	inv.Check(s.DelayDays >= 0 && s.DelayDays <= 365, "delay_days", "Give a number of days from 0 to 365.")
	inv.Check(len(s.Reasons) <= 50, "reasons", "These are more than 50 reasons. Nobody reads so many: join some.")
	for _, r := range s.Reasons {
		inv.Check(utf8.RuneCountInString(r) <= 120, "reasons", "A reason has 120 characters at most. Shorten the longest.")
	}
	inv.Check(slices.Contains(CaseRules, s.CaseRule), "case_rule", "Choose what happens with a case.")
	inv.Check(s.CaseRule == CaseNone || s.Family != DisputeResolved && s.Family != Promised, "case_rule",
		"Items of this family go on in dunning by themselves, and into no case. Choose none.")
	inv.Check(utf8.RuneCountInString(s.CaseTitle) <= 120, "case_title", "A title holds 120 characters. Shorten it.")
	return inv.Err()
}

// SaveStatus makes a status, or changes one that still has the version that was
// shown. A change of family changes at once what of its items may be chased.
func SaveStatus(ctx context.Context, tx *tenant.Tx, s StatusSetup) (id int64, err error) {
	if !CanSetStatuses(tx.Actor) {
		return 0, errs.Forbidden("Only administrators set item statuses up. Ask one of yours.")
	}
	if err := s.check(); err != nil {
		return 0, err
	}
	var was *StatusSetup
	if s.ID != 0 {
		before, err := FindStatus(ctx, tx, s.ID)
		if err != nil {
			return 0, err
		}
		was = &before
		if err := keepFamily(ctx, tx, before, s); err != nil {
			return 0, err
		}
	}
	if id, err = s.write(ctx, tx); err != nil {
		return 0, err
	}
	if was != nil && was.holds() != s.holds() {
		if err := touchAll(ctx, tx, id); err != nil {
			return 0, err
		}
	}
	s.ID = id
	return id, tx.Audit(ctx, tenant.Event{Kind: "item_status.saved", Subject: "item_status", SubjectID: id, Data: tenant.Change{Before: was, After: s}})
}

// keepFamily refuses that all of a family is taken away which the program needs: new
// items are ongoing, and a resolved dispute has somewhere to go.
func keepFamily(ctx context.Context, tx *tenant.Tx, was, is StatusSetup) error {
	if was.Retired || !is.Retired && was.Family == is.Family {
		return nil
	}
	var others int
	err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM item_statuses s
		WHERE s.tenant_id = $1 AND s.family = $2 AND s.id <> $3 AND s.retired_at IS NULL`, tx.Actor.TenantID, was.Family, was.ID).Scan(&others)
	if err != nil {
		return fmt.Errorf("count the statuses of a family: %w", err)
	}
	if others == 0 {
		field := "family"
		if is.Retired {
			field = "retired"
		}
		return errs.Invalid{field: fmt.Sprintf("This is the only status of the family %s, and each family needs one. Make another one first.", FamilyName(was.Family))}
	}
	return nil
}

func (s StatusSetup) write(ctx context.Context, tx *tenant.Tx) (id int64, err error) {
	if s.Reasons == nil {
		s.Reasons = []string{}
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": s.ID, "name": s.Name, "family": s.Family, "colour": s.Colour, "position": s.Position,
		"delay": s.DelayDays, "reasons": s.Reasons, "rule": s.CaseRule, "title": s.CaseTitle, "owner": s.CaseOwnerID, "resolver": s.CaseResolverID,
		"retired": s.Retired, "version": s.Version, "now": tx.Now}
	if s.ID == 0 {
		err = tx.QueryRow(ctx, `
			INSERT INTO item_statuses (name, family, colour, position, delay_days, reasons, case_rule, case_title, case_owner_id, case_resolver_id)
			VALUES (@name, @family, @colour, @position, @delay, @reasons, @rule, @title, nullif(@owner::bigint, 0), nullif(@resolver::bigint, 0))
			RETURNING id`, args).Scan(&id)
	} else {
		err = tx.QueryRow(ctx, `
			UPDATE item_statuses
			SET name = @name, family = @family, colour = @colour, position = @position, delay_days = @delay, reasons = @reasons,
				case_rule = @rule, case_title = @title, case_owner_id = nullif(@owner::bigint, 0), case_resolver_id = nullif(@resolver::bigint, 0),
				retired_at = CASE WHEN @retired THEN coalesce(retired_at, @now) END, version = version + 1
			WHERE tenant_id = @tenant AND id = @id AND version = @version
			RETURNING id`, args).Scan(&id)
	}
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, errs.Conflict("Somebody else changed this status meanwhile. Look at what it says now.")
	case !errors.As(err, &pg):
	case pg.ConstraintName == "item_statuses_tenant_id_name_key":
		return 0, errs.Invalid{"name": "Another status has this name, perhaps a retired one. Choose another name."}
	case pg.ConstraintName == "item_statuses_tenant_id_case_owner_id_fkey":
		return 0, errs.Invalid{"case_owner": "There is no such member. Choose one of the list."}
	case pg.ConstraintName == "item_statuses_tenant_id_case_resolver_id_fkey":
		return 0, errs.Invalid{"case_resolver": "There is no such colleague. Choose one of the list."}
	}
	if err != nil {
		return 0, fmt.Errorf("save item status: %w", err)
	}
	return id, nil
}

// touchAll brings everybody up to date who has an item of the status.
func touchAll(ctx context.Context, tx *tenant.Tx, status int64) error {
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT i.customer_id
		FROM items i
		WHERE i.tenant_id = $1 AND i.status_id = $2 AND i.open_amount <> 0`, tx.Actor.TenantID, status)
	customers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("find the customers of a status: %w", err)
	}
	tx.Touch(customers...)
	return nil
}

// StatusEffect is what a status concerns now in one currency, in minor units.
type StatusEffect struct {
	Currency  money.Currency
	Customers int
	Items     int
	Open      int64
	InCases   int64 // of it, what open cases hold back whatever the status says
}

// EffectOf counts the open items that have the status now: what a change of its
// family would take out of dunning, or bring back.
func EffectOf(ctx context.Context, tx *tenant.Tx, id int64) ([]StatusEffect, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.currency, count(DISTINCT i.customer_id) AS customers, count(*) AS items, sum(i.open_amount)::bigint AS open,
			coalesce(sum(least(coalesce(q.amount, i.open_amount), i.open_amount)) FILTER (WHERE q.item_id IS NOT NULL), 0)::bigint AS in_cases
		FROM items i
		LEFT JOIN case_items q ON q.tenant_id = @tenant AND q.item_id = i.id AND q.open
		WHERE i.tenant_id = @tenant AND i.status_id = @id AND i.open_amount > 0
		GROUP BY i.currency
		ORDER BY i.currency <> @own, i.currency`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "own": tx.Actor.Tenant.Currency})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[StatusEffect])
	if err != nil {
		return nil, fmt.Errorf("count what a status concerns: %w", err)
	}
	return list, nil
}

// Effect says in a sentence what becomes of the items that have the status when it is
// saved like this; empty: nothing.
func (s StatusSetup) Effect(was StatusSetup) string {
	switch {
	case was.ID == 0 || was.holds() == s.holds():
		return ""
	case s.holds():
		return "These items leave dunning as soon as this is saved."
	}
	return "These items are chased again as soon as this is saved, unless a case holds them."
}

// CaseEffect says in a sentence what becomes of the items that get the status from now
// on, when it is saved like this; empty: nothing else than before.
func (s StatusSetup) CaseEffect(was StatusSetup) string {
	if s.CaseRule == was.CaseRule && s.CaseTitle == was.CaseTitle && s.CaseOwnerID == was.CaseOwnerID && s.CaseResolverID == was.CaseResolverID {
		return ""
	}
	title := s.CaseTitle
	if title == "" {
		title = s.Name
	}
	what := "are put into no case by it"
	switch s.CaseRule {
	case CaseSuggest:
		what = "are suggested a case “" + title + "”, which whoever changes the status can refuse"
	case CaseCreate:
		what = "go into a case “" + title + "” at once, and out of dunning, without anybody being asked"
	}
	return "Items that get this status from now on " + what + ". Those that have it stay as they are."
}
