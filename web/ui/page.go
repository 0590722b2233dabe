// Package ui has the templ components that all screens share: the layout, form
// fields, chips, money and dates. They take plain values and show them; they
// query nothing and decide nothing.
package ui

import (
	"context"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Page is what the layout shows around every page. It travels in the context,
// filled once a request.
type Page struct {
	// Actor is nil where nobody is signed in.
	Actor *tenant.Actor
	// Several tells that the person is a member of other companies too.
	Several bool
	// Path is the path of the request; the navigation marks its own part of it.
	Path string
	// URL is the path with its query, to come back to; empty where the page answers
	// a form that was sent.
	URL string
	// Theme is "light" or "dark" as chosen; empty follows the system.
	Theme string
	// Flash is said once. FlashKind "warn" makes it amber; else it is green.
	Flash, FlashKind string
	// Undo takes back what the flash speaks of, by a POST; empty: that cannot be.
	Undo string
	// FlashLink leads to what the flash speaks of, with these words; empty: nowhere.
	FlashLink, FlashLinkWords string
	// Agenda is how many wait in the person's agenda, as of a minute ago.
	Agenda string
	// Inbox is how many wait for the person in the inbox, as of a minute ago.
	Inbox int
	// Calls is how many calls of the person wait for their outcome.
	Calls int
	// Covers are those who are away and whose work the person does, as of a minute ago.
	Covers []Cover

	Today     day.Day
	Now       time.Time
	RequestID string
}

// Cover is somebody who is away, and how much of their work waits.
type Cover struct {
	Member  int64
	Name    string
	Until   day.Day
	Waiting int
}

type pageKey struct{}

// WithPage gives the context the layout's data.
func WithPage(ctx context.Context, p Page) context.Context {
	return context.WithValue(ctx, pageKey{}, &p)
}

// PageOf is the layout's data, to be read only; the zero Page where none was given.
func PageOf(ctx context.Context) *Page {
	if p, ok := ctx.Value(pageKey{}).(*Page); ok {
		return p
	}
	return &Page{}
}

// zone is the tenant's time zone, UTC where nobody is signed in.
func (p *Page) zone() *time.Location {
	if p.Actor == nil || p.Actor.Tenant.Zone == nil {
		return time.UTC
	}
	return p.Actor.Tenant.Zone
}
