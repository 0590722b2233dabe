package template_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"dunwell/internal/template"
)

func fill(t *testing.T, src string) string {
	t.Helper()
	text, err := template.Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	out, err := text.Fill(t.Context(), template.Example())
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return out
}

func TestFill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		{"", ""},
		{"100 % of it, {one brace} & <b>no HTML</b>\n", "100 % of it, {one brace} & <b>no HTML</b>\n"},
		{"Ask {{ customer.name }} for {{ to_collect }}.", "Ask Meridian Foods AS for EUR 12,310.00."},
		{"{{customer.city|upcase}} {{ customer.kind | downcase | upcase }}", "BERGEN BUSINESS"},
		{"{{ customer.name | truncate: 11 }}", "Meridian..."},
		{`{{ oldest_days }} {{ oldest_days | pluralize: "day", "days" }}`, "43 days"},
		{`{{ owner.name | default: "nobody" }}, {{ owner.name | default: customer.name }}`, "Ingrid Solberg, Ingrid Solberg"},
		{"{% if oldest_days > 30 and customer.kind == 'business' %}late{% elsif oldest_days > 0 %}soon{% else %}no{% endif %}", "late"},
		{"{% if customer.kind == \"consumer\" or oldest_days <= 9 %}late{% elsif oldest_days >= 43 %}soon{% else %}no{% endif %}", "soon"},
		{"{% unless owner.name %}Nobody works it.{% else %}{{ owner.name }}{% endunless %}", "Ingrid Solberg"},
		{"{% case customer.kind %}{% when 'consumer' %}you{% when 'business', 'firm' %}your company{% else %}-{% endcase %}", "your company"},
		{"{% if customer.name contains 'Foods' %}food{% endif %}", "food"},
		{"{% for f in figures %}{{ f.currency }} {{ f.open }}{% unless forloop.last %}, {% endunless %}{% else %}nothing{% endfor %}", "EUR EUR 31,207.25, SEK SEK 9,120.00"},
		{"{% for f in figures %}{{ forloop.index }}{% endfor %}{% for g in figures %}{{ g.oldest_days }} {% endfor %}{{ figures.size }}", "1243 0 2"},
		{"a{% comment %} {{ nobody }} {% if %} {% endcomment %}b", "ab"},
		{"a \n {%- if oldest_days > 0 -%} \n b {{- customer.number -}} \n{% endif %}", "abC-10482"},
	} {
		if got := fill(t, c.src); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.src, got, c.want)
		}
	}
}

// Every variable can stand in a place, and every example of the two lists can be
// written as it stands there.
func TestDocumented(t *testing.T) {
	t.Parallel()
	for _, v := range template.Variables {
		if v.Fields == nil {
			if got := fill(t, "{{ "+v.Name+" }}"); got != v.Example {
				t.Errorf("%s is filled with %q, want its example %q", v.Name, got, v.Example)
			}
			continue
		}
		for _, f := range v.Fields {
			row, _, _ := strings.Cut(f.Name, ".")
			if got := fill(t, "{% for "+row+" in "+v.Name+" %}{{ "+f.Name+" }}|{% endfor %}"); !strings.HasPrefix(got, f.Example+"|") {
				t.Errorf("%s is filled with %q, want its example %q first", f.Name, got, f.Example)
			}
		}
		if got := fill(t, v.Example); got == v.Example {
			t.Errorf("the example of %s stays as it is: %q", v.Name, got)
		}
	}
	for _, f := range template.Filters {
		if got := fill(t, f.Example); got == "" || strings.Contains(got, "{") {
			t.Errorf("the example of %s is filled with %q", f.Name, got)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		// What the engine would take for text.
		{"one\ntwo {{ customer.name", "Line 2: {{ stands alone."},
		{"customer.name }}", "Line 1: }} stands alone."},
		{"{{ customer.name\n| upcase }}", "Line 1: {{ stands alone."},
		{"a\n\n{% if overdue", "Line 3: {% stands alone."},
		{"{% %}", "Line 1: {% stands alone."},
		// Names.
		{"a\n{{ customer.nmae }}", "Line 2: there is no variable customer.nmae."},
		{"{{ customer }}", "there is no variable customer."},
		{"{{ customer.name.first }}", "there is no variable customer.name.first."},
		{"{{ figure.overdue }}", "there is no variable figure.overdue."},
		{"{% for f in figures %}{% endfor %}{{ f.overdue }}", "there is no variable f.overdue."},
		{"{% for f in figures %}{% else %}{% endfor %}{{ forloop.last }}", "there is no variable forloop.last."},
		{"{{ figures }}", "figures is a list."},
		{"{% if oldest_days > overdue %}{% endif %}", "overdue is a text as it is written"},
		{"{% if owner %}{% endif %}", "there is no variable owner."},
		// Filters.
		{"{{ customer.name | reverse }}", "there is no filter reverse. There are default, pluralize, truncate, upcase, downcase."},
		{"{{ customer.name | }}", "no filter follows the |."},
		{"{{ customer.name | truncate: 'x' }}", "the filter truncate is written {{ customer.name | truncate: 20 }}."},
		{"{{ customer.name | truncate }}", "the filter truncate is written"},
		{"{{ customer.name | upcase: 3 }}", "the filter upcase is written"},
		{"{{ customer.name | default: nobody }}", "there is no variable nobody."},
		{"{{ customer.name: 3 }}", "the colon stands where no filter is."},
		// Expressions.
		{"{{ }}", "nothing stands here."},
		{"{% if %}{% endif %}", "nothing stands here."},
		{"{{ 'open }}", "“'open” is not understood here."},
		{"{{ customer['name'] }}", "“['name']” is not understood here."},
		{"{{ (1..9) }}", "“(1..9)” is not understood here."},
		{"{{ customer.name; }}", "“;” is not understood here."},
		{"{{ 12345678901234567890 }}", "the number 12345678901234567890 is too long."},
		{"a\n{{ customer.name overdue }}", "Line 2: this place cannot be read."},
		{"{% if overdue == %}{% endif %}", "Line 1: this place cannot be read."},
		{"{{ 'a' | default: 'b' == 'b' }}", "the filter default is written"},
		// Blocks.
		{"a\n{% if oldest_days %}\nb", "Line 2: {% if %} is not ended. Write {% endif %} where it ends."},
		{"a\n{% comment %}\nb", "Line 2: {% comment %} is not ended."},
		{"{% endif %}", "{% endif %} ends nothing"},
		{"{% if overdue %}\n{% for f in figures %}\n{% endif %}{% endfor %}", "Line 3: {% endif %} comes too early: {% for %} of line 2 is not ended yet."},
		{"{% if overdue %}{% endif overdue %}", "{% endif %} stands by itself"},
		{"{% if overdue %}{% else overdue %}{% endif %}", "{% else %} stands by itself"},
		{"{% else %}", "{% else %} stands where nothing is to be divided"},
		{"{% unless overdue %}{% elsif open %}{% endunless %}", "{% elsif %} stands where nothing is to be divided: it belongs within if."},
		{"{% when 'a' %}", "it belongs within case."},
		// Loops.
		{"{% for f in figures limit: 3 %}{% endfor %}", "a loop is written"},
		{"{% for f in (1..1000000) %}{% endfor %}", "a loop is written"},
		{"{% for f in customer.name %}{% endfor %}", "customer.name is no list"},
		{"{% for f in applications %}{% endfor %}", "applications is no list"},
		{"{{ items }}", "items is a list. Go through it with {% for item in items %}."},
		{"{% for f in items %}{{ f.overdue }}{% endfor %}", "there is no variable f.overdue."},
		{"{{ items_more.size }}", "there is no variable items_more.size."},
		{"{% for open in figures %}{% endfor %}", "open is a name already."},
		{"{% for forloop in figures %}{% endfor %}", "forloop is a name already."},
		{"{% for and in figures %}{% endfor %}", "and is a name already."},
		{"{% for a in figures %}\n{% for b in figures %}{% endfor %}{% endfor %}", "Line 2: a loop cannot stand within another one, begun in line 1."},
		// What Liquid has besides.
		{"{% include 'other' %}", "there is no {% include %} here."},
		{"{% render 'other' %}", "there is no {% render %} here."},
		{"{% assign x = 1 %}", "there is no {% assign %} here."},
		{"{% capture x %}{% endcapture %}", "there is no {% capture %} here."},
		{"{% raw %}{% endraw %}", "there is no {% raw %} here."},
		{"{% tablerow f in figures %}{% endtablerow %}", "there is no {% tablerow %} here."},
		{"{% cycle 'a', 'b' %}", "there is no {% cycle %} here."},
		{"{% break %}", "there is no {% break %} here."},
		{strings.Repeat("x", template.MaxSource+1), "This has 20001 bytes, and a text holds 20000."},
	} {
		_, err := template.Parse(c.src)
		var no template.Refusal
		if !errors.As(err, &no) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s\n got %v\nwant %s", c.src, err, c.want)
		}
	}
}

// What is taken is filled within its bounds, however it was meant.
func TestBounds(t *testing.T) {
	t.Parallel()
	full := func(head, part, foot string) string {
		return head + strings.Repeat(part, (template.MaxSource-len(head)-len(foot))/len(part)) + foot
	}
	for name, src := range map[string]string{
		"words in a loop":      full("{% for f in figures %}", "word ", "{% endfor %}"),
		"places in a loop":     full("{% for f in figures %}", "{{f.open}}", "{% endfor %}"),
		"items in a loop":      full("{% for i in items %}", "{{i.number}}{{i.due}}", "{% endfor %}"),
		"silence in a loop":    full("{% for f in figures %}", "{%if f.open=='a'%}{%endif%}", "{% endfor %}"),
		"one long condition":   full("{% for f in figures %}{% if 1 == 1", " and 1 == 1", " %}{% endif %}{% endfor %}"),
		"one long filter":      full("{% for f in figures %}{{ f.open", "|upcase", " }}{% endfor %}"),
		"nested conditions":    strings.Repeat("{%if open%}", 900) + "x" + strings.Repeat("{%endif%}", 900),
		"loop after loop":      full("", "{%for f in figures%}{{f.open}}{%endfor%}", ""),
		"a comment of tags":    full("{% comment %}", "{%for x in y%}", "{% endcomment %}"),
		"braces without end":   full("", "{{", ""),
		"tags without end":     full("", "{%if ", ""),
		"quotes without end":   full("{{ ", `"`, " }}"),
		"a long search of one": "{% if '" + strings.Repeat("a", 9000) + "b' contains '" + strings.Repeat("a", 9000) + "c' %}{% endif %}",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			out := ""
			text, err := template.Parse(src)
			if err == nil {
				out, err = text.Fill(t.Context(), template.Crowded(t))
			}
			if err != nil && !errors.As(err, new(template.Refusal)) {
				t.Errorf("it fails instead of being refused: %v", err)
			}
			if len(out) > template.MaxOutput {
				t.Errorf("%d bytes are filled", len(out))
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("it takes %v", took)
			}
		})
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	many := template.Crowded(t)
	loop := "{% for f in figures %}" + strings.Repeat("word ", 3000) + "{% endfor %}"
	for src, want := range map[string]string{
		loop: "Line 1: the text becomes longer than the 64 kB that it may have. Shorten what is repeated here.",
		"{% for f in figures %}x{% endfor %}\n\n" + loop + "{% for i in items %}y{% endfor %}": "Line 3: the text becomes longer",
		strings.Repeat("{{ account.numbers }}", 900):                                           "The text becomes longer than the 64 kB that it may have. Shorten it.",
	} {
		text, err := template.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		out, err := text.Fill(t.Context(), many)
		if out != "" || !errors.As(err, new(template.Refusal)) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40s: got %d bytes, %v; want %s", src, len(out), err, want)
		}
	}
}

// A text that nobody waits for is given up, and nothing goes on behind.
func TestGivenUp(t *testing.T) {
	text, err := template.Parse("{% for f in figures %}{{ f.open }}{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		if out, err := text.Fill(ctx, template.Example()); out != "" || !errors.Is(err, context.Canceled) {
			t.Errorf("got %q, %v", out, err)
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}

func TestFilledByMany(t *testing.T) {
	t.Parallel()
	text, err := template.Parse("{% for f in figures %}{{ f.open }}{{ forloop.index }} {% endfor %}{{ owner.name }}")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for range 100 {
				out, err := text.Fill(t.Context(), template.Example())
				if want := "EUR 31,207.251 SEK 9,120.002 Ingrid Solberg"; out != want || err != nil {
					t.Fatalf("got %q, %v", out, err)
				}
			}
		})
	}
}

// FuzzText: whatever is typed is refused or filled, and never breaks.
func FuzzText(f *testing.F) {
	for _, v := range template.Variables {
		f.Add("a {{ " + v.Name + " | default: \"x\" }}\n" + v.Example)
	}
	for _, v := range template.Filters {
		f.Add(v.Example + "{% if oldest_days > 3 and open contains 'x' or 1.5 <= -2 %}{% elsif nil %}{% else %}{% endif %}")
	}
	f.Add("{% case open %}{% when 'a', 'b' or 3 %}{% else %}{% endcase %}{%- unless true -%}{%endunless%}{% comment %}{{{% endcomment %}")
	f.Add("{{ \"\\\"\" | truncate: -1 }}{{ 1 | upcase }}{{ nil | downcase }}{{ true | truncate: 2 }}")
	f.Fuzz(func(t *testing.T, src string) {
		text, err := template.Parse(src)
		if err != nil {
			if !errors.As(err, new(template.Refusal)) {
				t.Fatal(err)
			}
			return
		}
		if _, err := text.Fill(t.Context(), template.Example()); err != nil && !errors.As(err, new(template.Refusal)) {
			t.Fatal(err)
		}
	})
}
