package messages

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/language"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// form is a message as it is being written.
type form struct {
	Channel                 customer.Channel
	Point, Template, Text   int64
	Language, Subject, Body string
	Demands, Statement      bool
	Documents, Items        []int64
	Case                    int64  // that it goes out from, and its answer comes back to; 0: none
	Entry                   int64  // of the inbox, that it answers; 0: none
	Back                    string // where one goes on after an answer
	Override                string
	Errors                  errs.Invalid
}

// page is the screen with it.
type page struct {
	form
	Customer  customer.Customer
	Points    []customer.ContactPoint // addresses or numbers in use
	May       contactrule.Rulings
	Templates []message.Template
	Files     []document.Document // that may be attached
	Held      string              // why it does not leave at once; empty: it does
	Provider  provider.Settings   // of an SMS
	Excuse    bool                // the reader may set hours aside, and they bar it
	Fallback  string              // what is said of the language that the text is in
	Preview   *preview
	Answered  inbox.Entry // what is answered; without an id: nothing
	Late      string      // what became of that meanwhile
	site      string      // where people reach it
}

// preview is the message as it would go out.
type preview struct {
	From, To, Subject, Body string
	Count                   string // of an SMS: in how many parts, and what they cost
}

// mostFiles is how many of the customer's newest documents can be ticked.
const mostFiles = 30

// load reads what stands around the form: a fixed number of queries.
func (s screens) load(r *http.Request, tx *tenant.Tx, f form) (p page, err error) {
	ctx, id := r.Context(), web.ID(r, "customer")
	p.form = f
	if p.Channel != customer.Letter && p.Channel != customer.SMS {
		p.Channel = customer.Mail
	}
	if err := s.ready(ctx, tx, &p); err != nil {
		return p, err
	}
	if p.Customer, err = customer.Find(ctx, tx, id); err != nil {
		return p, err
	}
	if err := p.answers(r, tx); err != nil {
		return p, err
	}
	care, err := customer.CareOf(ctx, tx, id)
	if err != nil {
		return p, err
	}
	for _, c := range care.InUse() {
		if slices.Contains(c.Kind.Channels(), p.Channel) {
			p.Points = append(p.Points, c)
		}
	}
	if p.May, err = contactrule.OfCare(ctx, tx, p.Customer, care); err != nil {
		return p, err
	}
	if p.Templates, err = message.Templates(ctx, tx, p.Channel); err != nil {
		return p, err
	}
	if p.Files, err = document.List(ctx, tx, document.Filter{CustomerID: id, Limit: mostFiles}); err != nil {
		return p, err
	}
	copies, err := document.CopiesOf(ctx, tx, id, p.Items)
	if err != nil {
		return p, err
	}
	for _, d := range copies {
		if !slices.ContainsFunc(p.Files, func(o document.Document) bool { return o.ID == d.ID }) {
			p.Files = append(p.Files, d)
		}
	}
	if p.Point == 0 && p.Channel != customer.Letter {
		p.Point = p.first(care)
	}
	p.overridable(tx.Actor)
	return p, nil
}

// first is whom to write to unless somebody says otherwise: who may be written to.
func (p page) first(care customer.Care) int64 {
	for _, c := range p.Points {
		if p.May.For(c.ID, p.Channel).Verdict == contactrule.Allowed {
			return c.ID
		}
	}
	kind := customer.Email
	if p.Channel == customer.SMS {
		kind = customer.Phone
	}
	if c := care.First(kind); c != nil {
		return c.ID
	}
	if len(p.Points) == 1 { // what bars it is said, not that nothing was chosen
		return p.Points[0].ID
	}
	return 0
}

// overridable tells whether the reader may give a reason to write all the same.
func (p *page) overridable(a tenant.Actor) {
	p.Excuse = contactrule.CanOverride(a) && slices.ContainsFunc(p.rulings(), func(r contactrule.Ruling) bool {
		return r.Verdict != contactrule.Allowed && r.Overridable
	})
}

func (p page) rulings() (all []contactrule.Ruling) {
	if p.Channel == customer.Letter {
		return []contactrule.Ruling{p.May.For(0, customer.Letter)}
	}
	for _, c := range p.Points {
		all = append(all, p.May.For(c.ID, p.Channel))
	}
	return all
}

// copiesTicked ticks the copies of the items that the message is about, and picks
// the text that goes with them.
func (p *page) copiesTicked() {
	if len(p.Items) == 0 {
		return
	}
	for _, d := range p.Files {
		if d.Subject == document.OfItem && slices.Contains(p.Items, d.SubjectID) {
			p.Documents = append(p.Documents, d.ID)
		}
	}
	for _, t := range p.Templates {
		if p.Template == 0 && t.Name == message.CopiesName {
			p.Template = t.ID
		}
	}
}

// fill puts the text of the template, for the person and in the language chosen,
// into the fields. Without a template they are left as they are.
func (p *page) fill(r *http.Request, tx *tenant.Tx) error {
	if p.Template == 0 {
		p.Text = 0
		return nil
	}
	filled, err := message.Fill(r.Context(), tx, message.Choice{CustomerID: p.Customer.ID, TemplateID: p.Template, PointID: p.Point, Language: p.Language, Items: p.Items})
	if err != nil {
		return err
	}
	if filled.Fallback {
		asked := language.Of(p.Language, p.Customer.Language, tx.Actor.Tenant.Language)
		p.Fallback = "This template has no text in " + tenant.Languages[asked.Code] + ", so that all of it is in " + tenant.Languages[filled.Language] + "."
	}
	p.Subject, p.Body, p.Text, p.Language, p.Demands = filled.Subject, filled.Body, filled.TextID, filled.Language, filled.Template.Demands
	return nil
}

// asItGoesOut makes the preview.
func (p *page) asItGoesOut(r *http.Request, tx *tenant.Tx) error {
	h, err := statement.HeadingOf(r.Context(), tx, p.Customer.ID, p.Language)
	if err != nil {
		return err
	}
	p.Preview = &preview{From: h.Sender(), Subject: p.Subject, Body: p.Body}
	if p.Channel == customer.Letter {
		for _, line := range h.AddressLines() {
			p.Preview.To += line + "\n"
		}
		return nil
	}
	for _, c := range p.Points {
		if c.ID == p.Point {
			p.Preview.To = message.Message{Person: c.Person, Address: c.Shown()}.To()
		}
	}
	if p.Channel == customer.SMS {
		p.Preview.From, p.Preview.Count = customer.ContactPoint{Kind: customer.Phone, Value: p.Provider.SMSFrom}.Shown(), p.count(p.Body)
		return nil
	}
	p.Preview.Body = message.Signed(h, p.Body)
	return nil
}

// typed reads the form, or the address that leads to it.
func typed(values url.Values) form {
	id := func(name string) int64 { n, _ := strconv.ParseInt(values.Get(name), 10, 64); return n }
	ids := func(name string) (list []int64) {
		for _, v := range values[name] {
			if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 0 {
				list = append(list, n)
			}
		}
		return list[:min(len(list), 200)]
	}
	return form{Channel: customer.Channel(values.Get("channel")), Point: id("point"), Template: id("template"), Text: id("text"), Language: values.Get("language"),
		Subject: values.Get("subject"), Body: values.Get("body"), Demands: values.Get("demands") == "on", Statement: values.Get("statement") == "on",
		Documents: ids("document"), Items: ids("item"), Case: id("case"), Entry: id("entry"), Back: web.Local(values.Get("back"), "/inbox"),
		Override: values.Get("override")}
}

// message is the domain's.
func (p page) message() message.New {
	n := message.New{CustomerID: p.Customer.ID, Channel: p.Channel, PointID: p.Point, Language: p.Language, Subject: p.Subject, Body: p.Body, TextID: p.Text,
		Demands: p.Demands, Documents: p.Documents, Statement: p.Statement, Override: p.Override}
	if p.Channel == customer.Mail {
		n.Answers = p.Answered.ReceivedID
	}
	return n
}
