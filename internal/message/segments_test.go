package message_test

import (
	"strings"
	"testing"

	"dunwell/internal/inbox"
	"dunwell/internal/message"
)

// In how many parts an SMS goes, at the limits of each alphabet.
func TestSegments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text    string
		n       int
		unicode bool
	}{
		"nothing":                          {"", 0, false},
		"one letter":                       {"a", 1, false},
		"160 letters":                      {strings.Repeat("a", 160), 1, false},
		"161 letters":                      {strings.Repeat("a", 161), 2, false},
		"306 letters":                      {strings.Repeat("a", 306), 2, false},
		"307 letters":                      {strings.Repeat("a", 307), 3, false},
		"letters of the alphabet itself":   {strings.Repeat("æøåÆØÅäöüñÉ§Ω", 12), 1, false},
		"80 that count twice":              {strings.Repeat("€", 80), 1, false},
		"81 that count twice":              {strings.Repeat("€", 81), 2, false},
		"one that would stand in two":      {strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3, false},
		"one that just fits":               {strings.Repeat("a", 151) + "€" + strings.Repeat("a", 153), 2, false},
		"70 with one of no alphabet":       {strings.Repeat("a", 69) + "ř", 1, true},
		"71 with one of no alphabet":       {strings.Repeat("a", 70) + "ř", 2, true},
		"134 with one of no alphabet":      {strings.Repeat("a", 133) + "ř", 2, true},
		"135 with one of no alphabet":      {strings.Repeat("a", 134) + "ř", 3, true},
		"35 signs of two units":            {strings.Repeat("😀", 35), 1, true},
		"36 signs of two units":            {strings.Repeat("😀", 36), 2, true},
		"66 of one and 34 of two, in 2":    {strings.Repeat("ř", 66) + strings.Repeat("😀", 33), 2, true},
		"a curly apostrophe makes Unicode": {"it’s", 1, true},
		"lines and twice-counted signs":    {"a\nb\r\n[c] {d} ~^|\\", 1, false},
		"a tab is of no alphabet":          {"a\tb", 1, true},
	} {
		if n, unicode := message.Segments(c.text); n != c.n || unicode != c.unicode {
			t.Errorf("%s: %d parts, Unicode %v; want %d, %v", name, n, unicode, c.n, c.unicode)
		}
	}
}

// A word that is all that was said opts out or in; a sentence is for a person.
func TestWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]inbox.Kind{
		"STOP": inbox.Stop, "stop": inbox.Stop, " Stop. ": inbox.Stop, "STOPP!": inbox.Stop, "Stop all": inbox.Stop, "STOPALL": inbox.Stop, "STOP SMS": inbox.Stop,
		"STOP 36180": inbox.Stop, "please stop": inbox.Stop, "“STOP”": inbox.Stop, "opt-out": inbox.Stop, "OPT OUT": inbox.Stop, "Unsubscribe": inbox.Stop, "quit": inbox.Stop,
		"Arrêt": inbox.Stop, "ARRET": inbox.Stop, "arrêter svp": inbox.Stop, "Abmelden": inbox.Stop, "aufhören": inbox.Stop, "AFMELD": inbox.Stop,
		"Odhlásit": inbox.Stop, "zrušit": inbox.Stop, "STOP\nSTOP": inbox.Stop,
		"START": inbox.Start, "Unstop": inbox.Start, "opt in": inbox.Start, "Tilmeld": inbox.Start, "přihlásit": inbox.Start, "Anmelden": inbox.Start, "reprendre": inbox.Start,
		"": inbox.Reply, "yes": inbox.Reply, "Non-stop": inbox.Reply, "Stop calling me, I pay on Friday": inbox.Reply, "I will stop by tomorrow": inbox.Reply,
		"When does it start?": inbox.Reply, "bitte": inbox.Reply, "12345": inbox.Reply, "stop start": inbox.Reply,
	} {
		if got := message.Word(text); got != want {
			t.Errorf("%q is a %s, want %s", text, got, want)
		}
	}
}
