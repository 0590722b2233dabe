package agenda

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// query is the agenda's address: its filter, and the place in the list.
type query struct {
	Filter dunning.Filter
	Values url.Values // the filter as it stands in the address, without the place
	After  string     // the key of the page, as it stands in the address
	From   int        // how many stand before the page
}

// filterNames are the parts of the address that say who is in the list, and how it
// is sorted.
var filterNames = []string{"whose", "show", "level", "why", "branch", "kind", "q", "sort"}

// errDamaged answers an address that no form or link of ours makes.
var errDamaged = errs.Invalid{"": "This address of the agenda is damaged. Start again from the agenda itself."}

// readQuery reads the address.
func readQuery(form url.Values) (q query, err error) {
	q.Values = url.Values{}
	for _, name := range filterNames {
		if v := form.Get(name); v != "" {
			q.Values.Set(name, v)
		}
	}
	q.After, q.From = form.Get("after"), int(min(web.Number(form.Get("from")), 1_000_000))
	f := &q.Filter
	*f = dunning.Filter{
		Whose: dunning.Whose(either(form.Get("whose"), string(dunning.Mine))), Later: form.Get("show") == "later", Why: dunning.Why(form.Get("why")),
		BranchID: web.Number(form.Get("branch")), Kind: customer.Kind(form.Get("kind")), Text: form.Get("q"),
		Sort: dunning.Sort(either(form.Get("sort"), string(dunning.ByRank))), After: dunning.ParseKey(q.After), Limit: pageSize,
	}
	if level := form.Get("level"); level != "" {
		n, err := strconv.Atoi(level)
		if err != nil || n < 0 || n > 1000 {
			return q, errDamaged
		}
		f.Level = &n
	}
	if f.Kind != "" && !slices.Contains(customer.Kinds, f.Kind) || len(f.Text) > customer.MaxQuery {
		return q, errDamaged
	}
	return q, nil
}

func either(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// address is that of the list's first page, with these names and values set; an
// empty value is left out.
func (q query) address(pairs ...string) string {
	values := url.Values{}
	for name := range q.Values {
		values.Set(name, q.Values.Get(name))
	}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			values.Del(pairs[i])
		}
	}
	if len(values) == 0 {
		values.Set("whose", string(dunning.Mine)) // the bare address is where one was last
	}
	return "/agenda?" + values.Encode()
}

// at is the address of the page, with an entry opened unless 0.
func (q query) at(open int64) string {
	pairs := []string{}
	if q.After != "" {
		pairs = append(pairs, "after", q.After, "from", strconv.Itoa(q.From))
	}
	if open != 0 {
		pairs = append(pairs, "open", strconv.FormatInt(open, 10))
	}
	return q.address(pairs...)
}

// filtered tells that the list leaves somebody out.
func (q query) filtered() bool {
	f := q.Filter
	return f.Level != nil || f.Why != "" || f.BranchID != 0 || f.Kind != "" || f.Text != ""
}

// memory is where a session keeps the agenda's filter, a company each.
func memory(tx *tenant.Tx) string { return fmt.Sprintf("agenda of %d", tx.Actor.TenantID) }

// remembered is the address with the filter that was left behind, where the plain
// one is asked for; else it is empty.
func (s screens) remembered(r *http.Request, tx *tenant.Tx) string {
	if r.URL.RawQuery != "" {
		return ""
	}
	if left := s.app.Sessions.GetString(r.Context(), memory(tx)); left != "" {
		return "/agenda?" + left
	}
	return query{}.address()
}

// remember keeps the filter for the next time, but for what was typed.
func (s screens) remember(r *http.Request, tx *tenant.Tx, p listPage) {
	if now := strings.TrimPrefix(p.address("q", ""), "/agenda?"); now != s.app.Sessions.GetString(r.Context(), memory(tx)) {
		s.app.Sessions.Put(r.Context(), memory(tx), now)
	}
}
