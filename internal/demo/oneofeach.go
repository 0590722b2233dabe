package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// The specials that something stands in the way of, by their places.
const (
	watched  = 0
	bestTime = 3
	paused   = 4
	stopped  = 9
	borrower = 10
)

// oneOfEach shows a watch flag, a best time, a paused item, a stop, and a loan
// with its vehicle, its parties and an opt-out, on the first customers.
func (l *loader) oneOfEach(ctx context.Context) error {
	steps := map[int]func(context.Context, int64, Customer) error{
		watched: l.watch, bestTime: l.best, paused: l.pause, stopped: l.stop, borrower: l.parties,
	}
	n := 0
	for c := range Generate(l.options) {
		if n > borrower {
			break
		}
		if step := steps[n]; step != nil {
			if err := step(ctx, l.idOf(c), c); err != nil {
				return fmt.Errorf("%s: %w", c.Name, err)
			}
		}
		n++
	}
	return l.holidays(ctx)
}

func (l *loader) watch(ctx context.Context, id int64, _ Customer) error {
	return customer.Watch(ctx, l.tx, id, "Changed hands twice this year: ask who signs before agreeing to anything.", l.tx.Today().AddMonths(2))
}

// best gives the customer a best time, and a conversation.
func (l *loader) best(ctx context.Context, id int64, _ Customer) error {
	err := customer.AddTime(ctx, l.tx, id, customer.ContactTime{Kind: customer.Best, Weekdays: customer.Workdays, From: "09:00", To: "11:00",
		Remark: "The office is empty in the afternoon."})
	if err != nil {
		return err
	}
	return l.contacts(ctx, id)
}

// pause pauses the item that is overdue longest.
func (l *loader) pause(ctx context.Context, id int64, _ Customer) error {
	p := ledger.Pause{Until: l.tx.Today().Add(16), Reason: "Copies of the delivery notes were asked for."}
	err := l.tx.QueryRow(ctx, `
		SELECT id, version
		FROM items
		WHERE tenant_id = $1 AND customer_id = $2 AND open_amount > 0
		ORDER BY due_on, id
		LIMIT 1`, l.tx.Actor.TenantID, id).Scan(&p.ItemID, &p.Version)
	if err != nil {
		return fmt.Errorf("find an item to pause: %w", err)
	}
	return ledger.PauseItem(ctx, l.tx, id, p)
}

func (l *loader) stop(ctx context.Context, id int64, _ Customer) error {
	today := l.tx.Today()
	_, err := customer.PlaceStop(ctx, l.tx, id, customer.Stop{Kind: "bankruptcy", Reason: "Insolvency proceedings were opened by the court in Bremen.",
		Since: today.Add(-20), ReviewOn: today.Add(10)})
	if err != nil {
		return err
	}
	return l.points(ctx, id, customer.Point{Kind: customer.Phone, Value: number("DE", 777), Person: "Dr. Henrike Vollmer", Title: "insolvency administrator",
		Role: customer.Representative})
}

// parties gives the loan its car, a second borrower and a guarantor; the
// borrower wants no text messages any more.
func (l *loader) parties(ctx context.Context, id int64, c Customer) error {
	loan := l.accounts[c.Accounts[0].Number].id
	year := 2021
	_, err := customer.AddVehicle(ctx, l.tx, id, customer.Vehicle{AccountID: &loan, Registration: "HH-VW 2107", Make: "Volkswagen", Model: "ID.4", Year: &year})
	if err != nil {
		return err
	}
	err = l.points(ctx, id,
		customer.Point{Kind: customer.Phone, Value: number("DE", 401), Person: "Maximilian von Hohenstein", Role: customer.CoBorrower, AccountID: loan},
		customer.Point{Kind: customer.Email, Value: "maximilian.vh@debtors.example", Person: "Maximilian von Hohenstein", Role: customer.CoBorrower, AccountID: loan},
		customer.Point{Kind: customer.Phone, Value: number("DE", 402), Person: "Ottilie Wittenberg", Role: customer.Guarantor, AccountID: loan})
	if err != nil {
		return err
	}
	var phone int64
	err = l.tx.QueryRow(ctx, `
		SELECT id
		FROM contact_points
		WHERE tenant_id = @tenant AND customer_id = @customer AND kind = 'phone' AND preferred`,
		pgx.NamedArgs{"tenant": l.tx.Actor.TenantID, "customer": id}).Scan(&phone)
	if err != nil {
		return fmt.Errorf("find the borrower's number: %w", err)
	}
	today := l.tx.Today()
	return customer.Permit(ctx, l.tx, id, phone, 0, customer.Permission{Channel: customer.SMS, State: customer.OptOut, GivenOn: today.Add(-45),
		Source: "Answered STOP to a text message of the earlier system", ReviewOn: today.AddMonths(6)})
}

// holidays are Norway's fixed ones of this year and the next.
func (l *loader) holidays(ctx context.Context) error {
	year, _, _ := l.tx.Today().Date()
	var list []tenant.Holiday
	for _, y := range []int{year, year + 1} {
		list = append(list,
			tenant.Holiday{Day: day.New(y, time.January, 1), Name: "New Year's Day"},
			tenant.Holiday{Day: day.New(y, time.May, 1), Name: "Labour Day"},
			tenant.Holiday{Day: day.New(y, time.May, 17), Name: "Constitution Day"},
			tenant.Holiday{Day: day.New(y, time.December, 25), Name: "Christmas Day"},
			tenant.Holiday{Day: day.New(y, time.December, 26), Name: "Second Day of Christmas"})
	}
	_, err := tenant.AddHolidays(ctx, l.tx, list)
	return err
}
