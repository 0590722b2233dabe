package admin_test

import (
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

// A name that is typed in the set-up holds no sign that turns it round; the refusal stands
// at its field.
func TestNamesReadAsTheyStand(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.As(t, dbtest.Tenant(t, s.Database, "acme").Admin)
	for path, field := range map[string]string{
		"branches": "name", "departments": "name", "people": "name", "settings": "name", "holidays": "name", "statuses": "name", "resolvers": "settles",
		"contactrules": "source", "contacts/types": "action", "dunning/dispositions": "name", "dunning/policies": "name", "templates": "name", "standards": "name",
	} {
		t.Run(path, func(t *testing.T) {
			c.Post("/admin/"+path, form(field, "Ac\u202eme", "text", "Ask")).Has(t, 422, `-error"`, "This holds a sign that is not seen and may turn the text round (U+202E). Type it anew")
		})
	}
}
