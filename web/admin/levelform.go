package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// levelForm is the form of a level, open in its row.
type levelForm struct {
	Shown dunning.Level // the zero id is a new one
	ui.Draft
	Templates []message.Template
	Members   []member.Choice

	Previews []message.Filled // of what it writes, for the customer whom For names
	Customer string           // as typed
	For      string
	ForID    int64
}

// choices reads what a level's actions can name.
func (f *levelForm) choices(ctx context.Context, tx *tenant.Tx) (err error) {
	if f.Templates, err = message.AllTemplates(ctx, tx); err != nil {
		return err
	}
	f.Members, err = member.Choices(ctx, tx)
	return err
}

// rows are the actions as the form has them, in the order in which they follow
// the first one.
var rows = []string{"email", "sms", "letter", "call", "manual_1", "manual_2", "manual_3"}

// begin opens the form with the level.
func (f *levelForm) begin(l dunning.Level) {
	f.Shown = l
	now := map[string]string{"name": l.Name, "after_days": strconv.Itoa(l.AfterDays), "wait_days": strconv.Itoa(l.WaitDays),
		"pay_within_days": strconv.Itoa(l.PayWithinDays), "mode": string(l.Mode), "call": "", "first": ""}
	for _, row := range rows {
		switch {
		case strings.HasPrefix(row, "manual"):
			now[row], now[row+"_member"] = "", "0"
		case row != "call":
			now[row] = "0"
		}
	}
	byHand := 0
	for i, a := range l.Actions {
		row := string(a.Kind)
		switch {
		case a.Kind == dunning.ByHand:
			byHand++
			row = fmt.Sprintf("manual_%d", byHand)
			now[row], now[row+"_member"] = a.Text, strconv.FormatInt(a.MemberID, 10)
		case a.Kind == dunning.ByCall:
			now[row] = "on"
		default:
			now[row] = strconv.FormatInt(a.TemplateID, 10)
		}
		if i == 0 {
			now["first"] = row
		}
	}
	f.Choices = map[string][]ui.Option{"mode": modeOptions, "call": {{Value: "on", Label: "yes"}, {Label: "no"}}, "first": firstOptions}
	for _, kind := range []string{"email", "sms", "letter"} {
		f.Choices[kind] = f.templateOptions(kind, now[kind])
	}
	for i := range dunning.MaxManual {
		name := fmt.Sprintf("manual_%d_member", i+1)
		f.Choices[name] = f.memberOptions(l, now[name])
	}
	f.Open(l.Version, 0, now)
}

// unused are the rows of manual actions, behind the last one with a text, that wait
// folded until they are needed. The first one always stands there.
func (f *levelForm) unused() (names []string) {
	for i := dunning.MaxManual; i > 1; i-- {
		name := fmt.Sprintf("manual_%d", i)
		if f.Typed[name] != "" || f.Errors[name] != "" {
			break
		}
		names = append([]string{name}, names...)
	}
	return names
}

// templateOptions lists the templates in use that are sent so; one that is retired
// stays where it is chosen.
func (f *levelForm) templateOptions(kind, chosen string) []ui.Option {
	options := []ui.Option{{Value: "0", Label: "none"}}
	for _, t := range f.Templates {
		id := strconv.FormatInt(t.ID, 10)
		switch {
		case string(t.Channel) != kind:
		case t.RetiredAt == nil:
			options = append(options, ui.Option{Value: id, Label: t.Name})
		case id == chosen:
			options = append(options, ui.Option{Value: id, Label: t.Name + " (retired)"})
		}
	}
	return options
}

func (f *levelForm) memberOptions(l dunning.Level, chosen string) []ui.Option {
	options := []ui.Option{{Value: "0", Label: "the customer’s owner"}}
	there := chosen == "0"
	for _, m := range f.Members {
		id := strconv.FormatInt(m.ID, 10)
		there = there || id == chosen
		options = append(options, ui.Option{Value: id, Label: m.Name})
	}
	for _, a := range l.Actions {
		if !there && strconv.FormatInt(a.MemberID, 10) == chosen {
			return append(options, ui.Option{Value: chosen, Label: a.Member + " (left)"})
		}
	}
	return options
}

// typed is the level as typed, and the rows of its manual actions in the order in
// which they come.
func (f *levelForm) typed() (t dunning.LevelTerms, manual []string) {
	typed := f.Typed
	t = dunning.LevelTerms{Name: typed["name"], AfterDays: days(typed["after_days"]), WaitDays: days(typed["wait_days"]),
		PayWithinDays: days(typed["pay_within_days"]), Mode: dunning.LevelMode(typed["mode"])}
	order := []string{typed["first"]}
	for _, row := range rows {
		if row != typed["first"] {
			order = append(order, row)
		}
	}
	for _, row := range order {
		switch value := strings.TrimSpace(typed[row]); {
		case value == "" || value == "0":
		case strings.HasPrefix(row, "manual"):
			manual = append(manual, row)
			t.Actions = append(t.Actions, dunning.LevelAction{Kind: dunning.ByHand, Text: value, MemberID: id(typed[row+"_member"])})
		case row == "call":
			t.Actions = append(t.Actions, dunning.LevelAction{Kind: dunning.ByCall})
		default:
			t.Actions = append(t.Actions, dunning.LevelAction{Kind: dunning.ActionKind(row), TemplateID: id(value)})
		}
	}
	return t, manual
}

// beside puts what is wrong with the manual actions beside the rows that they
// stand in.
func beside(err error, manual []string) error {
	var inv errs.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	moved := errs.Invalid{}
	for field, text := range inv {
		for i, row := range manual {
			if place := fmt.Sprintf("manual_%d", i+1); strings.TrimSuffix(field, "_member") == place {
				field = strings.Replace(field, place, row, 1)
				break
			}
		}
		moved[field] = text
	}
	return moved
}

// fill shows what the level writes as it is now, for the customer who is typed or
// the one with the most overdue.
func (f *levelForm) fill(r *http.Request, tx *tenant.Tx) (err error) {
	f.Customer = strings.TrimSpace(r.FormValue("customer"))
	if f.ForID, f.For, err = whoFor(r.Context(), tx, f.Customer); err != nil {
		return err
	}
	f.Errors.Check(f.Customer == "" || f.ForID != 0, "customer", "No customer fits this. Give a number, or a part of a name.")
	if f.ForID == 0 {
		return nil
	}
	for _, a := range f.Shown.Actions {
		if !a.Writes() {
			continue
		}
		x, err := message.Fill(r.Context(), tx, message.Choice{CustomerID: f.ForID, TemplateID: a.TemplateID, PayBy: tx.Today().Add(f.Shown.PayWithinDays)})
		if errors.As(err, new(errs.Invalid)) { // retired, or without a text
			continue
		}
		if err != nil {
			return err
		}
		f.Previews = append(f.Previews, x)
	}
	return nil
}
