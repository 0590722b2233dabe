package customers

import (
	"errors"
	"net/http"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// wishForm is the debtor's wish to be contacted, as typed. Its moment is by the
// company's clock.
type wishForm struct {
	Channel, Day, Time, Source string
	Errors                     errs.Invalid
}

// newWish proposes as long as can be.
func newWish(tx *tenant.Tx, k customer.PointKind) wishForm {
	until := tx.Now.Add(contactrule.Longest).In(tx.Actor.Tenant.Zone)
	return wishForm{Channel: string(k.Channels()[0]), Day: until.Format(time.DateOnly), Time: until.Format("15:04")}
}

// requestContact records that the debtor asked to be contacted through the point.
func requestContact(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	f := &p.Wish
	*f = wishForm{Channel: r.PostFormValue("channel"), Day: r.PostFormValue("until_day"), Time: r.PostFormValue("until_time"), Source: r.PostFormValue("source")}
	until, err := f.until(tx.Actor.Tenant.Zone)
	if err == nil {
		err = contactrule.Request(r.Context(), tx, contactrule.Wish{CustomerID: p.Customer.ID, PointID: p.Point.ID,
			Channel: customer.Channel(f.Channel), Until: until, Source: f.Source})
	}
	if errors.As(err, &f.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, pointScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(pointURL(p.Customer.ID, p.Point.ID)), "It is on record that they asked. What counts now stands below.")
}

// until reads the moment; zero where neither day nor hour is given.
func (f wishForm) until(zone *time.Location) (time.Time, error) {
	if f.Day == "" && f.Time == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", f.Day+" "+f.Time, zone)
	if err != nil {
		return at, errs.Invalid{"until": "Give a day and an hour, or leave both empty for seven days."}
	}
	return at, nil
}

// field is a control of the wish; the page has several forms.
func (f wishForm) field(label, name, value, hint string) ui.Field {
	return ui.Field{Label: label, Name: name, ID: "wish-" + name, Value: value, Error: f.Errors[name], Hint: hint}
}

// whole is the message that stands beside no field.
func (f wishForm) whole() errs.Invalid {
	if m := f.Errors[""]; m != "" {
		return errs.Invalid{"": m}
	}
	return nil
}

func channelOptions(k customer.PointKind) (options []ui.Option) {
	for _, ch := range k.Channels() {
		options = append(options, ui.Option{Value: string(ch), Label: ch.Name()})
	}
	return options
}
