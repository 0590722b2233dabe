package customers_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// A manager chooses a customer's dunning policy, everybody its tags; the list of
// customers goes by a tag.
func TestPolicyAndTags(t *testing.T) {
	t.Parallel()
	s, acme, c, m, at := two(t)
	if err := s.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error { return dunning.Seed(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	var policy int64
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT id FROM policies WHERE name = 'By hand'`).Scan(&policy); err != nil {
		t.Fatal(err)
	}
	page := c.Get(at + "/details")
	page.Has(t, 200, `name="tags"`)
	page.Lacks(t, `name="policy"`)
	form := formOf(t, page, at+"/details")
	c.Post(at+"/details", typed(form, "policy", fmt.Sprint(policy), "tags", "x")).Has(t, 403, "Only managers change")
	c.Post(at+"/details", typed(form, "tags", "Fleet, ke\u202ey")).Has(t, 422, `id="field-tags-error"`, "U+202E")
	c.Post(at+"/details", typed(form, "tags", "Fleet, <b>,fleet")).Leads(t, at)
	page = m.Get(at + "/details")
	page.Has(t, 200, `value="&lt;b&gt;, fleet"`, "What the rules say", "By hand")
	m.Post(at+"/details", typed(formOf(t, page, at+"/details"), "policy", "999999")).Has(t, 422, "There is no such policy.")
	m.Post(at+"/details", typed(formOf(t, page, at+"/details"), "policy", fmt.Sprint(policy))).Leads(t, at)
	m.Get(at+"/notes").Has(t, 200, "dunning policy from what the rules say to By hand", "tags from “” to “&lt;b&gt;, fleet”")
	if err := s.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error { return dunning.RetirePolicy(t.Context(), tx, policy) }); err != nil {
		t.Fatal(err)
	}
	m.Get(at+"/details").Has(t, 200, "By hand (retired)")
	c.Get("/customers?tag=FLEET").Has(t, 200, `href="`+at+`"`, `value="FLEET"`)
	c.Get("/customers?tag=other").Lacks(t, `href="`+at+`"`)
}
