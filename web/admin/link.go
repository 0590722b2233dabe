package admin

import (
	"net/http"

	"dunwell/internal/member"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web"
)

func makeLink(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	d, err := member.Find(r.Context(), tx, web.ID(r, "member"))
	if err != nil {
		return err
	}
	token, err := member.MakeLink(r.Context(), tx, d.ID)
	if err != nil {
		return err
	}
	return showLink(w, r, linkPage{Name: d.Name, MemberID: d.ID, First: !d.HasPassword}, token)
}

// sendLink sends it to the address that the person signs in with.
func sendLink(box *message.Outbox) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		d, err := member.Find(r.Context(), tx, web.ID(r, "member"))
		if err != nil {
			return err
		}
		return mailLink(w, r, tx, box, d.ID, d.Name)
	}
}

func mailLink(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, box *message.Outbox, id int64, name string) error {
	if err := box.SendLink(r.Context(), tx, id); err != nil {
		return err
	}
	return web.SeeOther(w, r, personPath(id), "An e-mail with a link to set the password is on its way to "+name+".")
}

// linkPage is what the page with a one-time link shows.
type linkPage struct {
	Name     string
	MemberID int64
	First    bool // to set the first password
	URL      string
}

func (p linkPage) lifetime() string {
	if p.First {
		return "for seven days"
	}
	return "for one hour"
}

// showLink answers with the page itself and not with a redirect: the link would
// have to be kept somewhere for the next request, and it is kept nowhere.
func showLink(w http.ResponseWriter, r *http.Request, p linkPage, token string) error {
	p.URL = origin(r) + member.LinkPath(token)
	return web.Render(w, r, http.StatusOK, linkScreen(p))
}

// origin is how the person reaches this site, as the browser says it.
func origin(r *http.Request) string {
	if o := r.Header.Get("Origin"); o != "" && o != "null" {
		return o // same origin: others do not get this far
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
