package merge_test

import (
	"errors"
	"sync"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	try := func(who tenant.Who, p merge.Plan) error {
		if p.Reason == "" {
			p.Reason = "Seen"
		}
		return d.Write(t.Context(), who, func(tx *tenant.Tx) error { return merge.Merge(t.Context(), tx, p) })
	}
	both := merge.Plan{From: d.gone, Into: d.keep, FromVersion: 1, IntoVersion: 1}
	if err := try(d.acme.Collector, both); !errors.Is(err, merge.ErrMerging) {
		t.Errorf("a collector: %v", err)
	}
	for name, p := range map[string]merge.Plan{"from another company": {From: d.foreign, Into: d.keep, FromVersion: 1, IntoVersion: 1}, "into another company's": {From: d.gone, Into: d.foreign, FromVersion: 1, IntoVersion: 1}} {
		if err := try(d.acme.Manager, p); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := try(d.acme.Manager, merge.Plan{From: d.keep, Into: d.keep, FromVersion: 1, IntoVersion: 1}); !invalid(err, "with") {
		t.Errorf("into itself: %v", err)
	}
	if err := try(d.acme.Manager, merge.Plan{From: d.gone, Into: d.keep, FromVersion: 1, IntoVersion: 1, Reason: " "}); !invalid(err, "reason") {
		t.Errorf("no reason: %v", err)
	}
	var moved errs.Conflict
	if err := try(d.acme.Manager, merge.Plan{From: d.gone, Into: d.keep, FromVersion: 1, IntoVersion: 2}); !errors.As(err, &moved) {
		t.Errorf("an older version: %v", err)
	}
	for _, c := range []struct{ name, set, undo string }{
		{"kinds differ", `UPDATE customers SET kind = 'consumer' WHERE id = @gone`, `UPDATE customers SET kind = 'business' WHERE id = @gone`},
		{"archived", `UPDATE customers SET archived_at = now() WHERE id = @keep`, `UPDATE customers SET archived_at = NULL WHERE id = @keep`},
		{"Done is asked for", `UPDATE agenda_entries SET done_asked_at = now() WHERE customer_id = @gone`, `UPDATE agenda_entries SET done_asked_at = NULL WHERE customer_id = @gone`},
		{"a message is on its way", `INSERT INTO messages (tenant_id, customer_id, channel, state, address, language, body) VALUES (@tenant, @gone, 'email', 'queued', 'a@b.example', 'en', '')`, `DELETE FROM messages`},
		{"a call is not finished", `WITH made AS (INSERT INTO call_attempts (tenant_id, customer_id, direction, number) VALUES (@tenant, @gone, 'out', '+4722000001') RETURNING id)
			INSERT INTO open_calls (tenant_id, customer_id, call_attempt_id, member_id, at) SELECT @tenant, @gone, id, @member, now() FROM made`, `DELETE FROM open_calls`},
	} {
		d.sql(t, c.set)
		if err := try(d.acme.Manager, both); !invalid(err, "with") {
			t.Errorf("%s: %v", c.name, err)
		}
		d.sql(t, c.undo)
	}
	if err := try(d.acme.Manager, both); err != nil {
		t.Fatal(err)
	}
	if err := try(d.acme.Manager, merge.Plan{From: d.gone, Into: d.keep, FromVersion: 2, IntoVersion: 2}); !invalid(err, "with") {
		t.Errorf("twice: %v", err)
	}
}

// Who merges the same two at once, either way round, merges them once; a duplicate of
// a duplicate leads to the last.
func TestTwoAtOnceAndChains(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var wg sync.WaitGroup
	done := make(chan error, 4)
	for _, p := range []merge.Plan{{From: d.gone, Into: d.keep}, {From: d.gone, Into: d.keep}, {From: d.keep, Into: d.gone}, {From: d.keep, Into: d.gone}} {
		p.FromVersion, p.IntoVersion, p.Reason = 1, 1, "Seen"
		wg.Go(func() {
			done <- d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return merge.Merge(t.Context(), tx, p) })
		})
	}
	wg.Wait()
	close(done)
	n := 0
	for err := range done {
		if err == nil {
			n++
		} else if c := errs.Conflict(""); !errors.As(err, &c) {
			t.Error(err)
		}
	}
	d.is(t, "merged once", `SELECT count(*)::text FROM customers WHERE merged_into IS NOT NULL`, "1")
	if n != 1 {
		t.Errorf("%d of four were told that it is done", n)
	}
	if d.find(t, d.keep).MergedInto != nil {
		d.keep, d.gone = d.gone, d.keep
	}
	var last int64
	if err := d.owner.QueryRow(t.Context(), `INSERT INTO customers (tenant_id, number, name, kind) VALUES ($1, 'C-9', 'Last', 'business') RETURNING id`, d.acme.ID).Scan(&last); err != nil {
		t.Fatal(err)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return merge.Merge(t.Context(), tx, merge.Plan{From: d.keep, Into: last, FromVersion: d.find(t, d.keep).Version, IntoVersion: 1, Reason: "Too"})
	})
	if c := d.find(t, last); len(c.Merged) != 2 {
		t.Errorf("the last one has %v", c.Merged)
	}
}
