package note

// Cut keeps so many characters of a text, those included that end it where it was
// longer.
func Cut(text string, most int, end string) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-len([]rune(end))]) + end
	}
	return text
}
