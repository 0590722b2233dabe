package message

import (
	"strings"
	"unicode/utf16"

	"dunwell/internal/customer"
)

// MaxParts is in how many parts an SMS goes at most.
const MaxParts = 10

// gsm are the characters of the telephone network's own alphabet that take seven
// bits, and twice those that take two such places.
const (
	gsm = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	twice = "\f^{}\\[~]|€"
)

// How much a part holds: alone, and as one of several.
const (
	plainAlone, plainPart     = 160, 153
	unicodeAlone, unicodePart = 70, 67
)

// Segments tells in how many parts a text goes as an SMS, each of which is paid for,
// and whether it needs Unicode, of which a part holds less than half as much.
func Segments(text string) (n int, unicode bool) {
	if text == "" {
		return 0, false
	}
	widths := make([]int, 0, len(text))
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm, r):
			widths = append(widths, 1)
		case strings.ContainsRune(twice, r):
			widths = append(widths, 2)
		default:
			unicode = true
		}
	}
	if !unicode {
		return parts(widths, plainAlone, plainPart), false
	}
	widths = widths[:0]
	for _, r := range text {
		widths = append(widths, max(utf16.RuneLen(r), 1))
	}
	return parts(widths, unicodeAlone, unicodePart), true
}

// parts counts: a character never stands in two.
func parts(widths []int, alone, each int) int {
	all := 0
	for _, w := range widths {
		all += w
	}
	if all <= alone {
		return 1
	}
	n, used := 1, 0
	for _, w := range widths {
		if used+w > each {
			n, used = n+1, 0
		}
		used += w
	}
	return n
}

// segments is how many parts the message goes in; 0 for one that is no SMS.
func (m kept) segments() int {
	if m.Channel != customer.SMS {
		return 0
	}
	n, _ := Segments(m.Body)
	return n
}
