package template

import (
	"regexp"
	"slices"
	"strings"
)

// lexeme is the smallest part of an expression.
type lexeme struct {
	kind rune // " string, 0 number, v name, = of sameness, < of size, | for | , :
	text string
}

// grammar finds the next lexeme: a string, a number, a name, a sign. The engine's
// own grammar has more, such as ranges, brackets and parentheses.
var grammar = regexp.MustCompile(`^\s*(?:("(?:[^"\\]|\\.)*"|'[^']*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)|([=!]=)|([<>]=?)|(\||,|:))`)

// kinds are those of grammar's groups.
const kinds = `"0v=<|`

func (c *checker) lex(s string) (list []lexeme, err error) {
	for s = strings.TrimSpace(s); s != ""; {
		m := grammar.FindStringSubmatchIndex(s)
		if m == nil {
			return nil, refuse(c.line, "“%.20s” is not understood here. Look for a missing quotation mark, or a sign that is none of == != < > <= >=.", strings.TrimSpace(s))
		}
		for group, kind := range kinds {
			if at := m[2*group+2]; at >= 0 {
				list = append(list, lexeme{kind, s[at:m[2*group+3]]})
			}
		}
		s = s[m[1]:]
	}
	return list, nil
}

// words mean something in an expression, so that nothing can be called by them.
var words = map[string]bool{"and": true, "or": true, "contains": true, "in": true, "true": true, "false": true, "nil": true}

// expression looks at the names and filters; that it is well formed the engine
// sees itself.
func (c *checker) expression(args string) error {
	list, err := c.lex(args)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return refuse(c.line, "nothing stands here. Name a variable, such as {{ customer.name }}.")
	}
	sign := func(i int) bool { return i >= 0 && i < len(list) && list[i].kind == '<' }
	for i := 0; i < len(list); i++ {
		switch l := list[i]; {
		case l.text == "|":
			end := i + 1
			for end < len(list) && list[end].text != "|" {
				end++
			}
			if err := c.filter(list[i+1 : end]); err != nil {
				return err
			}
			i = end - 1
		case l.text == ":":
			return refuse(c.line, "the colon stands where no filter is. Filters follow a |, as in {{ owner.name | default: \"nobody\" }}.")
		default:
			if err := c.operand(l, sign(i-1) || sign(i+1)); err != nil {
				return err
			}
		}
	}
	return nil
}

// operand is a name, or a value as written. sized tells that it stands beside a
// comparison of size, which only numbers answer.
func (c *checker) operand(l lexeme, sized bool) error {
	switch {
	case l.kind == '0' && len(l.text) > 9:
		return refuse(c.line, "the number %.20s is too long. Nine digits are the most.", l.text)
	case l.kind != 'v' || words[l.text]:
		return nil
	}
	v, there := c.names[l.text]
	switch {
	case !there:
		return refuse(c.line, "there is no variable %.60s. Look it up in the list of variables.", l.text)
	case v.Fields != nil:
		row, _, _ := strings.Cut(v.Fields[0].Name, ".")
		return refuse(c.line, "%s is a list. Go through it with {%% for %s in %s %%}.", l.text, row, l.text)
	case sized && !v.Number:
		return refuse(c.line, "%s is a text as it is written, so that nothing is larger or smaller. Compare days, such as oldest_days.", l.text)
	}
	return nil
}

// filter looks at a filter with its arguments, what follows a |.
func (c *checker) filter(list []lexeme) error {
	if len(list) == 0 || list[0].kind != 'v' {
		return refuse(c.line, "no filter follows the |. There are %s.", filterNames())
	}
	at := slices.IndexFunc(Filters, func(f Filter) bool { return f.Name == list[0].text })
	if at < 0 {
		return refuse(c.line, "there is no filter %.40s. There are %s.", list[0].text, filterNames())
	}
	shape := ""
	for _, l := range list[1:] {
		if l.kind == '|' {
			shape += l.text
			continue
		}
		shape += string(l.kind)
		if err := c.operand(l, false); err != nil {
			return err
		}
	}
	if !slices.Contains(Filters[at].shapes, shape) {
		return refuse(c.line, "the filter %s is written %s.", Filters[at].Name, Filters[at].Example)
	}
	return nil
}
