package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/language"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Fields are what people keep of a customer by hand. The number is not among
// them: by it the books know the customer.
type Fields struct {
	Name, Street, PostalCode, City, Region, Country, Language, TimeZone string
	Kind                                                                Kind
	OwnerID, BranchID                                                   int64  // 0: none
	PolicyID                                                            int64  // of dunning; 0: the rules say which
	Tags                                                                string // with commas between
}

// Fields are the customer's own.
func (c Customer) Fields() Fields {
	f := Fields{Name: c.Name, Kind: c.Kind, Street: c.Street, PostalCode: c.PostalCode, City: c.City, Region: c.Region,
		Country: c.Country, Language: c.Language, TimeZone: c.TimeZone, Tags: strings.Join(c.Tags, ", ")}
	if c.OwnerID != nil {
		f.OwnerID = *c.OwnerID
	}
	if c.BranchID != nil {
		f.BranchID = *c.BranchID
	}
	if c.PolicyID != nil {
		f.PolicyID = *c.PolicyID
	}
	return f
}

// check brings the texts into form and refuses what does not fit.
func (f *Fields) check() error {
	var inv errs.Invalid
	explain(&inv, &f.Name, "name", 200, "Give the customer's name.")
	tidy(&inv, &f.Street, "street", 300)
	tidy(&inv, &f.PostalCode, "postal_code", 20)
	tidy(&inv, &f.City, "city", 120)
	tidy(&inv, &f.Region, "region", 60)
	tidy(&inv, &f.TimeZone, "time_zone", 60)
	tidyTags(&inv, &f.Tags)
	inv.Check(slices.Contains(Kinds, f.Kind), "kind", "Choose business or consumer.")
	checkCountry(&inv, &f.Country)
	f.Language = strings.ToLower(strings.TrimSpace(f.Language))
	if f.Language != "" {
		_, err := language.ParseBase(f.Language)
		inv.Check(err == nil && len(f.Language) == 2, "language", "Give the language's two letters, such as en.")
	}
	if f.TimeZone != "" {
		_, err := time.LoadLocation(f.TimeZone)
		inv.Check(err == nil && f.TimeZone != "Local", "time_zone", "Give a time zone such as Europe/Oslo, or leave it empty.")
	}
	return inv.Err()
}

// checkCountry leaves what is no country as it was typed.
func checkCountry(inv *errs.Invalid, country *string) {
	code, err := ReadCountry(*country)
	var wrong errs.Invalid
	if errors.As(err, &wrong) {
		inv.Check(false, "country", wrong["country"])
		return
	}
	*country = code
}

// CanAssign tells who says which member works a customer, its branch and its
// policy.
func CanAssign(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Moved refuses an edit of a customer that somebody else changed meanwhile.
const Moved = errs.Conflict("Somebody else changed this customer while you were writing. Open it again and look at what it says now.")

// Edit changes the fields of a customer that still has the version. It tells
// whether anything was different.
func Edit(ctx context.Context, tx *tenant.Tx, id int64, version int, f Fields) (bool, error) {
	c, err := Lock(ctx, tx, id)
	if err != nil {
		return false, err
	}
	if c.Version != version {
		return false, Moved
	}
	was := c.Fields()
	if !CanAssign(tx.Actor) && (f.OwnerID != was.OwnerID || f.BranchID != was.BranchID || f.PolicyID != was.PolicyID) {
		return false, errs.Forbidden("Only managers change who works a customer, its branch and its policy. Ask yours.")
	}
	if err := f.check(); err != nil {
		return false, err
	}
	if f == was {
		return false, nil
	}
	named, err := places(ctx, tx, was, f)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE customers
		SET name = @name, kind = @kind, street = @street, postal_code = @postal_code, city = @city, region = @region, country = @country,
			language = @language, time_zone = @time_zone, owner_id = nullif(@owner, 0), branch_id = nullif(@branch, 0),
			policy_id = nullif(@policy, 0), tags = @tags, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "name": f.Name, "kind": f.Kind, "street": f.Street, "postal_code": f.PostalCode,
			"city": f.City, "region": f.Region, "country": f.Country, "language": f.Language, "time_zone": f.TimeZone,
			"owner": f.OwnerID, "branch": f.BranchID, "policy": f.PolicyID, "tags": splitTags(f.Tags)})
	if err != nil {
		return false, fmt.Errorf("edit customer: %w", err)
	}
	if f.BranchID != was.BranchID {
		if err := follow(ctx, tx, id); err != nil {
			return false, err
		}
	}
	if f.PolicyID != was.PolicyID || f.Tags != was.Tags || f.Kind != was.Kind || f.BranchID != was.BranchID {
		tx.Touch(id) // by these it is reminded
	}
	return true, journal(ctx, tx, id, "changed", describeEdit(c, f, named), "", 0)
}

// follow gives those who were merged into the customer its branch, so that who sees
// the customer sees what was said to them.
func follow(ctx context.Context, tx *tenant.Tx, id int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE customers d
		SET branch_id = c.branch_id
		FROM customers c
		WHERE c.tenant_id = $1 AND c.id = $2 AND d.tenant_id = $1 AND d.merged_into = c.id`, tx.Actor.TenantID, id)
	if err != nil {
		return fmt.Errorf("give duplicates the branch: %w", err)
	}
	return nil
}

// placed are the names of what Fields name by an id.
type placed struct {
	Owner, Branch, Policy string
	OwnersBranch          string
	Seen                  bool // the owner, if one works here, sees the customer
}

// places names the owner, the branch and the policy of f. It refuses a member who
// left or what is retired, unless the customer had it before, and an owner who would
// not see the customer, unless neither of them was changed.
func places(ctx context.Context, tx *tenant.Tx, was, f Fields) (p placed, err error) {
	err = tx.QueryRow(ctx, `
		SELECT coalesce((
				SELECT u.name
				FROM members m
				JOIN users u ON u.id = m.user_id
				WHERE m.tenant_id = @tenant AND m.id = @owner AND (m.active OR m.id = @had_owner)), ''),
			coalesce((
				SELECT b.name
				FROM branches b
				WHERE b.tenant_id = @tenant AND b.id = @branch AND (b.retired_at IS NULL OR b.id = @had_branch)), ''),
			coalesce((
				SELECT p.name
				FROM policies p
				WHERE p.tenant_id = @tenant AND p.id = @policy AND (p.retired_at IS NULL OR p.id = @had_policy)), ''),
			coalesce((
				SELECT b.name
				FROM members m
				JOIN branches b ON b.tenant_id = @tenant AND b.id = m.branch_id
				WHERE m.tenant_id = @tenant AND m.id = @owner), ''),
			coalesce((
				SELECT `+member.Sees("t", "m", "@branch")+`
				FROM members m
				JOIN tenants t ON t.id = @tenant
				WHERE m.tenant_id = @tenant AND m.id = @owner AND m.active), true)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "owner": f.OwnerID, "had_owner": was.OwnerID,
			"branch": f.BranchID, "had_branch": was.BranchID, "policy": f.PolicyID, "had_policy": was.PolicyID}).Scan(
		&p.Owner, &p.Branch, &p.Policy, &p.OwnersBranch, &p.Seen)
	if err != nil {
		return p, fmt.Errorf("find owner, branch and policy: %w", err)
	}
	var inv errs.Invalid
	inv.Check(f.OwnerID == 0 || p.Owner != "", "owner", "There is no such member. Choose one of the list.")
	inv.Check(f.BranchID == 0 || p.Branch != "", "branch", "There is no such branch. Choose one of the list.")
	inv.Check(f.PolicyID == 0 || p.Policy != "", "policy", "There is no such policy. Choose one of the list.")
	if inv.Err() != nil || p.Seen {
		return p, inv.Err()
	}
	inv.Check(f.OwnerID == was.OwnerID, "owner", p.unseen())
	inv.Check(f.OwnerID != was.OwnerID || f.BranchID == was.BranchID, "branch", p.unseen())
	return p, inv.Err()
}

// unseen says why the owner cannot work the customer, and what to do.
func (p placed) unseen() string {
	if p.Branch == "" {
		return sight(p.Owner, p.OwnersBranch) + ", and this one would be of no branch. Choose its branch too, or as the owner a manager or an administrator."
	}
	return fmt.Sprintf("%s, and this one would be of %s. Choose as the owner somebody of %[2]s, a manager or an administrator.", sight(p.Owner, p.OwnersBranch), p.Branch)
}

// sight says what a collector sees who is held to a branch, "" for none.
func sight(name, branch string) string {
	if branch == "" {
		return name + " is of no branch and sees no customers"
	}
	return fmt.Sprintf("%s sees the customers of %s only", name, branch)
}

// describeEdit says each change with old and new.
func describeEdit(c Customer, f Fields, named placed) string {
	var changes []string
	for _, v := range []struct{ name, was, is string }{
		{"name", c.Name, f.Name}, {"kind", string(c.Kind), string(f.Kind)}, {"street", c.Street, f.Street},
		{"postal code", c.PostalCode, f.PostalCode}, {"city", c.City, f.City}, {"region", c.Region, f.Region},
		{"country", c.Country, f.Country}, {"language", c.Language, f.Language}, {"time zone", c.TimeZone, f.TimeZone},
		{"tags", strings.Join(c.Tags, ", "), f.Tags},
	} {
		if v.was != v.is {
			changes = append(changes, fmt.Sprintf("%s from “%s” to “%s”", v.name, v.was, v.is))
		}
	}
	was := c.Fields()
	if was.OwnerID != f.OwnerID {
		changes = append(changes, fmt.Sprintf("owner from %s to %s", orNone(c.Owner, "nobody"), orNone(named.Owner, "nobody")))
	}
	if was.BranchID != f.BranchID {
		changes = append(changes, fmt.Sprintf("branch from %s to %s", orNone(c.Branch, "none"), orNone(named.Branch, "none")))
	}
	if was.PolicyID != f.PolicyID {
		changes = append(changes, fmt.Sprintf("dunning policy from %s to %s", orNone(c.Policy, "what the rules say"), orNone(named.Policy, "what the rules say")))
	}
	return "Changed " + strings.Join(changes, "; ") + "."
}

func orNone(name, none string) string {
	if name == "" {
		return none
	}
	return name
}

// JournalHead is the number of the newest note, for EditsSince.
func JournalHead(ctx context.Context, tx *tenant.Tx, customer int64) (seq int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT seq
		FROM note_heads
		WHERE tenant_id = $1 AND customer_id = $2`, tx.Actor.TenantID, customer).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("read the journal's head: %w", err)
	}
	return seq, nil
}

// EditsSince reads who wrote notes of these kinds after the note seq, the newest
// first, and who archived the customer. With a subject that is not 0 only what is
// about it counts.
func EditsSince(ctx context.Context, tx *tenant.Tx, customer, seq, subject int64, kinds ...string) ([]note.Note, error) {
	rows, _ := tx.Query(ctx, `
		SELECT n.seq, n.at, n.author_id, n.author, n.kind, n.text
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.seq > @seq
			AND (n.kind = ANY(@kinds) AND (@subject::bigint = 0 OR n.subject_id = @subject) OR n.kind = 'archive')
		ORDER BY n.seq DESC
		LIMIT 10`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "seq": seq, "subject": subject, "kinds": kinds})
	notes, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[note.Note])
	if err != nil {
		return nil, fmt.Errorf("read edits: %w", err)
	}
	return notes, nil
}
