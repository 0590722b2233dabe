package ui

import (
	"github.com/a-h/templ"

	"dunwell/web/static"
)

var iconBefore, iconAfter = `<svg class="icon" aria-hidden="true"><use href="` + static.URL("icons.svg") + "#", `"></use></svg>`

// Icon draws the icon of that name in web/assets/icons.txt. It says nothing to a
// screen reader: the words beside it do. A page has dozens of them, which is why it is
// no template.
func Icon(name string) templ.Component {
	return templ.Raw(iconBefore + templ.EscapeString(name) + iconAfter)
}
