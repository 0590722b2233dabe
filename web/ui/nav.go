package ui

import (
	"strings"

	"dunwell/internal/tenant"
)

// place is an entry of the navigation.
type place struct {
	label, url, icon string
	// part is the beginning of the paths that belong to it.
	part string
	role tenant.Role
}

var places = []place{
	{"My day", "/", "sun", "/", tenant.Collector},
	{"Customers", "/customers", "users", "/customers", tenant.Collector},
	{"Ageing", "/reports/ageing", "chart-bar", "/reports", tenant.Collector},
	{"Outbox", "/outbox", "send", "/outbox", tenant.Manager},
	{"Imports", "/imports", "upload", "/imports", tenant.Manager},
	{"Admin", "/admin", "settings", "/admin", tenant.Manager},
}

// places lists where the person may go.
func (p Page) places() []place {
	var list []place
	for _, pl := range places {
		if p.Actor != nil && p.Actor.Is(pl.role) {
			list = append(list, pl)
		}
	}
	return list
}

func (pl place) holds(path string) bool {
	return path == pl.part || strings.HasPrefix(path, pl.part+"/") && pl.part != "/"
}

func (p Page) mayImport() bool { return p.Actor.Is(tenant.Manager) }
