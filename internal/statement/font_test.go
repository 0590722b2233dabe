package statement

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"dunwell/internal/pdftest"
)

// Each part is a font by itself that has its characters, as wide as it says.
func TestPartsOfTheFont(t *testing.T) {
	t.Parallel()
	for _, f := range []*face{regular(), bold()} {
		parts := make([]*sfnt.Font, len(f.parts))
		about := make([]struct{ Cw []int }, len(f.parts))
		for i, cut := range f.parts {
			z, err := zlib.NewReader(bytes.NewReader(cut().file))
			if err != nil {
				t.Fatal(err)
			}
			ttf, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			if parts[i], err = sfnt.Parse(ttf); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(cut().about, &about[i]); err != nil {
				t.Fatal(err)
			}
		}
		if len(f.glyphs) < 600 {
			t.Errorf("%s: %d characters", f.name, len(f.glyphs))
		}
		var buf sfnt.Buffer
		for r, g := range f.glyphs {
			i, err := parts[g.part].GlyphIndex(&buf, r)
			if err != nil || i == 0 {
				t.Errorf("%s: part %d lacks %q", f.name, g.part, r)
				continue
			}
			w, err := parts[g.part].GlyphAdvance(&buf, i, fixed.I(1000), font.HintingNone)
			if err != nil || w.Round() != g.width || about[g.part].Cw[g.code] != g.width {
				t.Errorf("%s: %q is %d wide in the part, %d in its description, want %d", f.name, r, w.Round(), about[g.part].Cw[g.code], g.width)
			}
		}
	}
}

// What the fixed words and the names of our neighbours need is in one part, so that
// files stay small.
func TestOnePartHoldsTheEverydayLetters(t *testing.T) {
	t.Parallel()
	texts := []string{"Příliš žluťoučký kůň úpěl ďábelské ódy", "Zażółć gęślą jaźń", "Rødgrød med fløde, Ærø, Århus", "Größe, Übermaß, Ärger", "Où êtes-vous, cœur naïf ?"}
	for _, w := range catalogue {
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			texts = append(texts, v.Field(i).String())
		}
	}
	for _, text := range texts {
		for _, r := range text {
			if g, known := regular().glyphs[r]; !known || g.part != 0 {
				t.Errorf("%q of %q is in part %d, known: %t", r, text, g.part, known)
			}
		}
	}
}

// Every character that can be set is read back as what it is.
func TestEveryCharacterIsReadBack(t *testing.T) {
	t.Parallel()
	var all []string
	for r := range regular().glyphs {
		// A soft hyphen at a line's end is for readers to leave out.
		if drawable(string(r)) == string(r) && r > ' ' && r != '\u00a0' && r != '\u00ad' {
			all = append(all, "x"+string(r)+"x")
		}
	}
	if len(all) < 690 {
		t.Errorf("only %d characters", len(all))
	}
	text := strings.Join(all, " ")
	for weight, l := range map[string]Letter{"bold": {Subject: text}, "regular": {Body: text}} {
		l.Heading = heading("en")
		pages := pdftest.Pages(t, pdfOf(t, l))
		if len(pages) != 1 {
			t.Errorf("%s: %d pages, so that the title stands there twice", weight, len(pages))
		}
		for _, want := range all {
			if !strings.Contains(pages[0], want) {
				t.Errorf("%s: %s is not read back", weight, want)
			}
		}
	}
}

func TestLinesOf(t *testing.T) {
	t.Parallel()
	st := style{10, false}
	w := st.width("mmmmmmmmmm") // ten of the widest letter
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" \r\n\n", nil},
		{"mm mm", []string{"mm mm"}},
		{"mmmm mmmm mmmm", []string{"mmmm mmmm", "mmmm"}},
		{"mmmmmmmmmmmmmmmmmmmmmmm", []string{"mmmmmmmmmm", "mmmmmmmmmm", "mmm"}},
		{"mm mmmmmmmmmmmm m", []string{"mm", "mmmmmmmmmm", "mm m"}},
		{"m\n\nm", []string{"m", "", "m"}},
		{"m\r\nm", []string{"m", "m"}},
		{"e\u0301\u200b", []string{"é"}},
	} {
		if got := linesOf(c.text, w, st); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
	if got := linesOf("mmm", 0, st); !reflect.DeepEqual(got, []string{"m", "m", "m"}) {
		t.Errorf("without room: %q", got)
	}
}

// Accents that the font lacks are left out; of what it lacks altogether one is told.
func TestMissing(t *testing.T) {
	t.Parallel()
	if got := drawable("Việt, Łódź"); got != "Viêt, Łódź" && got != "Viet, Łódź" {
		t.Errorf("drawn as %q", got)
	}
	for text, want := range map[string]string{"Việt Łódź Иванов Ελλάς": "", "東京 Tokyo 東\n\u200b": "東京", "": ""} {
		if got := Missing(text); got != want {
			t.Errorf("of %q %q is missing, want %q", text, got, want)
		}
	}
}
