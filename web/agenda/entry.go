package agenda

import (
	"context"
	"net/http"

	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// entryPage is the statement that one works on.
type entryPage struct {
	work
	Lines   []dunning.Line
	Figures []ledger.Figure
	Notice  string // why something was not done
}

func (s screens) show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.entry(r.Context(), tx, web.ID(r, "agenda_entry"))
	if err != nil {
		return err
	}
	tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: p.CustomerID, Data: map[string]string{"tab": "agenda"}})
	return web.Render(w, r, http.StatusOK, entryScreen(p))
}

func (s screens) entry(ctx context.Context, tx *tenant.Tx, id int64) (p entryPage, err error) {
	if p.work, err = readWork(ctx, tx, id); err != nil {
		return p, err
	}
	p.Page, p.Back, p.Leave = true, entryPath(id), entryPath(id)
	if err := s.waysOut(ctx, tx, &p.work); err != nil {
		return p, err
	}
	if p.Lines, err = dunning.Lines(ctx, tx, p.CustomerID); err != nil {
		return p, err
	}
	figures, err := ledger.Figures(ctx, tx, []int64{p.CustomerID})
	p.Figures = figures[p.CustomerID]
	return p, err
}

// currencies are those of the lines, in the order of the figures.
func (p entryPage) currencies() (list []money.Currency) {
	seen := map[money.Currency]bool{}
	for _, l := range p.Lines {
		seen[l.Currency] = true
	}
	for _, f := range p.Figures {
		if seen[f.Currency] {
			list = append(list, f.Currency)
		}
	}
	return list
}

// in are the lines of a currency.
func (p entryPage) in(c money.Currency) (list []dunning.Line) {
	for _, l := range p.Lines {
		if l.Currency == c {
			list = append(list, l)
		}
	}
	return list
}

// figure is what is owed in the currency.
func (p entryPage) figure(c money.Currency) ledger.Figure {
	for _, f := range p.Figures {
		if f.Currency == c {
			return f
		}
	}
	return ledger.Figure{Currency: c}
}
