package importer

import (
	"fmt"
	"strings"
	"time"

	"dunwell/internal/day"
)

// dates reads the days of one file. Either the map's format says how, or only
// what cannot be read in two ways is taken; then the first clear day settles
// the order of the parts for the whole file.
type dates struct {
	format  []token // nil: by order
	order   order
	settled string // the value that settled the order
}

// order is which part stands where: "ymd", "dmy" or "mdy".
type order string

const (
	ymd order = "ymd"
	dmy order = "dmy"
	mdy order = "mdy"
)

var orderSays = map[order]string{ymd: "the year first", dmy: "the day first", mdy: "the month first"}

// token is a part of a format: y, m or d with its digits, or a literal.
type token struct {
	part   byte // 0: the literal
	digits int  // 1: one or two
	text   string
}

// parseFormat reads a format such as D.M.YYYY.
func parseFormat(s string) ([]token, error) {
	var out []token
	seen := map[byte]int{}
	for rest := s; rest != ""; {
		n := 1
		for n < len(rest) && rest[n] == rest[0] {
			n++
		}
		switch part := rest[:n]; part {
		case "YYYY", "YY", "MM", "M", "DD", "D":
			p := part[0] | 0x20
			out = append(out, token{part: p, digits: n})
			seen[p]++
		default:
			out = append(out, token{text: part})
		}
		rest = rest[n:]
	}
	if seen['y'] != 1 || seen['m'] != 1 || seen['d'] != 1 {
		return nil, unusable("The map's date_format is %q: write it with YYYY or YY, MM or M, and DD or D, each once.", s)
	}
	return out, nil
}

func newDates(format string) (*dates, error) {
	if format == "" {
		return &dates{}, nil
	}
	tokens, err := parseFormat(format)
	return &dates{format: tokens, settled: format}, err
}

// open tells that the order is still to be found.
func (d *dates) open() bool { return d.format == nil && d.order == "" }

// learn settles the order from a value that can be read in one way only.
func (d *dates) learn(s string) {
	if !d.open() {
		return
	}
	if ways := readings(s); len(ways) == 1 {
		for o := range ways {
			d.order, d.settled = o, s
		}
	}
}

// sayHow is the way out where a date cannot be read.
const sayHow = "say how dates are written, beside the columns."

// parse reads a day, or says why it is refused.
func (d *dates) parse(s string) (day.Day, string) {
	if d.format != nil {
		if v, ok := byFormat(d.format, s); ok {
			return v, ""
		}
		return day.Day{}, fmt.Sprintf("This is not a date written as %s, which was chosen for this file.", d.settled)
	}
	for _, f := range loose[d.order] {
		if v, ok := byFormat(f, s); ok {
			return v, ""
		}
	}
	ways := readings(s)
	if len(ways) == 0 {
		return day.Day{}, "This is no day of the calendar from 1900 to 2199, or its year has not four digits. If it is a day, " + sayHow
	}
	if d.order != "" {
		return day.Day{}, fmt.Sprintf("This date contradicts %s, the first clear one in the file, which has %s. Write all dates in one way.", d.settled, orderSays[d.order])
	}
	if v, ok := onlyDay(ways); ok {
		return v, ""
	}
	return day.Day{}, fmt.Sprintf("This date can be read in two ways, as %s or as %s. Please %s", ways[dmy].Long(), ways[mdy].Long(), sayHow)
}

// onlyDay is the day that all readings agree on.
func onlyDay(ways map[order]day.Day) (only day.Day, ok bool) {
	for _, v := range ways {
		if !only.IsZero() && v != only {
			return day.Day{}, false
		}
		only = v
	}
	return only, !only.IsZero()
}

// readings are the days that the text can mean, by the order of its parts. The
// year has four digits; between the parts stands - / or . or nothing at all.
func readings(s string) map[order]day.Day {
	out := map[order]day.Day{}
	for o, formats := range loose {
		for _, f := range formats {
			if v, ok := byFormat(f, s); ok {
				out[o] = v
				break
			}
		}
	}
	return out
}

var loose = func() map[order][][]token {
	written := map[order]string{
		ymd: "YYYY-M-D YYYY/M/D YYYY.M.D YYYYMMDD",
		dmy: "D.M.YYYY D/M/YYYY D-M-YYYY DDMMYYYY",
		mdy: "M/D/YYYY M-D-YYYY M.D.YYYY MMDDYYYY",
	}
	out := map[order][][]token{}
	for o, formats := range written {
		for _, f := range strings.Fields(formats) {
			tokens, err := parseFormat(f)
			if err != nil {
				panic(err)
			}
			out[o] = append(out[o], tokens)
		}
	}
	return out
}()

// byFormat reads s, all of it, by the tokens.
func byFormat(tokens []token, s string) (day.Day, bool) {
	var y, m, d int
	for _, t := range tokens {
		if t.part == 0 {
			rest, ok := strings.CutPrefix(s, t.text)
			if !ok {
				return day.Day{}, false
			}
			s = rest
			continue
		}
		n, v := digits(s, t.digits)
		if n == 0 {
			return day.Day{}, false
		}
		s = s[n:]
		switch t.part {
		case 'y':
			y = v
			if t.digits == 2 { // 69 to 99 were, 00 to 68 will be
				y += 1900 + 100*((168-v)/100)
			}
		case 'm':
			m = v
		case 'd':
			d = v
		}
	}
	if s != "" || y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1 || d > 31 {
		return day.Day{}, false
	}
	v := day.New(y, time.Month(m), d)
	_, month, _ := v.Date()
	return v, int(month) == m // the 30th of February is in March
}

// digits reads exactly so many, or one or two where that is 1.
func digits(s string, exactly int) (n, v int) {
	most := max(exactly, 2)
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		v = v*10 + int(s[n]-'0')
		n++
	}
	if n < exactly {
		return 0, 0
	}
	return n, v
}
