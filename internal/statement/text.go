package statement

import "strings"

const mmPerPoint = 25.4 / 72

// style is how a text looks: its size in points, and whether it is bold.
type style struct {
	size float64
	bold bool
}

func (st style) face() *face {
	if st.bold {
		return bold()
	}
	return regular()
}

// width is that of the text in millimetres.
func (st style) width(text string) float64 { return st.face().width(text, st.size) * mmPerPoint }

// lead is from one line to the next.
func (st style) lead() float64 { return st.size * mmPerPoint * 1.3 }

var (
	plain   = style{9.5, false}
	strong  = style{9.5, true}
	cell    = style{8, false}
	cellSum = style{8, true}
	small   = style{7, false}
)

func (st style) fit(text string, w float64) style {
	if have := st.width(drawable(text)); have > w {
		st.size *= w / have
	}
	return st
}

// run takes as much of the text as is in one part of the font, as that part's codes.
func (f *face) run(text string) (part int, set, rest string) {
	var codes []byte
	for i, r := range text {
		g := f.glyphOf(r)
		if i > 0 && g.part != part {
			return part, string(codes), text[i:]
		}
		part, codes = g.part, append(codes, g.code)
	}
	return part, string(codes), ""
}

// linesOf breaks a text into lines of that width: where it has line ends, between
// words, and inside of a word only where it is wider than a line.
func linesOf(text string, w float64, st style) (lines []string) {
	text = strings.TrimRight(text, "\r\n ")
	if text == "" {
		return nil
	}
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for word := range strings.SplitSeq(drawable(strings.TrimRight(paragraph, "\r ")), " ") {
			switch {
			case line == "":
			case st.width(line+" "+word) <= w:
				line += " "
			default:
				lines, line = append(lines, line), ""
			}
			for n := fitting(word, w, st); line == "" && n < len(word); n = fitting(word, w, st) {
				lines, word = append(lines, word[:n]), word[n:]
			}
			line += word
		}
		lines = append(lines, line)
	}
	return lines
}

// fitting is how many bytes of a word fit, those of one character at least.
func fitting(word string, w float64, st style) int {
	had := 0.0
	for i, r := range word {
		if had += st.width(string(r)); i > 0 && had > w {
			return i
		}
	}
	return len(word)
}
