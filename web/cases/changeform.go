package cases

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/cases"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/web"
)

// status is the one that is chosen; its zero: none.
func (p changePage) status() ledger.StatusSetup {
	for _, s := range p.Statuses {
		if s.ID == web.Number(p.Typed.Get("status")) {
			return s
		}
	}
	return ledger.StatusSetup{}
}

// resolver is who settles the case as it stands: who was chosen, else whom the status
// or the case that the items join names.
func (p changePage) resolver() int64 {
	if id := web.Number(p.value("resolver")); id != 0 {
		return id
	}
	for _, k := range p.Open {
		if p.value("action") == string(cases.AddTo) && k.ID == web.Number(p.Typed.Get("case")) {
			return k.ResolverID
		}
	}
	return 0
}

// resolverName is their name; empty: nobody's.
func (p changePage) resolverName() string {
	id := p.resolver()
	for _, o := range p.Resolvers {
		if id != 0 && o.Value == idValue(id) {
			name, _, _ := strings.Cut(o.Label, " (")
			return name
		}
	}
	return ""
}

func idValue(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// proposed are the fields that an empty value leaves to the proposal.
var proposed = []string{"on", "title", "owner", "action", "resolver", "subject", "letter_subject", "letter_body"}

// value is what was typed, or where nothing was what is proposed.
func (p changePage) value(name string) string {
	if p.Typed.Has(name) && (p.Typed.Get(name) != "" || !slices.Contains(proposed, name)) {
		return p.Typed.Get(name)
	}
	o := p.Proposal.Case
	switch name {
	case "action":
		return p.action()
	case "title":
		if o.Title == "" {
			return p.about()
		}
		return o.Title
	case "owner":
		return idValue(o.OwnerID)
	case "on":
		return o.NextOn.String()
	case "resolver":
		return idValue(o.ResolverID)
	case "subject":
		return p.about()
	case "letter_subject":
		return p.letter().Subject
	case "letter_body":
		return p.letter().Body
	}
	return ""
}

// action is what the status proposes. Whoever named somebody to settle it wants a case.
func (p changePage) action() string {
	switch {
	case p.Proposal.Action != cases.NoAction:
		return string(p.Proposal.Action)
	case web.Number(p.Typed.Get("resolver")) != 0:
		return string(cases.NewCase)
	}
	return "none"
}

func (p changePage) about() string {
	return "About " + listOf(p.ticked(), func(i cases.Owed) string { return i.Number })
}

// letter is what is proposed to the resolver.
func (p changePage) letter() cases.Letter {
	b := cases.Brief{Title: p.value("title"), Customer: p.Customer.Name, Resolver: p.resolverName(), Comment: p.Typed.Get("comment")}
	for _, i := range p.ticked() {
		var inv errs.Invalid
		asked := typedAmount(&inv, strings.TrimSpace(p.Typed.Get(askedField(i))), i.Currency, "")
		b.Items = append(b.Items, cases.Item{Number: i.Number, Currency: i.Currency, Open: i.Open, Asked: asked})
	}
	return b.Letter()
}

func listOf[T any](list []T, name func(T) string) string {
	var parts []string
	for _, one := range list[:min(len(list), 5)] {
		parts = append(parts, name(one))
	}
	return strings.Join(parts, ", ")
}

// isTicked tells that an item is chosen.
func (p changePage) isTicked(i cases.Owed) bool {
	return slices.Contains(p.Typed["item"], strconv.FormatInt(i.ID, 10))
}

func (p changePage) ticked() (list []cases.Owed) {
	for _, i := range p.Owed {
		if p.isTicked(i) {
			list = append(list, i)
		}
	}
	return list
}

// shownVersion is the version that the item was ticked with.
func (p changePage) shownVersion(i cases.Owed) int {
	if v := p.Typed.Get(fmt.Sprintf("version_%d", i.ID)); v != "" {
		return web.ParseVersion(v)
	}
	return i.Version
}

// hidden are the names and values of the other steps.
func (p changePage) hidden() (list [][2]string) {
	for n := 1; n < len(stepFields); n++ {
		for _, name := range stepFields[n] {
			if n != p.Step && p.Typed.Has(name) {
				list = append(list, [2]string{name, p.Typed.Get(name)})
			}
		}
	}
	if p.Step == 1 {
		return list
	}
	for _, i := range p.ticked() {
		asked := askedField(i)
		list = append(list, [2]string{"item", strconv.FormatInt(i.ID, 10)}, [2]string{asked, p.Typed.Get(asked)},
			[2]string{fmt.Sprintf("version_%d", i.ID), strconv.Itoa(p.shownVersion(i))})
	}
	return list
}

// plan makes the change of what was typed.
func (p changePage) plan(box *message.Outbox) (c cases.Change, err error) {
	var inv errs.Invalid
	c = cases.Change{CustomerID: p.Customer.ID, StatusID: web.Number(p.Typed.Get("status")), Reason: p.Typed.Get("reason"), Comment: p.Typed.Get("comment")}
	if action := p.value("action"); action != "none" {
		c.Action = cases.Action(action)
	}
	c.On = web.TypedDay(&inv, "on", p.Typed.Get("on"))
	c.ResolverID = web.Number(p.Typed.Get("resolver"))
	if c.Action == cases.NewCase {
		c.ResolverID = web.Number(p.value("resolver"))
		if c.On.IsZero() && inv["on"] == "" {
			c.On = p.Proposal.Case.NextOn
		}
	}
	c.CaseID = web.Number(p.Typed.Get("case"))
	c.Case = cases.Opening{Title: p.value("title"), OwnerID: web.Number(p.value("owner")), Complaint: p.Typed.Get("complaint") == "on"}
	if c.Action == cases.NewCase {
		c.Case.DeadlineOn = web.TypedDay(&inv, "deadline_on", p.Typed.Get("deadline_on"))
	}
	if typed := p.Typed.Get("level"); typed != "" {
		c.Restart = cases.Restart{Chosen: true, LevelID: level(typed)}
	}
	for _, i := range p.ticked() {
		name := askedField(i)
		c.Items = append(c.Items, cases.Ticked{ID: i.ID, Version: p.shownVersion(i), Asked: typedAmount(&inv, strings.TrimSpace(p.Typed.Get(name)), i.Currency, name)})
	}
	switch p.value("mail") {
	case toCustomer:
		c.Message = &cases.Message{Box: box, New: message.New{Channel: customer.Mail, PointID: web.Number(p.Typed.Get("point")), Subject: p.value("subject"),
			Body: p.Typed.Get("body"), TextID: web.Number(p.Typed.Get("text"))}}
	case toResolver:
		c.Letter = &cases.Letter{Box: box, Subject: p.value("letter_subject"), Body: p.value("letter_body")}
	}
	return c, inv.Err()
}

// named puts what is wrong with the letter beside its own fields.
func (p *changePage) named(c cases.Change) {
	if c.Letter == nil {
		return
	}
	for _, field := range []string{"subject", "body"} {
		if text := p.Errors[field]; text != "" {
			delete(p.Errors, field)
			p.Errors["letter_"+field] = text
		}
	}
}

// wrongStep is the first page with something wrong.
func (p changePage) wrongStep() int {
	first := len(stepFields)
	for field := range p.Errors {
		first = min(first, stepOf(field))
	}
	return first
}

// stepOf is the page that has the field: the first one has those of the items.
func stepOf(field string) int {
	return max(1, slices.IndexFunc(stepFields[:], func(fields []string) bool { return slices.Contains(fields, field) }))
}

// before leaves out what is wrong on the next page and those after it.
func before(next int, err error) error {
	var inv errs.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	maps.DeleteFunc(inv, func(field, _ string) bool { return stepOf(field) >= next })
	return inv.Err()
}

func owedText(i cases.Owed) string { return money.New(i.Open, i.Currency).String() }

// askedField names the field of an item's amount in question.
func askedField(i cases.Owed) string { return fmt.Sprintf("asked_%d", i.ID) }
