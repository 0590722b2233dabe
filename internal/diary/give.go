package diary

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/contact"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/member"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// CanGive tells who gives the tasks of one member to another.
func CanGive(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Share is which tasks of a diary change hands.
type Share struct {
	Of        int64    // whose diary it is; NoOwner: whatever is nobody’s
	All       bool     // everything that is open, whatever its day
	Today     bool     // else all for which Day lists customers
	Customers []int64  // or of that what is to be done with these
	On        day.Day  // else all of that day of the diary, or where it is zero
	Key       []string // these, by their Key
	// Shown are versions by Key, as who gives saw them; what is not there goes by what it
	// is now.
	Shown map[string]int
}

// Handed tells what became of a Share.
type Handed struct {
	To    string // who has them now
	Moved int
	Left  int // with customers whom that member does not see, or ended meanwhile
	// Stay are of kinds that go with the owner of the customer: entries of the agenda,
	// reviews, replies and calls.
	Stay int
	// Changed are left because they are not any more as they were shown.
	Changed []Changed
}

// Changed is a task with who changed it last, and how, in a sentence.
type Changed struct {
	Task
	Said string
}

// Give gives tasks to another member, each kind as the package does whose work it is,
// with the notes that belong to it. It is a fixed number of queries, however much
// there is.
func Give(ctx context.Context, tx *tenant.Tx, s Share, to int64) (h Handed, err error) {
	if !CanGive(tx.Actor) {
		return h, errs.Forbidden("Only managers and administrators give away what somebody has to do. Ask one of yours.")
	}
	if !s.All && !s.Today && s.On.IsZero() && len(s.Customers)+len(s.Key) == 0 {
		return h, errs.Invalid{"task": "Tick what is to go to somebody else."}
	}
	if to == s.Of && to != NoOwner {
		return h, errs.Invalid{"assignee": "This is that member’s diary already. Choose somebody else."}
	}
	if h.To, err = receiver(ctx, tx, to); err != nil {
		return h, err
	}
	r, err := s.refs(ctx, tx)
	if err != nil {
		return h, err
	}
	for kind, ids := range r {
		if !slices.Contains(kinds, kind) {
			h.Stay += len(ids)
			delete(r, kind)
		}
	}
	if err := hold(ctx, tx, r); err != nil {
		return h, err
	}
	if err := h.still(ctx, tx, s, r); err != nil {
		return h, err
	}
	h.Stay += len(r[Agenda])
	return h, h.give(ctx, tx, r, to)
}

func receiver(ctx context.Context, tx *tenant.Tx, id int64) (name string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = $1 AND m.id = $2 AND m.active`, tx.Actor.TenantID, id).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", errs.Invalid{"assignee": "Choose who is to do them: somebody of the list."}
	}
	if err != nil {
		return "", fmt.Errorf("find who gets the tasks: %w", err)
	}
	return name, nil
}

// give has each package move its own.
func (h *Handed) give(ctx context.Context, tx *tenant.Tx, r refs, to int64) error {
	if ids := r[FollowUp]; len(ids) > 0 {
		f, err := followup.Reassign(ctx, tx, ids, to)
		if err != nil {
			return err
		}
		h.add(f.Moved, len(ids)-f.Moved)
	}
	if ids := r[Contact]; len(ids) > 0 {
		c, err := contact.Reassign(ctx, tx, ids, to)
		if err != nil {
			return err
		}
		h.add(c.Moved, len(ids)-c.Moved)
	}
	for _, k := range []struct {
		kind Kind
		move func(context.Context, *tenant.Tx, []int64, int64) (moved, left int, err error)
	}{{Promise, promise.Reassign}, {Case, cases.Reassign}} {
		ids := r[k.kind]
		if len(ids) == 0 {
			continue
		}
		moved, _, err := k.move(ctx, tx, ids, to)
		if err != nil {
			return err
		}
		h.add(moved, len(ids)-moved)
	}
	return nil
}

// hold holds the customers of what is to be given, in the order of all who hold
// several: what the packages hold after that is held already.
func hold(ctx context.Context, tx *tenant.Tx, r refs) error {
	args := r.arguments(tx)
	_, err := tx.Exec(ctx, `
		SELECT FROM customers c
		WHERE c.tenant_id = @tenant AND c.id IN (
			SELECT f.customer_id FROM follow_ups f WHERE f.tenant_id = @tenant AND f.id = ANY(@follow_up)
			UNION ALL
			SELECT k.customer_id FROM contacts k WHERE k.tenant_id = @tenant AND k.id = ANY(@contact)
			UNION ALL
			SELECT i.customer_id FROM instalments i WHERE i.tenant_id = @tenant AND i.id = ANY(@promise)
			UNION ALL
			SELECT k.customer_id FROM cases k WHERE k.tenant_id = @tenant AND k.id = ANY(@case))
		ORDER BY c.id
		FOR NO KEY UPDATE`, args)
	if err != nil {
		return fmt.Errorf("hold the customers: %w", err)
	}
	return nil
}

func (h *Handed) add(moved, left int) { h.Moved, h.Left = h.Moved+moved, h.Left+left }

// ever is a day after all that anything is planned for.
var ever = day.New(9999, 12, 31)

// refs finds the tasks of a Share, the promises by their own ids.
func (s Share) refs(ctx context.Context, tx *tenant.Tx) (refs, error) {
	r := refs{}
	for _, key := range slices.Compact(slices.Sorted(slices.Values(s.Key))) { // one may be ticked at several places
		kind, id, ok := ParseKey(key)
		if !ok {
			return nil, errs.NotFound
		}
		r[kind] = append(r[kind], id)
	}
	if s.Today || len(s.Customers) > 0 {
		if err := s.today(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	if s.All || !s.On.IsZero() {
		if err := s.all(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// still keeps those that are the member's yet and as they were shown, now that nobody
// else can change them, and counts or names the others. It puts promises in place of
// their instalments.
func (h *Handed) still(ctx context.Context, tx *tenant.Tx, s Share, r refs) error {
	args := r.arguments(tx)
	args["ended"] = true
	list, err := tell(ctx, tx, args)
	if err != nil {
		return err
	}
	for kind, ids := range r {
		h.Left += len(ids)
		delete(r, kind)
	}
	theirs, err := s.theirs(ctx, tx, list)
	if err != nil {
		return err
	}
	var changed []Task
	for i, t := range list {
		version, shown := s.Shown[t.Key()]
		switch {
		case shown && (!theirs[i] || t.Version != version):
			changed = append(changed, t)
		case !theirs[i]:
			continue
		case t.Kind != Promise || !slices.Contains(r[t.Kind], t.ID): // whose instalments may be several
			r[t.Kind] = append(r[t.Kind], t.ID)
		}
		h.Left--
	}
	said, err := lastSaid(ctx, tx, changed)
	for i, words := range said {
		h.Changed = append(h.Changed, Changed{changed[i], words})
	}
	return err
}

// theirs tells of each task whether it has not ended and is the member's, or nobody's.
func (s Share) theirs(ctx context.Context, tx *tenant.Tx, list []Task) (yes []bool, err error) {
	yes = make([]bool, len(list))
	members, customers := make([]int64, len(list)), make([]int64, len(list))
	for i, t := range list {
		yes[i] = !t.Ended && (s.Of == NoOwner || t.MemberID == s.Of)
		members[i], customers[i] = t.MemberID, t.CustomerID
	}
	if s.Of != NoOwner {
		return yes, nil
	}
	rows, _ := tx.Query(ctx, `
		SELECT w.place - 1
		FROM unnest(@members::bigint[], @customers::bigint[]) WITH ORDINALITY w (member, customer, place)
		WHERE NOT (`+member.OfNobody("w.member", "w.customer")+`)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "members": members, "customers": customers})
	var i int
	if _, err = pgx.ForEachRow(rows, []any{&i}, func() error { yes[i] = false; return nil }); err != nil {
		return nil, fmt.Errorf("read what is nobody’s yet: %w", err)
	}
	return yes, nil
}

// todaySQL reads the reasons of a day, of promises their instalments.
const todaySQL = `
	SELECT DISTINCT r.kind, coalesce(i.id, r.id), r.customer_id
	FROM ({reasons}) r
	LEFT JOIN instalments i ON r.kind = 'promise' AND i.tenant_id = @tenant AND i.promise_id = r.id AND i.due_on = r.due_on AND i.state = 'open'
	WHERE @all OR r.customer_id = ANY(@customers::bigint[])`

// today adds what the member's day lists, of other kinds than a diary has too.
func (s Share) today(ctx context.Context, tx *tenant.Tx, r refs) error {
	args := arguments(tx, s.Of)
	args["all"], args["customers"] = s.Today, s.Customers
	rows, _ := tx.Query(ctx, queries(s.Of).today, args)
	var kind Kind
	var id, customer int64
	_, err := pgx.ForEachRow(rows, []any{&kind, &id, &customer}, func() error {
		r[kind] = append(r[kind], id)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what is to be given away today: %w", err)
	}
	return nil
}

// all adds all of the diary, or of its day.
func (s Share) all(ctx context.Context, tx *tenant.Tx, r refs) error {
	sql, from, until := sheetOfMember, tx.Today().Add(-3653), ever
	if s.Of == NoOwner {
		sql = sheetOfNobody
	}
	if !s.All {
		from, until = s.On, s.On
	}
	rows, _ := tx.Query(ctx, sql, sheetArguments(tx, s.Of, from, until))
	var k taskKey
	var packed []byte
	_, err := pgx.ForEachRow(rows, []any{&k.kind, &k.on, &k.at, &packed}, func() error {
		if s.All || k.on == s.On {
			for id := range slices.Chunk(packed, 8) {
				r[k.kind] = append(r[k.kind], int64(binary.BigEndian.Uint64(id)))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what is to be given away: %w", err)
	}
	return nil
}
