package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Limit counts what one household or office asks for in a minute of an address that
// needs no sign-in. Each program counts by itself.
type Limit struct {
	Most int // a minute

	mu    sync.Mutex
	since time.Time
	asked map[string]int // by network, since then
}

// Allow counts a request, and tells whether it is one too many.
func (l *Limit) Allow(r *http.Request) bool { return l.allow(network(r.RemoteAddr), time.Now()) }

func (l *Limit) allow(from string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.since) > time.Minute {
		l.since, l.asked = now, map[string]int{}
	}
	l.asked[from]++
	return l.asked[from] <= l.Most
}

// network is what requests are counted by: an address, of IPv6 the 64 bits that one
// household or office has.
func network(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	net, _ := ip.Prefix(64)
	return net.String()
}
