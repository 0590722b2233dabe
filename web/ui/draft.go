package ui

import (
	"fmt"
	"maps"
	"slices"

	"dunwell/internal/errs"
	"dunwell/internal/note"
)

// Draft is the form of something that two may edit at once. Seen is what stood
// there when the form was opened: where somebody else changed it meanwhile, that
// tells whose change is whose.
type Draft struct {
	Now, Seen, Typed map[string]string   // by the names of the fields
	Choices          map[string][]Option // of the fields that have a list
	Version          int                 // that was seen
	Head             int64               // the newest note when the form was opened
	Gone             bool                // nothing can be saved any more
	Errors           errs.Invalid

	Moved  bool              // not saved, because somebody else was first
	Others []note.Note       // what others changed meanwhile
	Said   string            // the same in a sentence, of what has no notes
	Hints  map[string]string // by field, what was taken over of theirs
	Lost   []string          // what was typed and cannot be saved
}

// Open begins the form with what stands there now.
func (d *Draft) Open(version int, head int64, now map[string]string) {
	d.Version, d.Head = version, head
	d.Now, d.Seen, d.Typed = now, now, maps.Clone(now)
}

// Settle brings what was typed to what stands there now. What only somebody else
// changed is taken over, what both changed is left to be decided.
func (d *Draft) Settle() {
	d.Moved, d.Hints = true, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(d.Now)) {
		d.settle(name, d.Seen[name], d.Typed[name], d.Now[name])
	}
	d.Seen = d.Now
}

func (d *Draft) settle(name, seen, typed, now string) {
	switch {
	case d.Gone && typed != seen:
		d.Typed[name] = now
		d.Lost = append(d.Lost, fmt.Sprintf("%s: %s", note.KindName(name), d.label(name, typed)))
	case d.Gone || now == seen || now == typed:
	case typed == seen:
		d.Typed[name] = now
		d.Hints[name] = fmt.Sprintf("Changed meanwhile from “%s”, and taken over.", d.label(name, seen))
	default:
		d.Errors.Check(false, name, fmt.Sprintf("Changed meanwhile to “%s”. Yours stands in the field; saving again puts it there.", d.label(name, now)))
	}
}

// label is a value as people read it.
func (d *Draft) label(name, value string) string {
	for _, o := range d.Choices[name] {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// Fill gives a control what was typed and what is to be said of it.
func (d *Draft) Fill(f Field) Field {
	f.Value, f.Error = d.Typed[f.Name], d.Errors[f.Name]
	if h := d.Hints[f.Name]; h != "" {
		f.Hint = h
	}
	return f
}
