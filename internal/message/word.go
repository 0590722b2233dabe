package message

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"dunwell/internal/inbox"
)

// The words by which people opt out and in again, without accents, in the languages
// in which the company may write. A word opts out only where it is all that was
// said, or nearly: a sentence is for a person to read.
var (
	stopWords = []string{"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "remove", // English, as the carriers have them
		"stopp", "abmelden", "abbestellen", "ende", "aufhoren", "austragen", // German
		"arret", "arreter", "arretez", "desabonner", "desabonnement", "desinscrire", // French
		"afmeld", "frameld", "afslut", "slut", // Danish
		"konec", "odhlasit", "odhlaste", "zrusit", "neposilat"} // Czech
	startWords = []string{"start", "unstop", "optin", "resume",
		"anmelden", "fortsetzen",
		"reprendre", "reabonner",
		"tilmeld", "genoptag",
		"prihlasit", "obnovit"}
	// besides may stand beside such a word.
	besides = []string{"sms", "all", "alle", "now", "please", "bitte", "svp", "tak", "prosim", "messages", "texts", "text"}
)

// Word tells a text that opts out, Stop, or in again, Start, from any other, which
// is a Reply.
func Word(text string) inbox.Kind {
	words := strings.FieldsFunc(bare(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if all := strings.Join(words, ""); all == "optout" || all == "optin" {
		words = []string{all}
	}
	words = slices.DeleteFunc(words, func(w string) bool {
		return slices.Contains(besides, w) || !strings.ContainsFunc(w, unicode.IsLetter) // STOP 36180
	})
	words = slices.Compact(words)
	switch {
	case len(words) != 1:
		return inbox.Reply
	case slices.Contains(stopWords, words[0]):
		return inbox.Stop
	case slices.Contains(startWords, words[0]):
		return inbox.Start
	}
	return inbox.Reply
}

// bare is a text in small letters without accents.
func bare(text string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ToLower(text))
	if err != nil {
		return strings.ToLower(text)
	}
	return plain
}
