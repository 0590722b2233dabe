package importer

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/member"
)

var customerStage = stage{
	table: "staged_customers",
	sql: `
		CREATE TEMPORARY TABLE staged_customers (
			line bigint NOT NULL,
			fault text[],
			number text,
			name text,
			kind text,
			street text,
			postal_code text,
			city text,
			region text,
			country text,
			language text,
			owner text,
			branch text,
			contact text,
			phones text[],
			mobiles text[],
			emails text[],
			tags text[]
		) ON COMMIT DROP`,
	columns: []string{"number", "name", "kind", "street", "postal_code", "city", "region", "country", "language", "owner", "branch",
		"contact", "phones", "mobiles", "emails", "tags"},
	row:   stageCustomer,
	load:  "load_customers",
	does:  `CASE l.outcome WHEN 'new' THEN concat(l.owner_id, '/', l.branch_id) WHEN 'changed' THEN l.seen_version::text END`,
	begin: customer.StageCustomers,
	check: checkCustomers,
	more:  customer.ReadPoints,
}

//go:embed customers.sql
var customersSQL string

// checkCustomers compares the staged customers to those known and fills
// load_customers.
var checkCustomers = strings.NewReplacer("{sees}", member.Sees("t", "p", "x.branch_id"), "{tags}", strconv.Itoa(customer.MaxTags)).Replace(customersSQL)

// stageCustomer gives nil for what the file has no column for: that stays as it is.
func stageCustomer(c *cells) []any {
	no := c.need(number, 60, "A customer needs a number.")
	name := c.need("name", 200, "A customer needs a name.")
	what := c.optional(kind, 60)
	if what != nil {
		switch lower := strings.ToLower(*what); lower {
		case "":
			what = nil
		case "business", "consumer":
			what = &lower
		case "firma", "unternehmen", "geschäftlich":
			what = new("business")
		case "privat", "verbraucher":
			what = new("consumer")
		default:
			c.refuse(kind, *what, "This is no kind of customer. Use business or consumer.")
		}
	}
	country := c.optional("country", 60)
	if country != nil {
		code, err := customer.ReadCountry(*country)
		var wrong errs.Invalid
		if errors.As(err, &wrong) {
			c.refuse("country", *country, wrong["country"])
		}
		country = &code
	}
	speaks := c.optional("language", 60)
	if speaks != nil {
		if _, err := language.ParseBase(*speaks); *speaks != "" && (len(*speaks) != 2 || err != nil) {
			c.refuse("language", *speaks, "This is no language. Write its two letters, such as en.")
		}
		*speaks = strings.ToLower(*speaks)
	}
	return []any{no, name, what, c.optional("street", 300), c.optional("postal_code", 20), c.optional("city", 120), c.optional("region", 60),
		country, speaks, c.optional("owner", 254), c.optional("branch", 120),
		c.person(), c.several("phone", ";"), c.several("mobile", ";"), c.several("email", ";,"), c.tags()}
}

// person is the contact person; what has no letter, such as a dash, says that there is
// none. It is nil where the column is not read.
func (c *cells) person() *string {
	name := c.optional("contact", 120)
	if name != nil {
		*name = strings.Join(strings.Fields(*name), " ")
		if !strings.ContainsFunc(*name, unicode.IsLetter) {
			*name = ""
		}
	}
	return name
}

// several are the texts of a cell with any of the signs between them. What has neither
// a letter nor a digit, such as a dash, says that there is none.
func (c *cells) several(f Field, between string) []string {
	const most = 10
	cell := c.text(f, 1000)
	texts := []string{}
	for _, s := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(between, r) }) {
		if s = strings.TrimSpace(s); strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			texts = append(texts, s)
		}
	}
	if len(texts) > most {
		c.refuse(f, cell, fmt.Sprintf("There are %d in this cell. At most %d are read.", len(texts), most))
	}
	return texts
}

// tags are those of the cell, with commas or semicolons between; nil where the column
// is not read.
func (c *cells) tags() []string {
	cell := c.optional("tags", 1000)
	if cell == nil {
		return nil
	}
	var inv errs.Invalid
	tags := customer.ReadTags(&inv, "tags", strings.ReplaceAll(*cell, ";", ","))
	if inv.Err() != nil {
		c.refuse("tags", *cell, inv["tags"])
	}
	return tags
}

// optional is a text; nil where the column is not read.
func (c *cells) optional(f Field, limit int) *string {
	if _, ok := c.at[f]; !ok {
		return nil
	}
	s := c.text(f, limit)
	return &s
}
