package ledger

// Origin says how a payment came into the ledger. Some were never recorded as such: a
// file of items said only that something was paid, and the program gave the payment a
// number that means nothing to people.
type Origin string

// The origins. The day of what was carried over is that of the file: nobody knows when
// it was paid.
const (
	Recorded      Origin = "recorded"       // with its reference
	Carried       Origin = "carried"        // its item was taken over paid in part or in full
	SettledBefore Origin = "settled_before" // its item was taken over settled, on that day
	Reported      Origin = "reported"       // a file said it of an item that was here already
)

// Before tells what was paid before its item was taken over.
func (o Origin) Before() bool { return o == Carried || o == SettledBefore }

// Name is what people call a payment: by its reference, where it has one.
func (o Origin) Name(reference string) string {
	switch {
	case o.Before():
		return "Paid before it was taken over"
	case o == Reported:
		return "Payment without a reference"
	}
	return reference
}

// Payment is that as a sentence begins with it.
func (o Origin) Payment(reference string) string {
	switch {
	case o.Before():
		return "Payment before it was taken over"
	case o == Reported:
		return "Payment without a reference"
	}
	return "Payment " + reference
}
