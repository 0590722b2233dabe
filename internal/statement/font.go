package statement

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// everyday are the letters of the languages in use and their neighbours beside
// ASCII: one cut of the font holds what most letters need.
const everyday = "\u00a0§©«°±·»¿×–—‘’‚“”„•…€£" +
	"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ" +
	"ČčĎďĚěŇňŘřŠšŤťŮůŽžŒœĄąĆćĘęŁłŃńŚśŹźŻż"

// substitute stands for a character that the font lacks.
const substitute = '□'

// A face is one weight of the font, cut into parts of up to 224 characters. Such
// a part is a font of one byte a character, which goes into a file as it is: a font
// of all characters has to be cut anew for each file, which takes ten times as
// long as the rest of a letter.
type face struct {
	name, style string
	glyphs      map[rune]glyph
	parts       []func() part // each is cut when it is first needed
}

// glyph is where a character stands: in which part, under which code.
type glyph struct {
	part  int
	code  byte
	width int // in thousandths of the font's size
}

// part is a font as the PDF library takes it: its description and its file.
type part struct{ about, file []byte }

// The codes of a part. ASCII keeps its own; the rest is told by differences.
const (
	firstCode = 32
	codes     = 256 - firstCode
)

var (
	regular = sync.OnceValue(func() *face { return newFace("Go-Regular", "", goregular.TTF) })
	bold    = sync.OnceValue(func() *face { return newFace("Go-Bold", "B", gobold.TTF) })
)

func newFace(name, style string, ttf []byte) *face {
	parsed := must(sfnt.Parse(ttf))
	f := &face{name: name, style: style, glyphs: map[rune]glyph{}}
	for i, runes := range partsOf(parsed) {
		for k, r := range runes {
			f.glyphs[r] = glyph{i, byte(firstCode + k), advance(parsed, r)}
		}
		f.parts = append(f.parts, sync.OnceValue(func() part { return f.cut(i, runes, parsed, ttf) }))
	}
	return f
}

// must is for what can fail only where the font in the program is not one.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// partsOf deals out all characters of the font that have a place in a text.
func partsOf(f *sfnt.Font) [][]rune {
	var buf sfnt.Buffer
	first := make([]rune, 0, codes)
	for r := rune(firstCode); r < 127; r++ {
		first = append(first, r)
	}
	first = append(first, []rune(everyday+string(substitute))...)
	var rest []rune
	for r := rune(127); r <= 0xffff; r++ {
		if i, err := f.GlyphIndex(&buf, r); err == nil && i != 0 && unicode.IsPrint(r) && !slices.Contains(first, r) {
			rest = append(rest, r)
		}
	}
	return append([][]rune{first}, slices.Collect(slices.Chunk(rest, codes))...)
}

func advance(f *sfnt.Font, r rune) int {
	var buf sfnt.Buffer
	return must(f.GlyphAdvance(&buf, must(f.GlyphIndex(&buf, r)), fixed.I(1000), font.HintingNone)).Round()
}

// cut makes a part: a font file with those characters, and what the library has
// to know of it. The names in the differences are those by which a reader finds
// out what a code means, for searching and for reading aloud.
func (f *face) cut(i int, runes []rune, parsed *sfnt.Font, ttf []byte) part {
	small := fpdf.UTF8CutFont(ttf, string(runes))
	var file bytes.Buffer
	z := must(zlib.NewWriterLevel(&file, zlib.BestCompression))
	must(z.Write(small))
	must(0, z.Close())
	var differences strings.Builder
	widths := make([]int, 256)
	for k, r := range runes {
		widths[firstCode+k] = f.glyphs[r].width
		if r > 126 {
			fmt.Fprintf(&differences, "%d /uni%04X ", firstCode+k, r)
		}
	}
	name := fmt.Sprintf("DUNWL%c+%s", 'A'+i, f.name)
	about := must(json.Marshal(struct {
		Tp, Name, Diff, File string
		Desc                 fpdf.FontDescType
		Cw                   []int
		Up, Ut, OriginalSize int
	}{"TrueType", name, differences.String(), name + ".z", f.describe(parsed), widths, -100, 50, len(small)}))
	return part{about, file.Bytes()}
}

func (f *face) describe(parsed *sfnt.Font) fpdf.FontDescType {
	var buf sfnt.Buffer
	const nonsymbolic = 32
	d := fpdf.FontDescType{Flags: nonsymbolic, StemV: 87, MissingWidth: 500}
	if f.style == "B" {
		d.StemV = 165
	}
	m := must(parsed.Metrics(&buf, fixed.I(1000), font.HintingNone))
	box := must(parsed.Bounds(&buf, fixed.I(1000), font.HintingNone))
	d.Ascent, d.Descent, d.CapHeight = m.Ascent.Round(), -m.Descent.Round(), m.CapHeight.Round()
	d.FontBBox.Xmin, d.FontBBox.Xmax = box.Min.X.Floor(), box.Max.X.Ceil()
	d.FontBBox.Ymin, d.FontBBox.Ymax = -box.Max.Y.Ceil(), -box.Min.Y.Floor() // its axis points down
	return d
}

// glyphOf finds a character, or what stands for it.
func (f *face) glyphOf(r rune) glyph {
	g, known := f.glyphs[r]
	if !known {
		return f.glyphs[substitute]
	}
	return g
}

// width is how wide the text is at that size, in the size's unit.
func (f *face) width(text string, size float64) float64 {
	sum := 0
	for _, r := range text {
		sum += f.glyphOf(r).width
	}
	return float64(sum) * size / 1000
}

// Missing are the characters of a text, each once, for which letters and statements
// have no shape as a PDF: a box stands there.
func Missing(text string) string {
	var none []rune
	for _, r := range drawable(text) {
		if _, known := regular().glyphs[r]; !known && !slices.Contains(none, r) {
			none = append(none, r)
		}
	}
	return string(none)
}

// plainer is a letter without accents that the font lacks, or as it is.
func plainer(r rune) rune {
	glyphs := regular().glyphs
	if _, known := glyphs[r]; known {
		return r
	}
	base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	if _, known := glyphs[base]; known {
		return base
	}
	return r
}

// drawable brings a text of one line into characters that can be set: letters and
// their accents in one, or the letter alone, blanks of any kind as spaces, nothing that
// cannot be seen.
func drawable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u202f' || r == '\u2007':
			return '\u00a0'
		case unicode.IsPrint(r) || r == '\u00a0':
			return plainer(r)
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, norm.NFC.String(text))
}
