package cases

import (
	"strconv"

	"dunwell/internal/cases"
	"dunwell/internal/ledger"
	"dunwell/web/ui"
)

func (p changePage) statusOptions() []ui.Option {
	list := []ui.Option{{Value: "", Label: "they keep theirs"}}
	for _, s := range p.Statuses {
		list = append(list, ui.Option{Value: strconv.FormatInt(s.ID, 10), Label: s.Name})
	}
	return list
}

// reasonOptions are those of the status, or of each where none is chosen yet.
func (p changePage) reasonOptions() []ui.Option {
	list := []ui.Option{{Value: "", Label: "none of these"}}
	for _, s := range p.Statuses {
		if chosen := p.status(); chosen.ID != 0 && s.ID != chosen.ID {
			continue
		}
		for _, r := range s.Reasons {
			list = append(list, ui.Option{Value: r, Label: r + " (" + s.Name + ")"})
		}
	}
	return list
}

// resolverOptions leave the choice to the status, or to nobody.
func (p changePage) resolverOptions() []ui.Option {
	list := []ui.Option{{Value: "", Label: "as the status says"}, {Value: "none", Label: "nobody"}}
	return append(list, p.Resolvers[1:]...)
}

func (p changePage) templateOptions() []ui.Option {
	list := []ui.Option{{Value: "", Label: "own text"}}
	for _, t := range p.Templates {
		list = append(list, ui.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name})
	}
	return list
}

// unticked are the items that are not chosen.
func (p changePage) unticked() (list []cases.Owed) {
	for _, i := range p.Owed {
		if !p.isTicked(i) {
			list = append(list, i)
		}
	}
	return list
}

// resolved tells that the items are given a status by which they go on in dunning.
func (p changePage) resolved() bool { return p.status().Family == ledger.DisputeResolved }

// typed tells that something of another step would be lost with the form.
func (p changePage) typed() bool { return p.Turned || len(p.Errors) > 0 || p.Conflict != "" }

// fieldID is the id of a field. The page that it opens above may have one of that name.
func fieldID(name string) string { return "wizard-" + name }

// field gives a field its id and its message.
func (p changePage) field(f ui.Field) ui.Field {
	f.ID, f.Error = fieldID(f.Name), p.Errors[f.Name]
	return f
}
