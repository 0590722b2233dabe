package promise

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// holdAccount makes those who promise something on an account and those who move
// its money take turns, and holds the customer, in that order. It refuses a customer
// who is archived.
func holdAccount(ctx context.Context, tx *tenant.Tx, customerID, account int64) error {
	var id int64
	err := tx.QueryRow(ctx, `
		SELECT a.id
		FROM accounts a
		WHERE a.tenant_id = @tenant AND a.customer_id = @customer AND a.id = @account
		FOR NO KEY UPDATE`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "account": account}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("account %d: %w", account, errs.NotFound)
	}
	if err != nil {
		return fmt.Errorf("hold the account: %w", err)
	}
	_, err = customer.Lock(ctx, tx, customerID)
	return err
}

// hold reads an open promise of the customer that is to be changed, once nobody else
// can change it. The version is the one that was shown.
func hold(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int) (Promise, error) {
	p, err := Find(ctx, tx, customerID, id)
	if err != nil {
		return p, err
	}
	if err := holdAccount(ctx, tx, customerID, p.AccountID); err != nil {
		return p, err
	}
	if p, err = Find(ctx, tx, customerID, id); err != nil {
		return p, err
	}
	switch {
	case p.State != Open:
		return p, p.Over(0)
	case p.FollowedBy != nil:
		return p, errs.Conflict("Another promise was made after this one already. Go on with that. Nothing of yours was saved.")
	case p.Version != version:
		return p, errs.Conflict("This promise was changed meanwhile. Nothing of yours was saved. Open it again and decide anew.")
	}
	return p, nil
}

// Over says that a promise, or an instalment of one that goes on, is not waited for any
// more.
func (p Promise) Over(instalment int64) error {
	what, state := "promise", p.State
	if i := slices.IndexFunc(p.Instalments, func(i Instalment) bool { return i.ID == instalment }); i >= 0 && state == Open {
		what, state = "instalment", p.Instalments[i].State
	}
	return errs.Conflict(fmt.Sprintf("This %s is not open any more: it is %s. Nothing of yours was saved.", what, state.words()))
}

func journal(ctx context.Context, tx *tenant.Tx, customerID, id int64, text string, data any) error {
	_, err := note.Add(ctx, tx, note.New{CustomerID: customerID, Kind: "promise", Text: text, Subject: "promise", SubjectID: id, Data: data})
	return err
}

// record keeps decisions with their inputs, in their order.
func record(ctx context.Context, tx *tenant.Tx, list []verdict) error {
	var customers, ids, received []int64
	var from, to, inputs []string
	for _, v := range list {
		in, err := json.Marshal(v.inputs)
		if err != nil {
			return fmt.Errorf("inputs of a decision: %w", err)
		}
		customers, ids, received = append(customers, v.CustomerID), append(ids, v.ID), append(received, v.Received)
		from, to, inputs = append(from, string(v.From)), append(to, string(v.State)), append(inputs, string(in))
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO promise_decisions (customer_id, instalment_id, from_state, state, received, inputs, member_id, on_day)
		SELECT d.customer, d.id, d.from_state, d.state, d.received, d.inputs::jsonb, nullif(@member::bigint, 0), @today
		FROM unnest(@customers::bigint[], @ids::bigint[], @from::text[], @to::text[], @received::bigint[], @inputs::text[])
			WITH ORDINALITY AS d (customer, id, from_state, state, received, inputs, place)
		ORDER BY d.place`,
		pgx.NamedArgs{"customers": customers, "ids": ids, "from": from, "to": to, "received": received, "inputs": inputs,
			"member": tx.Actor.MemberID, "today": tx.Today()})
	if err != nil {
		return fmt.Errorf("keep decisions: %w", err)
	}
	return nil
}
