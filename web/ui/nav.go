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
	// count is what waits there; empty: nothing, or it is not counted.
	count string
}

var places = []place{
	{label: "My day", url: "/", icon: "sun", part: "/", role: tenant.Collector},
	{label: "Diary", url: "/diary", icon: "calendar", part: "/diary", role: tenant.Collector},
	{label: "Agenda", url: "/agenda", icon: "list-check", part: "/agenda", role: tenant.Collector},
	{label: "Inbox", url: "/inbox", icon: "inbox", part: "/inbox", role: tenant.Collector},
	{label: "Cases", url: "/cases", icon: "folder", part: "/cases", role: tenant.Collector},
	{label: "Promises", url: "/promises", icon: "coin", part: "/promises", role: tenant.Collector},
	{label: "Customers", url: "/customers", icon: "users", part: "/customers", role: tenant.Collector},
	{label: "Statements", url: "/statements", icon: "printer", part: "/statements", role: tenant.Manager},
	{label: "Ageing", url: "/reports/ageing", icon: "chart-bar", part: "/reports", role: tenant.Collector},
	{label: "Outbox", url: "/outbox", icon: "send", part: "/outbox", role: tenant.Manager},
	{label: "Imports", url: "/imports", icon: "upload", part: "/imports", role: tenant.Manager},
	{label: "Admin", url: "/admin", icon: "settings", part: "/admin", role: tenant.Manager},
}

// places lists where the person may go.
func (p *Page) places() []place {
	list := make([]place, 0, len(places))
	for _, pl := range places {
		if p.Actor != nil && p.Actor.Is(pl.role) {
			if pl.part == "/agenda" {
				pl.count = p.Agenda
			}
			list = append(list, pl)
		}
	}
	return list
}

func (pl place) holds(path string) bool {
	return path == pl.part || strings.HasPrefix(path, pl.part+"/") && pl.part != "/"
}

func (p *Page) mayImport() bool { return p.Actor.Is(tenant.Manager) }
