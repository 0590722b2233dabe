package dunning_test

import (
	"testing"

	"dunwell/internal/dunning"
)

// levelOne gives the first level these actions, the first one first, each with a
// template of its channel.
func (o *agency) levelOne(t testing.TB, kinds ...dunning.ActionKind) {
	t.Helper()
	o.exec(t, `DELETE FROM level_actions WHERE level_id = (SELECT id FROM levels WHERE after_days = 5)`)
	for i, k := range kinds {
		o.exec(t, `
			INSERT INTO level_actions (tenant_id, level_id, position, kind, template_id, text)
			SELECT l.tenant_id, l.id, $1, $2, (SELECT min(t.id) FROM templates t WHERE t.channel = $2 AND t.demands), CASE WHEN $2 = 'manual' THEN 'Ask the depot' ELSE '' END
			FROM levels l
			WHERE l.after_days = 5`, i, string(k))
	}
}

// A letter needs somebody's hands: a level that goes out by itself sends its e-mail or
// SMS, in whatever order they stand beside its letter, its call and what is done by
// hand, and prints nothing. After one click the letter comes first as ever.
func TestAutomaticLeavesTheLetter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kinds  []dunning.ActionKind
		mails  int
		sms    int
		states string
	}{
		"letter, call, e-mail":         {[]dunning.ActionKind{dunning.ByLetter, dunning.ByCall, dunning.ByEmail}, 1, 0, "done"},
		"manual action, letter, SMS":   {[]dunning.ActionKind{dunning.ByHand, dunning.ByLetter, dunning.BySMS}, 0, 1, "done"},
		"letter, SMS, e-mail":          {[]dunning.ActionKind{dunning.ByLetter, dunning.BySMS, dunning.ByEmail}, 0, 1, "done"},
		"e-mail, letter, SMS":          {[]dunning.ActionKind{dunning.ByEmail, dunning.ByLetter, dunning.BySMS}, 1, 0, "done"},
		"letter and call, set up once": {[]dunning.ActionKind{dunning.ByLetter, dunning.ByCall}, 0, 0, "open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			server := o.telephone(t)
			o.levelOne(t, c.kinds...)
			o.automatic(t)
			o.run(t)
			for range 3 {
				o.tick(t)
			}
			if n := len(o.sink.Taken()); n != c.mails {
				t.Errorf("%d e-mails, want %d", n, c.mails)
			}
			if n := len(server.Taken()); n != c.sms {
				t.Errorf("%d SMS, want %d", n, c.sms)
			}
			is(t, "letters", o.ask(t, `SELECT count(*) FROM messages WHERE channel = 'letter'`), "0")
			is(t, "entries", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), c.states)
			reached := "INV-1 -, INV-2 -"
			if c.states == "done" {
				reached = "INV-1 5, INV-2 5"
			}
			is(t, "reached", o.reached(t), reached)
		})
	}
}

// A batch of the program that was begun when it still printed letters is worked by
// what holds now; a person's click prints the letter that comes first.
func TestLetterOfABatch(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.levelOne(t, dunning.ByEmail, dunning.ByLetter)
	o.automatic(t)
	o.run(t)
	if err := o.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.levelOne(t, dunning.ByLetter)
	o.tick(t)
	is(t, "printed by itself", o.ask(t, `SELECT count(*) FROM messages`), "0")
	is(t, "why", o.ask(t, `SELECT string_agg(why, ' ') FROM batch_entries`), "Nothing of its level can be sent by itself. Work it by hand.")
	is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "open")
	ids, _ := o.all(t)
	p := o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkApprove)
	if p.Letters != 1 || p.Emails != 0 || len(p.LeftOut) != 0 {
		t.Errorf("a person's plan %+v", p)
	}
}
