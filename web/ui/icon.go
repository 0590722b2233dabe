package ui

import (
	"github.com/a-h/templ"

	"dunwell/internal/memo"
	"dunwell/web/static"
)

// Icon draws the icon of that name in web/assets/icons.txt. It says nothing to a
// screen reader: the words beside it do. A page has dozens of them, so each is drawn
// once.
var Icon = memo.Of(1000, func(name string) templ.Component {
	return templ.Raw(`<svg class="icon" aria-hidden="true"><use href="` + templ.EscapeString(static.URL("icons.svg")+"#"+name) + `"></use></svg>`)
})
