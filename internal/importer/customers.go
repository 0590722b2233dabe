package importer

import (
	_ "embed"
	"strings"

	"golang.org/x/text/language"

	"dunwell/internal/customer"
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
			branch text
		) ON COMMIT DROP`,
	columns: []string{"number", "name", "kind", "street", "postal_code", "city", "region", "country", "language", "owner", "branch"},
	row:     stageCustomer,
	load:    "load_customers",
	begin:   customer.StageCustomers,
	check:   checkCustomers,
}

//go:embed customers.sql
var customersSQL string

// checkCustomers compares the staged customers to those known and fills
// load_customers.
var checkCustomers = strings.Replace(customersSQL, "{sees}", member.Sees("t", "p", "x.branch_id"), 1)

// stageCustomer gives nil for what the file has no column for: that stays as it is.
func stageCustomer(c *cells) []any {
	no := c.need(number, 60, "A customer needs a number.")
	name := c.need("name", 200, "A customer needs a name.")
	what := c.optional(kind, 60)
	if what != nil {
		switch *what = strings.ToLower(*what); *what {
		case "":
			what = nil
		case "business", "consumer":
		default:
			c.refuse(kind, *what, "This is no kind of customer. Use business or consumer.")
		}
	}
	country := c.optional("country", 60)
	if country != nil {
		region, err := language.ParseRegion(*country)
		if *country != "" && (len(*country) != 2 || err != nil || !region.IsCountry()) {
			c.refuse("country", *country, "This is no country. Write its two letters, such as NO.")
		}
		*country = strings.ToUpper(*country)
	}
	speaks := c.optional("language", 60)
	if speaks != nil {
		if _, err := language.ParseBase(*speaks); *speaks != "" && (len(*speaks) != 2 || err != nil) {
			c.refuse("language", *speaks, "This is no language. Write its two letters, such as en.")
		}
		*speaks = strings.ToLower(*speaks)
	}
	owner := c.optional("owner", 254)
	if owner != nil {
		*owner = strings.ToLower(*owner)
	}
	return []any{no, name, what, c.optional("street", 300), c.optional("postal_code", 20), c.optional("city", 120), c.optional("region", 60),
		country, speaks, owner, c.optional("branch", 120)}
}

// optional is a text; nil where the column is not read.
func (c *cells) optional(f Field, limit int) *string {
	if _, ok := c.at[f]; !ok {
		return nil
	}
	s := c.text(f, limit)
	return &s
}
