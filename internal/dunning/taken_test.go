package dunning_test

import (
	"errors"
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Of two who start something with the same at once the second is told so, with the way
// to what the first started, and leaves nothing behind; so does the program.
func TestTwoStartAtOnce(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]dunning.BulkKind{"the same": dunning.BulkPrint, "something else": dunning.BulkMail, "the program": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.many(t, 2)
			o.automatic(t)
			o.run(t)
			ids, _ := o.all(t)
			var first int64
			answer := make(chan error, 1)
			o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
				if first, _, err = o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkPrint}); err != nil {
					return err
				}
				go func() {
					if second == "" {
						answer <- o.SendAutomatic(t.Context())
						return
					}
					answer <- o.Write(t.Context(), o.Admin, func(tx *tenant.Tx) error {
						_, lost, err := o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: second})
						if lost != 0 {
							t.Errorf("%d of a batch that is refused", lost)
						}
						return err
					})
				}()
				o.Wait(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
				return nil
			})
			err := <-answer
			is(t, "batches", o.ask(t, `SELECT count(*) FROM batches`), "1")
			if second == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			words := map[bool]string{false: "Somebody else has just started this with all of them.", true: "started something else with all of them."}[second != dunning.BulkPrint]
			refuses[errs.Conflict](t, err, words)
			var got *dunning.Taken
			if !errors.As(err, &got) || got.Batch != first || got.Other != (second != dunning.BulkPrint) {
				t.Errorf("got %+v, want batch %d", got, first)
			}
		})
	}
}
