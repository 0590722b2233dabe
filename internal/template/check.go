package template

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/osteele/liquid/parser"
)

// What a text can be made of keeps its cost down to its own length times the
// rows of one list: there are no counted loops, no loops within loops, no other
// texts taken in, nothing is assigned, and no filter makes a text longer than
// its arguments.

// ends says which tag ends a block.
var ends = map[string]string{"if": "endif", "unless": "endunless", "case": "endcase", "for": "endfor", "comment": "endcomment"}

// parts says within which blocks a tag divides.
var parts = map[string][]string{"else": {"if", "unless", "case", "for"}, "elsif": {"if"}, "when": {"case"}}

// block is one that is open.
type block struct {
	tag  string
	line int
}

// checker goes through a text once, from its beginning to its end.
type checker struct {
	line  int
	open  []block             // the innermost last
	names map[string]Variable // what may stand in a place here
	read  int                 // bytes of it
	began int                 // where in it the loop began that is open
	worst block               // the longest loop
	size  int                 // its bytes
}

// check refuses what the engine would take for text, or only miss when a text is
// filled, and all that is not on our lists. It tells in which line the longest
// loop begins.
func check(src string) (loop int, err error) {
	c := checker{names: maps.Clone(known)}
	for _, tok := range parser.Scan(src, parser.SourceLoc{LineNo: 1}, nil) {
		c.line = tok.SourceLoc.LineNo
		if err := c.token(tok); err != nil {
			return 0, err
		}
		c.read += len(tok.Source)
	}
	if b := c.within(); b.tag != "" {
		return 0, refuse(b.line, "{%% %s %%} is not ended. Write {%% %s %%} where it ends.", b.tag, ends[b.tag])
	}
	return c.worst.line, nil
}

// within is the innermost open block, the zero one outside of all.
func (c *checker) within() block {
	if len(c.open) == 0 {
		return block{}
	}
	return c.open[len(c.open)-1]
}

func (c *checker) token(tok parser.Token) error {
	if c.within().tag == "comment" {
		if tok.Type == parser.TagTokenType && tok.Name == "endcomment" {
			c.open = c.open[:len(c.open)-1]
		}
		return nil
	}
	switch tok.Type {
	case parser.TextTokenType:
		return c.text(tok.Source)
	case parser.ObjTokenType:
		return c.expression(tok.Args)
	case parser.TagTokenType:
		return c.tag(tok.Name, tok.Args)
	}
	return nil
}

// brace is half of a place, which the engine takes for text where the other half
// is missing.
var brace = regexp.MustCompile(`\{\{|\{%|\}\}|%\}`)

func (c *checker) text(s string) error {
	at := brace.FindStringIndex(s)
	if at == nil {
		return nil
	}
	line := c.line + strings.Count(s[:at[0]], "\n")
	return refuse(line, "%s stands alone. A place is written {{ customer.name }} in one line, a condition {%% if owner.name %%}.", s[at[0]:at[1]])
}

func (c *checker) tag(name, args string) error {
	in := c.within()
	switch {
	case parts[name] != nil:
		if !slices.Contains(parts[name], in.tag) {
			return refuse(c.line, "{%% %s %%} stands where nothing is to be divided: it belongs within %s.", name, strings.Join(parts[name], ", "))
		}
		if name == "else" {
			return c.bare(name, args)
		}
		return c.expression(args)
	case ends[name] != "":
		return c.begin(name, args)
	case strings.HasPrefix(name, "end"):
		return c.end(name, args)
	}
	return refuse(c.line, "there is no {%% %s %%} here. There are if, unless, case, for and comment.", name)
}

func (c *checker) begin(name, args string) error {
	c.open = append(c.open, block{name, c.line})
	switch name {
	case "for":
		c.began = c.read
		return c.loop(args)
	case "comment":
		return nil
	}
	return c.expression(args)
}

func (c *checker) end(name, args string) error {
	in := c.within()
	switch {
	case in.tag == "":
		return refuse(c.line, "{%% %s %%} ends nothing: nothing was begun before it.", name)
	case ends[in.tag] != name:
		return refuse(c.line, "{%% %s %%} comes too early: {%% %s %%} of line %d is not ended yet.", name, in.tag, in.line)
	}
	c.open = c.open[:len(c.open)-1]
	if name == "endfor" {
		c.names = maps.Clone(known)
		if n := c.read - c.began; n > c.size {
			c.size, c.worst = n, in
		}
	}
	return c.bare(name, args)
}

func (c *checker) bare(name, args string) error {
	if args != "" {
		return refuse(c.line, "{%% %s %%} stands by itself: take out “%.40s”.", name, args)
	}
	return nil
}

// loops is how a loop is written: over a whole list, from its beginning.
var loops = regexp.MustCompile(`^([a-z][a-z_]*)\s+in\s+([\w.-]+)$`)

func (c *checker) loop(args string) error {
	m := loops.FindStringSubmatch(args)
	if m == nil {
		return refuse(c.line, "a loop is written {%% for figure in figures %%}, with nothing more.")
	}
	list, there := known[m[2]]
	if _, taken := known[m[1]]; taken || words[m[1]] || strings.HasPrefix(m[1], "forloop") {
		return refuse(c.line, "%s is a name already. Call what the loop goes through otherwise, such as figure.", m[1])
	}
	if !there || list.Fields == nil {
		return refuse(c.line, "%.60s is no list, so no loop can go through it.", m[2])
	}
	for _, b := range c.open[:len(c.open)-1] {
		if b.tag == "for" {
			return refuse(c.line, "a loop cannot stand within another one, begun in line %d.", b.line)
		}
	}
	for _, f := range list.Fields {
		_, field, _ := strings.Cut(f.Name, ".")
		c.names[m[1]+"."+field] = f
	}
	for _, f := range inLoop {
		c.names[f.Name] = f
	}
	return nil
}
