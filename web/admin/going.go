package admin

import (
	"fmt"
	"strings"

	"dunwell/internal/dunning"
	"dunwell/web/ui"
)

// goes says whom a change has written to, of those who are in the agenda already.
func goes(g dunning.Going) string {
	switch {
	case g.Customers > 0:
		return ui.Count(g.Customers, "customer who stands in the agenda now is", "customers who stand in the agenda now are") + " written to by the level itself: nobody looks first."
	case g.Begins:
		return "Nobody who stands in the agenda now is written to by the level itself."
	}
	return "This changes what leaves by itself."
}

// letters says what they get: "That is 96 e-mails and 2 SMS."
func letters(g dunning.Going) string {
	var list []string
	for _, n := range []struct {
		of        int
		one, many string
	}{{g.Emails, "e-mail", "e-mails"}, {g.SMS, "SMS", "SMS"}, {g.Letters, "letter", "letters"}} {
		if n.of > 0 {
			list = append(list, ui.Count(n.of, n.one, n.many))
		}
	}
	return "That is " + strings.Join(list, " and ") + "."
}

// part is so many of all, which do something: "All of it leaves", "3 of it leave".
func part(n, all int, one, many string) string {
	switch n {
	case all:
		return "All of it " + one
	case 1:
		return "1 of it " + one
	}
	return ui.Number(n) + " of it " + many
}

// sums are what is to be collected of them, a currency each.
func sums(g dunning.Going) string {
	list := make([]string, len(g.Sums))
	for i, s := range g.Sums {
		list[i] = s.String()
	}
	return strings.Join(list, ", ")
}

// mixed says of how many there is more than the sums have.
func mixed(g dunning.Going) string {
	if g.Mixed == 0 {
		return ""
	}
	return ", and of " + ui.Number(g.Mixed) + " something in other currencies"
}

// leaves says when they leave, counted from what is said, and what becomes of the
// others.
func leaves(g dunning.Going, from string) (list []string) {
	soon := fmt.Sprintf("within %.0f minutes%s.", dunning.AutomaticEvery.Minutes(), from)
	switch now := g.Customers - g.Later - g.Held; {
	case g.Waits != "" && g.Customers+g.Said > 0:
		list = append(list, "Not at once. "+g.Waits)
	case now > 0:
		list = append(list, part(now, g.Customers, "leaves", "leave")+" "+soon)
	}
	if g.Later > 0 {
		list = append(list, part(g.Later, g.Customers, "follows", "follow")+" later, once the rules of contact let the customer be written to.")
	}
	if g.Held > 0 {
		list = append(list, part(g.Held, g.Customers, "waits", "wait")+". "+g.HeldWhy)
	}
	if g.Said > 0 {
		list = append(list, ui.Count(g.Said, "more was reminded by hand already: Done is said of it.", "more were reminded by hand already: Done is said of them."))
	}
	if g.Stays > 0 {
		list = append(list, ui.Count(g.Stays, "customer who stands in the agenda is", "customers who stand in the agenda are")+" no longer written to by a level itself.")
	}
	if g.Begins {
		list = append(list, "Whoever a run brings to the level later is written to in the same way.")
	}
	return list
}

// atOnce is what is said of it after saving.
func atOnce(g dunning.Going) []string {
	if g.None() {
		return nil
	}
	if g.Customers == 0 {
		return leaves(g, "")
	}
	return append([]string{goes(g)}, leaves(g, "")...)
}
