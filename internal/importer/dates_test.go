package importer

import (
	"strings"
	"testing"
)

func TestDatesByFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ format, text, want string }{
		{"M/D/YYYY", "1/2/2013", "2013-01-02"},
		{"M/D/YYYY", "01/02/2013", "2013-01-02"},
		{"M/D/YYYY", "12/31/2013", "2013-12-31"},
		{"M/D/YYYY", "13/1/2013", ""},
		{"M/D/YYYY", "1/2/13", ""},
		{"M/D/YYYY", "1-2-2013", ""},
		{"M/D/YYYY", "1/2/2013 0:00", ""},
		{"D.M.YYYY", "1.2.2013", "2013-02-01"},
		{"DD.MM.YY", "01.02.69", "1969-02-01"},
		{"DD.MM.YY", "01.02.68", "2068-02-01"},
		{"DD.MM.YY", "01.02.00", "2000-02-01"},
		{"DD.MM.YY", "01.02.99", "1999-02-01"},
		{"DD.MM.YY", "1.02.99", ""},
		{"YYYYMMDD", "20240229", "2024-02-29"},
		{"YYYYMMDD", "20230229", ""},
		{"YYYY-MM-DD", "2024-00-01", ""},
		{"YYYY-MM-DD", "1899-12-31", ""},
		{"YYYY-MM-DD", "2200-01-01", ""},
		{"YYYY-MM-DD", "", ""},
	} {
		d, err := newDates(c.format)
		if err != nil {
			t.Fatal(err)
		}
		got, reason := d.parse(c.text)
		if got.String() != c.want || (reason == "") != (c.want != "") {
			t.Errorf("%q as %s = %s (%s), want %q", c.text, c.format, got, reason, c.want)
		}
	}
}

func TestDateFormatsRefused(t *testing.T) {
	t.Parallel()
	for _, f := range []string{"DD.MM", "YYYY-MM-MM", "MMM D YYYY", "YYY-M-D", "dd.mm.yyyy", "D/M/YYYY YY"} {
		if _, err := newDates(f); err == nil || !strings.Contains(err.Error(), "date_format") {
			t.Errorf("%q: %v, want it refused", f, err)
		}
	}
}

// Without a format the first clear day settles the order for the file.
func TestDatesByThemselves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string // the file's dates in order
		text, want string // want is the day, or a part of the reason
	}{
		{"year first", "", "2013-06-30", "2013-06-30"},
		{"year first with slashes", "", "2013/6/30", "2013-06-30"},
		{"year first packed", "", "20130630", "2013-06-30"},
		{"only a day can be 31", "", "31/12/2013", "2013-12-31"},
		{"only a month can be 12", "", "12/31/2013", "2013-12-31"},
		{"two ways", "", "3/4/2013", "two ways, as Wed 3 Apr 2013 or as Mon 4 Mar 2013"},
		{"two ways with dots", "", "03.04.2013", "two ways"},
		{"packed, two ways", "", "03042013", "two ways"},
		{"the same both ways", "", "5/5/2013", "2013-05-05"},
		{"a year of two digits", "", "31.12.13", "four digits"},
		{"no date", "", "soon", "no day of the calendar"},
		{"no such day", "", "30.02.2013", "no day of the calendar"},
		{"settled by a later row", "3/4/2013 25/4/2013", "3/4/2013", "2013-04-03"},
		{"settled the other way", "3/4/2013 4/25/2013", "3/4/2013", "2013-03-04"},
		{"the first clear one counts", "25/4/2013 4/25/2013", "3/4/2013", "2013-04-03"},
		{"clear but against the file", "25/4/2013", "4/25/2013", "contradicts 25/4/2013, the first clear one in the file, which has the day first"},
		{"another sign, the same order", "25/4/2013", "26.4.2013", "2013-04-26"},
		{"year first against day first", "25/4/2013", "2013-04-26", "contradicts"},
		{"two ways against year first", "2013-04-25", "3/4/2013", "contradicts"},
	} {
		d, err := newDates("")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range strings.Fields(c.file) {
			d.learn(s)
		}
		got, reason := d.parse(c.text)
		if said := got.String() + reason; !strings.Contains(said, c.want) || (reason == "") != (len(c.want) == 10 && c.want[4] == '-') {
			t.Errorf("%s: %q = %s %q, want %q", c.name, c.text, got, reason, c.want)
		}
	}
}
