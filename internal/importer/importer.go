// Package importer brings files of customers, items and payments into the
// ledger: it reads, maps and checks them, tells what would happen, and applies
// what is right. What a customer or an item is, their own packages decide; this
// one hands them rows in temporary tables and never writes to theirs.
package importer

import (
	"encoding/json"
	"fmt"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Kind is what a file holds.
type Kind string

// The kinds of files.
const (
	Customers Kind = "customers"
	Items     Kind = "items"
	Payments  Kind = "payments"
)

// Kinds lists the kinds of files.
var Kinds = []Kind{Customers, Items, Payments}

// Unusable refuses a whole file or its map: no row of it was read. Its text is
// shown to the person.
type Unusable string

func (u Unusable) Error() string { return string(u) }

func unusable(format string, args ...any) error { return Unusable(fmt.Sprintf(format, args...)) }

// CanImport tells who may bring files in.
func CanImport(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// ErrOnlyManagers refuses whoever may not import.
const ErrOnlyManagers = errs.Forbidden("Only managers and admins can import files. Ask yours.")

// Options say how a file is to be read and applied.
type Options struct {
	Kind            Kind   `json:"-"`
	Map             Map    `json:"-"`
	FileName        string `json:"-"`
	Currency        string `json:"currency,omitempty"`         // of rows that name none; empty: each row must
	CreateCustomers bool   `json:"create_customers,omitempty"` // items of unknown customers make them, instead of being refused
	AllOrNothing    bool   `json:"all_or_nothing,omitempty"`   // one refused row keeps all others out
	DryRun          bool   `json:"-"`                          // check only
	// LoadedTo is up to when the bank's payments are in the ledger once the file
	// is applied without a refusal; nil leaves it as it is.
	LoadedTo *time.Time `json:"loaded_to,omitempty"`
}

// Result is what a file did, or would do.
type Result struct {
	Read             int64    `json:"read"`
	New              int64    `json:"new"`
	Changed          int64    `json:"changed"`
	Unchanged        int64    `json:"unchanged"`
	Refused          int64    `json:"refused"`
	CustomersCreated int64    `json:"customers_created"`
	PartPaid         int64    `json:"part_paid,omitempty"` // new items of which something was paid before, on a day that the file does not say
	Totals           []Total  `json:"totals"`
	Rejects          []Reject `json:"rejects"` // the first MaxRejects; Refused and LeftOut count all
	Unread           []string `json:"unread"`  // the columns that no field was read from
	// Header are the file's columns, of what is on record only.
	Header []string `json:"header,omitempty"`
	// Assumed is how many rows leave the currency's cell empty, and are read in the one
	// that the options name.
	Assumed int64 `json:"currency_assumed,omitempty"`

	// Of customers: what the first MaxChanges changed rows change, and how many lose
	// their owner or branch to an empty cell.
	Changes         []customer.Change `json:"changes,omitempty"`
	OwnersEmptied   int64             `json:"owners_emptied,omitempty"`
	BranchesEmptied int64             `json:"branches_emptied,omitempty"`
	Kept            []Kept            `json:"kept,omitempty"`
	// LeftOut is how many telephone numbers and addresses cannot be read, and how many
	// contact persons there is nothing to keep with. The Rejects say which and why; their
	// rows are taken without them.
	LeftOut int64 `json:"left_out,omitempty"`
	// OptedOut is how many of those that are new begin opted out: the number said STOP,
	// or the address opted out with another customer.
	OptedOut int64 `json:"opted_out,omitempty"`
	// Alike are new customers, the first maxAlike, whose number may be a slip.
	Alike []Alike `json:"alike,omitempty"`
	// Merged are rows of customers, the first maxMerged, that have the number of one who was
	// merged into another. Nothing of them is taken.
	Merged []Merged `json:"merged,omitempty"`

	// Digest stands for what is done to each row; Moved tells that the ledger changed
	// since the check before, so that the file would by now do something else.
	// Imports of commands have neither: nobody was shown anything before.
	Digest string `json:"digest,omitempty"`
	Moved  bool   `json:"moved,omitempty"`
}

// Alike is the number of a new customer that differs from another customer's, here or
// new in the file, only in capital letters.
type Alike struct {
	Row    int64  `json:"row"`
	Number string `json:"number"`
	Other  string `json:"other"`
}

// maxAlike is how many of them a Result names.
const maxAlike = 20

// Merged is a row with a number that leads to another customer.
type Merged struct {
	Row    int64  `json:"row"`
	Number string `json:"number"`
	Into   string `json:"into"`
}

// maxMerged is how many of them a Result names.
const maxMerged = 20

// Kept is an owner who has left, or a branch that is retired: the rows that name it
// are taken, and owner or branch stay as they are. A new customer has none.
type Kept struct {
	Field Field  `json:"field"`
	Value string `json:"value"`
	Rows  int64  `json:"rows"`
}

// maxKept is how many of them a Result names, those of the most rows.
const maxKept = 20

// MaxRejects is how many refused rows a Result lists, so that a file of a
// million wrong rows does not fill the memory.
const MaxRejects = 10_000

// MaxChanges is of how many changed rows a Result says what they change.
const MaxChanges = 20

// Total is the sum of the amounts of all rows that were not refused.
type Total struct {
	Currency money.Currency `json:"currency"`
	Amount   string         `json:"amount"` // with a decimal point, ungrouped
}

// Reject is a refused row, or a number, an address or a person left out.
type Reject struct {
	Row    int64  `json:"row"`    // the header is 1
	Column string `json:"column"` // the file's own name; empty: the whole row
	Value  string `json:"value"`  // cut at 200 characters
	Reason string `json:"reason"`
}

// MarshalJSON writes empty lists as [] and not as null.
func (r Result) MarshalJSON() ([]byte, error) {
	type plain Result
	if r.Totals == nil {
		r.Totals = []Total{}
	}
	if r.Rejects == nil {
		r.Rejects = []Reject{}
	}
	if r.Unread == nil {
		r.Unread = []string{}
	}
	return json.Marshal(plain(r))
}
