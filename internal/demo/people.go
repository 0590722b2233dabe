package demo

import (
	"cmp"

	"dunwell/internal/tenant"
)

// The branches.
const (
	Oslo       = "Oslo"
	Hamburg    = "Hamburg"
	Copenhagen = "København"
	Prague     = "Praha"
)

// Branches and Departments are those of the demo company.
var (
	Branches    = []string{Oslo, Hamburg, Copenhagen, Prague}
	Departments = []string{"Business receivables", "Consumer loans", "Credit management"}
)

// Person works at the demo company.
type Person struct {
	Email, Name        string
	Role               tenant.Role
	Branch, Department string
}

// People are all who work there. The first three are those to sign in as.
var People = []Person{
	{"collector@northwind.example", "Nele Petersen", tenant.Collector, Hamburg, "Business receivables"},
	{"manager@northwind.example", "Jonas Keller", tenant.Manager, Hamburg, "Credit management"},
	{"admin@northwind.example", "Astrid Nygaard", tenant.Admin, Oslo, "Credit management"},
	{"felix.brandt@northwind.example", "Felix Brandt", tenant.Collector, Hamburg, "Consumer loans"},
	{"ingrid.solberg@northwind.example", "Ingrid Solberg", tenant.Collector, Oslo, "Consumer loans"},
	{"erlend.myhre@northwind.example", "Erlend Myhre", tenant.Collector, Oslo, "Business receivables"},
	{"katrine.holm@northwind.example", "Katrine Holm", tenant.Collector, Copenhagen, "Business receivables"},
	{"tomas.dvorak@northwind.example", "Tomáš Dvořák", tenant.Collector, Prague, "Business receivables"},
	{"margarethe.lindqvist@northwind.example", "Margarethe Lindqvist", tenant.Manager, Oslo, "Consumer loans"},
}

// workedBy gives the customer its branch and, nearly always where something is
// overdue, an owner from it.
func (m *maker) workedBy() {
	m.c.Branch = m.land.branch
	has := 75
	if m.c.overdue(m.today) != nil {
		has = 97
	}
	if !m.chance(has) {
		return
	}
	var owners []Person
	for _, p := range People {
		if p.Branch == m.c.Branch && p.Role == tenant.Collector {
			owners = append(owners, p)
		}
	}
	m.c.Owner = one(m.dice, owners).Email
}

// author is who wrote about the customer: its owner, or somebody who has left.
func (m *maker) author() string { return cmp.Or(m.c.owner(), leaver.Name) }

// owner is the name of who works the customer; empty: nobody.
func (c Customer) owner() string {
	for _, p := range People {
		if p.Email == c.Owner {
			return p.Name
		}
	}
	return ""
}
