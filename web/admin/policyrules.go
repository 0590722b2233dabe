package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// policyRulesPage is the list of rules, with who got a policy how, and the tags.
type policyRulesPage struct {
	Rules     []dunning.Rule
	Placement dunning.Placement
	Default   string // the name of the default policy
	Tags      []dunning.Tag
	Edit      bool
}

// policyRulePage is one rule with its form, or the form of a new one.
type policyRulePage struct {
	Rule       dunning.Rule // the zero one is new
	Currencies []money.Currency
	ui.Draft
}

func policyRules(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) (err error) {
	ctx := r.Context()
	p := policyRulesPage{Edit: dunning.CanSet(tx.Actor)}
	if p.Rules, err = dunning.Rules(ctx, tx); err != nil {
		return err
	}
	if p.Placement, err = dunning.PlacementOf(ctx, tx); err != nil {
		return err
	}
	if p.Tags, err = dunning.Tags(ctx, tx); err != nil {
		return err
	}
	all, err := dunning.Policies(ctx, tx)
	for _, one := range all {
		if one.Default {
			p.Default = one.Name
		}
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, policyRulesScreen(p))
}

// showPolicyRule is the form; who may only read finds all of it in the list.
func showPolicyRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPolicyRule(r, tx)
	if err != nil {
		return err
	}
	if !dunning.CanSet(tx.Actor) {
		return errs.Forbidden("Only administrators change rules. What they say stands in their list.")
	}
	return web.Render(w, r, http.StatusOK, policyRuleScreen(p))
}

// loadPolicyRule reads the rule of the address and what one can choose from.
func loadPolicyRule(r *http.Request, tx *tenant.Tx) (p policyRulePage, err error) {
	ctx := r.Context()
	if chi.URLParam(r, "policy_rule") != "" {
		if p.Rule, err = dunning.FindRule(ctx, tx, web.ID(r, "policy_rule")); err != nil {
			return p, err
		}
	}
	policies, err := dunning.PolicyChoices(ctx, tx)
	if err != nil {
		return p, err
	}
	var branches []member.Unit
	b := tx.Batch()
	customer.QueueCurrencies(b, &p.Currencies)
	member.Branches.Queue(b, &branches)
	if err := b.Send(ctx); err != nil {
		return p, err
	}
	p.begin(policies, branches)
	return p, nil
}

func (p *policyRulePage) begin(policies []dunning.Named, branches []member.Unit) {
	rule := p.Rule
	currency, from := rule.From.Currency, ""
	if currency == "" {
		currency = p.Currencies[0]
	} else {
		from = rule.From.Plain()
	}
	if !slices.Contains(p.Currencies, currency) {
		p.Currencies = append(p.Currencies, currency)
	}
	p.Choices = map[string][]ui.Option{"kind": {{Label: "everybody"}, {Value: string(customer.Business), Label: "businesses"}, {Value: string(customer.Consumer), Label: "consumers"}},
		"branch": {{Value: "0", Label: "any branch"}}, "policy": {{Value: "0", Label: "choose…"}}}
	for _, c := range p.Currencies {
		p.Choices["currency"] = append(p.Choices["currency"], ui.Option{Value: string(c), Label: string(c)})
	}
	for _, one := range policies {
		p.Choices["policy"] = append(p.Choices["policy"], ui.Option{Value: strconv.FormatInt(one.ID, 10), Label: one.Name})
	}
	for _, b := range branches {
		if !b.Retired || b.ID == rule.BranchID {
			p.Choices["branch"] = append(p.Choices["branch"], ui.Option{Value: strconv.FormatInt(b.ID, 10), Label: b.Name})
		}
	}
	p.Open(rule.Version, 0, map[string]string{"policy": strconv.FormatInt(rule.PolicyID, 10), "kind": string(rule.Kind),
		"branch": strconv.FormatInt(rule.BranchID, 10), "tag": rule.Tag, "currency": string(currency), "open_from": from})
}

// typed is the rule as typed.
func (p policyRulePage) typed() (t dunning.RuleTerms, err error) {
	typed := p.Typed
	t = dunning.RuleTerms{PolicyID: id(typed["policy"]), Kind: customer.Kind(typed["kind"]), BranchID: id(typed["branch"]), Tag: typed["tag"]}
	if from := strings.TrimSpace(typed["open_from"]); from != "" {
		var inv errs.Invalid
		currency := money.Currency(typed["currency"])
		inv.Check(slices.Contains(p.Currencies, currency), "currency", "Choose a currency of the list.")
		t.From, err = money.ParseTyped(from, currency)
		inv.Check(err == nil, "open_from", fmt.Sprint(err))
		return t, inv.Err()
	}
	return t, nil
}

func (s setup) addPolicyRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.savePolicyRule(w, r, tx, "The rule is added after all others.", func(tx *tenant.Tx, _ policyRulePage, t dunning.RuleTerms) error {
		_, err := dunning.AddRule(r.Context(), tx, t)
		return err
	})
}

func (s setup) changePolicyRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.savePolicyRule(w, r, tx, "The rule is saved.", func(tx *tenant.Tx, p policyRulePage, t dunning.RuleTerms) error {
		return dunning.ChangeRule(r.Context(), tx, p.Rule.ID, p.Version, t)
	})
}

func (s setup) savePolicyRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, said string, save func(*tenant.Tx, policyRulePage, dunning.RuleTerms) error) error {
	p, err := loadPolicyRule(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	terms, wrong := p.typed()
	return s.settle(w, r, tx, &p.Draft, p.title(), func(tx *tenant.Tx) error {
		if wrong != nil {
			return wrong
		}
		return save(tx, p, terms)
	}, web.Saving{To: "/admin/dunning/rules", Flash: said, Screen: func() templ.Component { return policyRuleScreen(p) }, Again: func() (err error) {
		if p, err = loadPolicyRule(r, tx); err != nil {
			return err
		}
		rebase(r, &p.Draft)
		return nil
	}})
}

func (s setup) movePolicyRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	up := r.PostFormValue("direction") != "down"
	return s.settleRule(w, r, tx, "Move the rule", "The order is changed.", func(ctx context.Context, tx *tenant.Tx, id int64) error {
		return dunning.MoveRule(ctx, tx, id, up)
	})
}

func (s setup) removePolicyRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.settleRule(w, r, tx, "Remove the rule", "The rule is removed.", dunning.RemoveRule)
}

func (s setup) settleRule(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, title, said string, change func(context.Context, *tenant.Tx, int64) error) error {
	rule := web.ID(r, "policy_rule")
	return s.settleButton(w, r, tx, title, "/admin/dunning/rules", said, func(tx *tenant.Tx) error { return change(r.Context(), tx, rule) })
}

func (p policyRulePage) title() string {
	if p.Rule.ID == 0 {
		return "New rule"
	}
	return "Rule for " + p.Rule.String()
}

// url is where the form is sent.
func (p policyRulePage) url() string {
	if p.Rule.ID == 0 {
		return "/admin/dunning/rules"
	}
	return policyRuleURL(p.Rule.ID)
}

func policyRuleURL(id int64) string { return fmt.Sprintf("/admin/dunning/rules/%d", id) }
