package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// tickAllNarrow ticks all of a list at 390 pixels, by the words beside the box.
func (b *tab) tickAllNarrow(path, boxes string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(390, 900))
	b.goTo(path)
	b.has("Tick all on this page")
	b.click(".tick-all > span")
	b.until("all are ticked at "+path, fmt.Sprintf(`[...document.querySelectorAll(%q)].every((box) => box.checked) && document.querySelector(%q)`, boxes, boxes))
	b.do(chromedp.EmulateViewport(1440, 900))
	b.goTo(path)
	if eval[bool](b, `document.querySelector('.tick-all > span').offsetParent !== null`) {
		b.t.Errorf("%s: the words stand beside the box where it has its column", path)
	}
}

// TestNarrowLists has lists that become cards on a narrow window: all can be ticked
// there, and an address is not taken apart where there is room for it.
func TestNarrowLists(t *testing.T) {
	t.Parallel()
	s := trial(t)
	b := open(t, s)
	b.signInDemo("manager")
	b.tickAllNarrow("/inbox?whose=team", ".inbox-list > tbody input[type=checkbox]")
	b.tickAllNarrow(lorry(t, s)+"/items", ".items-list > tbody input[type=checkbox]")
	b.signInDemo("admin")
	for _, path := range []string{"resolvers", "contactrules"} {
		b.goTo("/admin/" + path)
		b.look("narrow-" + path)
		b.do(chromedp.EmulateViewport(390, 900))
		b.until("each address has one line at "+path, `[...document.querySelectorAll('td.text-break')].every((cell) => {
			const words = document.createRange();
			words.selectNodeContents(cell);
			return cell.textContent.includes(' ') || words.getClientRects().length <= 1;
		})`)
	}
	b.quiet()
}
