package contactrule

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nyaruka/phonenumbers"

	"dunwell/internal/customer"
	"dunwell/internal/memo"
)

//go:embed zones.txt
var zonesText string

// places are the zones of countries ("NO") and regions ("US-CA"), and the codes
// of regions by their names ("US-california").
var places = sync.OnceValue(func() (p struct {
	zones map[string][]string
	codes map[string]string
}) {
	p.zones, p.codes = map[string][]string{}, map[string]string{}
	for line := range strings.Lines(zonesText) {
		code, zones, _ := strings.Cut(strings.TrimSpace(line), " ")
		if code == "#" {
			continue
		}
		if name, rest, named := strings.Cut(strings.TrimPrefix(zones, "("), ") "); named {
			p.codes[code[:3]+strings.ToLower(name)] = code
			zones = rest
		}
		p.zones[code] = strings.Fields(zones)
	}
	return p
})

func isCountry(code string) bool { return len(places().zones[code]) > 0 }

// regionKey is the same for all ways to write a region: CA, US-CA, California.
func regionKey(country, region string) string {
	name := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(region), country+"-"))
	if code := places().codes[country+"-"+name]; code != "" {
		return code
	}
	return country + "-" + strings.ToUpper(name)
}

// addressZones are those in which the address may lie: of its region where that
// is known, else all of the country's.
func addressZones(c customer.Customer) []string {
	if c.Region != "" {
		if zones := places().zones[regionKey(c.Country, c.Region)]; len(zones) > 0 {
			return zones
		}
	}
	return places().zones[c.Country]
}

// numberZones are those in which a telephone may ring. A number that is tied to
// no place, as that of most mobile phones, says no more than its country does.
var numberZones = memo.Of(10_000, func(e164 string) []string {
	n, err := customer.E164(e164)
	if err != nil {
		return nil
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
	case phonenumbers.MOBILE:
		if !phonenumbers.GEO_MOBILE_COUNTRIES[n.GetCountryCode()] {
			return places().zones[phonenumbers.GetRegionCodeForNumber(n)]
		}
	default:
		return places().zones[phonenumbers.GetRegionCodeForNumber(n)]
	}
	zones, err := phonenumbers.GetTimezonesForNumber(n)
	if err != nil {
		return nil
	}
	return zones
})

// numberCountry is the country of a telephone number, empty where it has none.
func numberCountry(e164 string) string {
	n, err := customer.E164(e164)
	if err != nil {
		return ""
	}
	if code := phonenumbers.GetRegionCodeForNumber(n); isCountry(code) {
		return code
	}
	return ""
}

// zonesFor are the clocks that have to be looked at for a point, nil for the
// postal address: those that its number, the customer's own zone and the address
// suggest. One of them that is only wider than another says nothing more and is
// left out; where nothing is known, the tenant's zone counts.
func (f facts) zonesFor(p *customer.ContactPoint) []*time.Location {
	var id int64
	if p != nil {
		id = p.ID
	}
	zones, known := f.zones[id]
	if !known {
		zones = f.suggested(p)
		f.zones[id] = zones // reading a number takes long
	}
	return zones
}

func (f facts) suggested(p *customer.ContactPoint) []*time.Location {
	sources := [][]*time.Location{f.clocks(f.customer.TimeZone), f.clocks(addressZones(f.customer)...)}
	if p != nil && p.Kind == customer.Phone {
		sources = append(sources, f.clocks(numberZones(p.Value)...))
	}
	var all []*time.Location
	for _, s := range sources {
		wider := func(o []*time.Location) bool { return len(o) > 0 && len(o) < len(s) && f.within(o, s) }
		if !slices.ContainsFunc(sources, wider) {
			all = append(all, s...)
		}
	}
	if all = f.apart(all); len(all) == 0 {
		return []*time.Location{f.home}
	}
	return all
}

// clocks are the zones of those names that differ from one another now.
func (f facts) clocks(names ...string) (zones []*time.Location) {
	for _, name := range names {
		if zone := location(name); zone != nil {
			zones = append(zones, zone)
		}
	}
	return f.apart(zones)
}

// apart leaves the first of the zones whose clocks go alike.
func (f facts) apart(zones []*time.Location) (apart []*time.Location) {
	for _, zone := range zones {
		if !f.within([]*time.Location{zone}, apart) {
			apart = append(apart, zone)
		}
	}
	return apart
}

// within tells that each clock of some goes like one of others.
func (f facts) within(some, others []*time.Location) bool {
	for _, s := range some {
		if !slices.ContainsFunc(others, func(o *time.Location) bool { return f.gait(s) == f.gait(o) }) {
			return false
		}
	}
	return true
}

// gait is how a clock goes from now to its next change but one.
func (f facts) gait(zone *time.Location) (g struct{ now, next, change int64 }) {
	local := f.now.In(zone)
	_, offset := local.Zone()
	g.now, g.next = int64(offset), int64(offset)
	if _, end := local.ZoneBounds(); !end.IsZero() {
		_, offset = end.In(zone).Zone()
		g.next, g.change = int64(offset), end.Unix()
	}
	return g
}

var locations sync.Map // by name: reading one from disk takes long

// location is the zone of that name, nil where there is none.
func location(name string) *time.Location {
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil
	}
	locations.Store(name, zone)
	return zone
}
