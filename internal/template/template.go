// Package template has texts that an administrator writes in Liquid, with places
// for the figures of a customer as they stand when the text is filled. It makes
// plain text: it neither escapes for HTML nor keeps, sends or chooses texts.
package template

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/osteele/liquid"
)

// MaxSource is how many bytes a text may have as written, MaxOutput as filled.
const (
	MaxSource = 20_000
	MaxOutput = 64 << 10
)

// Refusal says in a sentence, for who wrote the text, why it is not taken and in
// which line.
type Refusal string

func (r Refusal) Error() string { return string(r) }

func refuse(line int, format string, args ...any) error {
	return Refusal(fmt.Sprintf("Line %d: ", line) + fmt.Sprintf(format, args...))
}

// engine knows more of Liquid than check lets through: what can run long, grow
// without end or read other texts is refused before it comes here.
var engine = liquid.NewEngine()

// Text is a text that was found good. It may be filled by several at once.
type Text struct {
	parsed *liquid.Template
	loop   int // the line in which the longest loop begins; 0: there is none
}

// Parse reads a text. What it takes can be filled for every customer in bounded
// time; else its error is a Refusal.
func Parse(src string) (*Text, error) {
	if len(src) > MaxSource {
		return nil, Refusal(fmt.Sprintf("This has %d bytes, and a text holds %d. Shorten it.", len(src), MaxSource))
	}
	loop, err := check(src)
	if err != nil {
		return nil, err
	}
	parsed, bad := engine.ParseTemplateLocation([]byte(src), "", 1)
	if bad != nil {
		return nil, refuse(bad.LineNumber(), "this place cannot be read. Look for a missing quotation mark, comma or comparison.")
	}
	return &Text{parsed, loop}, nil
}

// Fill puts the values into their places. A text that grows beyond MaxOutput is
// answered with a Refusal.
func (t *Text) Fill(ctx context.Context, v Values) (string, error) {
	out := bounded{ctx: ctx}
	err := t.parsed.FRender(&out, v.bindings())
	switch {
	case err == nil:
		return out.String(), nil
	case errors.Is(err, errTooLong) && t.loop > 0:
		return "", refuse(t.loop, "the text becomes longer than the %d kB that it may have. Shorten what is repeated here.", MaxOutput>>10)
	case errors.Is(err, errTooLong):
		return "", Refusal(fmt.Sprintf("The text becomes longer than the %d kB that it may have. Shorten it.", MaxOutput>>10))
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	return "", fmt.Errorf("fill a text: %w", err)
}

var errTooLong = errors.New("too long")

// bounded takes what is written up to MaxOutput, and nothing more once nobody
// waits for it.
type bounded struct {
	strings.Builder
	ctx context.Context
}

func (b *bounded) Write(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.Len()+len(p) > MaxOutput {
		return 0, errTooLong
	}
	return b.Builder.Write(p)
}
