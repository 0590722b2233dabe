package dunning_test

import (
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// due is an item of C-1 in short.
type due struct {
	number, on string
	amount     int64
	currency   money.Currency
}

// TestCases are small stories: on each day either what the run says, a reminder
// (!), or something that happens (a statement).
func TestCases(t *testing.T) {
	t.Parallel()
	three := rules{levels: []int{8, 22, 44}}
	bill := []due{{"B-1", "2025-03-04", 24_117, "EUR"}}
	for name, c := range map[string]struct {
		rules rules
		items []due
		steps [][2]string
	}{
		"a day short of the first level": {three, bill, [][2]string{{"2025-03-11", "not C-1: The next level opens on Wed 12 Mar 2025."}}},
		"on the day of the first level":  {three, bill, [][2]string{{"2025-03-12", "C-1 at 1: B-1/1 241.17."}}},
		"a held item stays at its level": {three, bill, [][2]string{
			{"2025-03-12", "C-1 at 1: B-1/1 241.17."}, {"2025-03-12", "!"},
			{"2025-03-12", `UPDATE items SET paused_until = '2025-04-30', pause_reason = 'asked'`},
			{"2025-04-05", "not C-1: All that is overdue is paused."},
			{"2025-04-05", `UPDATE items SET paused_until = NULL, pause_reason = NULL`},
			{"2025-04-05", "C-1 at 2: B-1/2 241.17."}}},
		"three runs of one day climb nothing": {rules{levels: []int{12, 28, 37}}, bill, [][2]string{
			{"2025-04-15", "C-1 at 1: B-1/1 241.17."}, {"2025-04-15", "C-1 at 1: B-1/1 241.17."}, {"2025-04-15", "C-1 at 1: B-1/1 241.17."}}},
		"a dispute skips it, its end brings it back": {three, bill, [][2]string{
			{"2025-04-15", `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute')`},
			{"2025-04-15", "not C-1: All that is overdue is disputed or in litigation."},
			{"2025-04-16", `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'ongoing')`},
			{"2025-04-16", "C-1 at 1: B-1/1 241.17."}}},
		"one item over the days brings all that are overdue": {rules{levels: []int{13}},
			[]due{{"E-1", "2025-04-02", 8_103, "EUR"}, {"E-2", "2025-04-17", 4_507, "EUR"}, {"E-3", "2025-04-19", 6_011, "EUR"}, {"E-4", "2025-04-20", 9_902, "EUR"}},
			[][2]string{{"2025-04-19", "C-1 at 1: E-1/1 81.03 E-2/0 45.07."}}},
		"what is left of a part-paid one": {rules{levels: []int{13}}, []due{{"E-1", "2025-04-02", 8_103, "EUR"}}, [][2]string{
			{"2025-04-10", "pay 5519"}, {"2025-04-19", "C-1 at 1: E-1/1 25.84."}}},
		"each row has its own amount": {rules{levels: []int{4}}, []due{{"R-1", "2025-03-02", 10_010, "EUR"}, {"R-2", "2025-03-02", 30_030, "EUR"}},
			[][2]string{{"2025-03-07", "C-1 at 1: R-1/1 100.10 R-2/1 300.30."}}},
		"only the instalment that is past": {rules{levels: []int{1}}, []due{{"J-1", "2025-03-06", 5_001, "EUR"}, {"J-2", "2025-03-11", 5_002, "EUR"}}, [][2]string{
			{"2025-03-08", "C-1 at 1: J-1/1 50.01."}, {"2025-03-08", "pay 5001"}, {"2025-03-08", ""}}},
		"a section a currency, nothing added": {rules{levels: []int{4}}, []due{{"R-1", "2025-03-02", 10_010, "EUR"}, {"R-2", "2025-03-02", 20_020, "USD"}},
			[][2]string{{"2025-03-07", "C-1 at 1: R-1/1 100.10 R-2/1 200.20."}}},
		"the level follows the oldest": {rules{levels: []int{29, 41, 52}, climb: "highest"}, []due{{"S-1", "2025-05-31", 24_996, "EUR"}, {"S-2", "2025-06-30", 24_997, "EUR"}}, [][2]string{
			{"2025-06-28", "not C-1: The next level opens on Sun 29 Jun 2025."}, {"2025-06-29", "C-1 at 1: S-1/1 249.96."}, {"2025-07-10", "C-1 at 1: S-1/1 249.96 S-2/0 249.97."},
			{"2025-07-11", "C-1 at 2: S-1/2 249.96 S-2/0 249.97."}, {"2025-07-21", "C-1 at 2: S-1/2 249.96 S-2/0 249.97."}, {"2025-07-22", "C-1 at 3: S-1/3 249.96 S-2/0 249.97."},
			{"2025-07-22", "pay 24996"}, {"2025-07-22", "not C-1: The next level opens on Tue 29 Jul 2025."}, {"2025-07-22", "pay 24997"}, {"2025-07-22", ""}}},
		"twice before it is due, then after, then every twelve days": {rules{levels: []int{-8, -3, 2}, repeat: 12}, []due{{"V-1", "2025-03-20", 31_313, "EUR"}}, [][2]string{
			{"2025-03-11", ""}, {"2025-03-12", "!"}, {"2025-03-16", ""}, {"2025-03-17", "!"}, {"2025-03-21", "not C-1: The last reminder was 4 days ago: the next level opens on Sat 22 Mar 2025."},
			{"2025-03-22", "!"}, {"2025-04-02", "not C-1: The last reminder was 11 days ago: the next level opens on Thu 3 Apr 2025."}, {"2025-04-03", "!"}, {"2025-04-15", "C-1 at 3: V-1/3 313.13."}}},
		"a currency joins once it reaches its minimum": {rules{levels: []int{1}, gap: 3, repeat: 3}, []due{{"X-1", "2024-12-21", 14_817, "EUR"}, {"X-2", "2024-12-21", 12_021, "USD"}, {"X-3", "2025-01-06", 1_009, "EUR"}}, [][2]string{
			{"2025-01-04", `INSERT INTO policy_minimums (policy_id, currency, amount) SELECT id, 'EUR', 15000 FROM policies UNION ALL SELECT id, 'USD', 10000 FROM policies`},
			{"2025-01-04", "C-1 at 1: X-1/0 148.17 X-2/1 120.21."}, {"2025-01-06", "C-1 at 1: X-1/0 148.17 X-2/1 120.21."},
			{"2025-01-07", "C-1 at 1: X-1/1 148.17 X-2/1 120.21 X-3/1 10.09."}, {"2025-01-07", "!"}, {"2025-01-09", "not C-1: The last reminder was 2 days ago, and 3 days have to pass: it comes back on Fri 10 Jan 2025."},
			{"2025-01-10", "C-1 at 1: X-1/1 148.17 X-2/1 120.21 X-3/1 10.09."}}},
		"a level held back by the gap says so": {rules{levels: []int{5}, gap: 9}, []due{{"G-1", "2025-02-01", 1_201, "EUR"}, {"G-2", "2025-02-05", 2_302, "EUR"}}, [][2]string{
			{"2025-02-06", "!"}, {"2025-02-08", "not C-1: The last reminder was 2 days ago, and 9 days have to pass: it comes back on Sat 15 Feb 2025."},
			{"2025-02-15", "C-1 at 1: G-1/1 12.01 G-2/1 23.02."}}},
		"a hold on the customer ends at once": {rules{levels: []int{4}}, bill, [][2]string{
			{"2025-03-10", "C-1 at 1: B-1/1 241.17."}, {"2025-03-10", `UPDATE customers SET dunning_paused_until = '2025-05-01', dunning_pause_reason = 'asked'`},
			{"2025-03-10", "not C-1: All that is overdue is paused."}, {"2025-03-10", `UPDATE customers SET dunning_paused_until = NULL, dunning_pause_reason = NULL`},
			{"2025-03-10", "C-1 at 1: B-1/1 241.17."}}},
		"below the minimum of its currency": {rules{levels: []int{1}}, []due{{"X-1", "2025-01-03", 14_899, "EUR"}, {"X-2", "2025-01-03", 12_001, "USD"}, {"X-3", "2025-01-05", 1, "EUR"}}, [][2]string{
			{"2025-01-03", `INSERT INTO policy_minimums (policy_id, currency, amount) SELECT id, 'EUR', 14900 FROM policies UNION ALL SELECT id, 'USD', 12002 FROM policies`},
			{"2025-01-03", ""}, {"2025-01-05", "not C-1: What could be collected is below the minimum of the policy."},
			{"2025-01-05", `UPDATE policy_minimums SET amount = 12001 WHERE currency = 'USD'`}, {"2025-01-05", "C-1 at 1: X-1/0 148.99 X-2/1 120.01."},
			{"2025-01-06", "C-1 at 1: X-1/1 148.99 X-2/1 120.01 X-3/1 0.01."}}},
		"overdue from the day after": {rules{levels: []int{30}}, []due{{"X-1", "2025-01-03", 14_900, "EUR"}}, [][2]string{
			{"2025-01-03", ""}, {"2025-01-04", "not C-1: The next level opens on Sun 2 Feb 2025."}}},
		"fourteen days ahead": {rules{levels: []int{-14}}, []due{{"N-1", "2025-03-30", 7_070, "EUR"}}, [][2]string{
			{"2025-03-15", ""}, {"2025-03-16", "C-1 at 1: N-1/1 70.70."}, {"2025-03-30", ""}}},
		"every other week after the last": {rules{levels: []int{2}, repeat: 15}, bill, [][2]string{
			{"2025-03-06", "!"}, {"2025-03-20", "not C-1: The last reminder was 14 days ago: the next level opens on Fri 21 Mar 2025."}, {"2025-03-21", "!"},
			{"2025-04-05", "C-1 at 1: B-1/1 241.17."}}},
		"what was prepared and never sent counts for nothing": {rules{levels: []int{10, 20}}, bill, [][2]string{
			{"2025-03-14", "C-1 at 1: B-1/1 241.17."}, {"2025-03-30", "C-1 at 1: B-1/1 241.17."}}},
		"a wait of eleven days, inclusive": {rules{levels: []int{10, 20}, wait: 11}, bill, [][2]string{
			{"2025-03-30", "!"}, {"2025-04-09", "not C-1: The last reminder was 10 days ago: the next level opens on Thu 10 Apr 2025."}, {"2025-04-10", "C-1 at 2: B-1/2 241.17."}}},
		"a pause protects its last day": {rules{levels: []int{10}}, bill, [][2]string{
			{"2025-03-20", `UPDATE items SET paused_until = '2025-03-21', pause_reason = 'asked'`},
			{"2025-03-21", "not C-1: All that is overdue is paused."}, {"2025-03-22", "C-1 at 1: B-1/1 241.17."}}},
		"credit that covers it all is to be applied": {rules{levels: []int{4}}, bill, [][2]string{
			{"2025-03-10", `INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount) SELECT customer_id, id, 'FREE', '2025-03-10', 'EUR', 24116 FROM accounts`},
			{"2025-03-10", "C-1 at 1: B-1/1 241.17."},
			{"2025-03-10", `INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount) SELECT customer_id, id, 'CENT', '2025-03-10', 'EUR', 1 FROM accounts`},
			{"2025-03-10", "not C-1: Credit covers all that could be collected: apply it."}}},
		"days that nobody ran": {rules{levels: []int{8, 22}}, bill, [][2]string{
			{"2025-03-11", "not C-1: The next level opens on Wed 12 Mar 2025."}, {"2025-03-17", "C-1 at 1: B-1/1 241.17."}, {"2025-05-01", "C-1 at 1: B-1/1 241.17."}}},
		"the due date moves": {three, bill, [][2]string{
			{"2025-03-12", "C-1 at 1: B-1/1 241.17."}, {"2025-03-12", `UPDATE items SET due_on = '2025-03-05'`}, {"2025-03-12", "not C-1: The next level opens on Thu 13 Mar 2025."}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, c.rules)
			d.on(t, c.steps[0][0])
			d.do(t, d.System(), func(tx *tenant.Tx) error {
				for _, i := range c.items {
					dbtest.Item(t, tx, d.account, i.number, i.on, i.amount, i.currency)
				}
				return nil
			})
			for _, step := range c.steps {
				d.play(t, step[0], step[1])
			}
		})
	}
}

// play does one step of a story.
func (d *desk) play(t *testing.T, on, what string) {
	t.Helper()
	d.on(t, on)
	switch amount, pays := strings.CutPrefix(what, "pay "); {
	case what == "!":
		d.run(t, on)
		d.remind(t, on, d.customer)
	case pays:
		oldest := d.count(t, `SELECT id FROM items WHERE open_amount > 0 ORDER BY due_on, id LIMIT 1`)
		minor, err := money.Parse(amount, "JPY")
		if err != nil {
			t.Fatal(err)
		}
		d.pay(t, int64(oldest), minor.Minor, on)
	case strings.HasPrefix(what, "INSERT") || strings.HasPrefix(what, "UPDATE"):
		d.sql(t, what)
	default:
		d.expect(t, on, what)
	}
}
