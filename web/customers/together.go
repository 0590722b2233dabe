package customers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"dunwell/internal/customer"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// together reads the journal anew where others were merged into the customer: all of
// theirs as one, from the note on that the address names as older. For everybody else,
// and where the address asks for the customer's own by number, what was read stays.
func (p *profile) together(ctx context.Context, tx *tenant.Tx, q url.Values, f note.Filter, notes *[]note.Note) (err error) {
	if !p.joined(q) {
		return nil
	}
	if older := q.Get("older"); older != "" {
		if f.Before, err = strconv.ParseInt(older, 10, 64); err != nil {
			return errDamaged
		}
	}
	*notes, err = note.ListTogether(ctx, tx, f, p.Customer.Merged)
	return err
}

// joined tells that several journals are read as one.
func (p *profile) joined(q url.Values) bool { return len(p.Customer.Merged) > 0 && !q.Has("before") }

// setOlder has an address go on after the note: of several journals together by the
// note itself, else by its number.
func setOlder(q url.Values, n note.Note, joined bool) {
	if joined {
		q.Set("older", strconv.FormatInt(n.ID, 10))
	} else {
		q.Set("before", strconv.FormatInt(n.Seq, 10))
	}
}

// lead goes from a duplicate to the customer that it turned out to be.
func lead(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	return web.SeeOther(w, r, string(customerURL(*c.MergedInto, "")), web.WasMerged(c))
}
