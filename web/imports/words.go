package imports

import (
	"strconv"
	"strings"

	"dunwell/internal/importer"
	"dunwell/web/ui"
)

func plainCount(n int64) string { return strconv.FormatInt(n, 10) }

// busyText says what the job does.
func busyText(i importer.Import) string {
	done := ui.Count(int(i.RowsDone), "row", "rows") + " read"
	if i.State == importer.Checking {
		return "The file is being checked: " + done + "."
	}
	return "The file is being applied: " + done + "."
}

// summary says what came of the import, or what is to be done about it.
func summary(i importer.Import) string {
	r := i.Result
	switch {
	case i.State == importer.Applied && r.Refused > 0:
		return "Applied, but for the refused rows."
	case i.State == importer.Applied:
		return "Applied."
	case i.State == importer.Discarded:
		return "Discarded: nothing of it was applied."
	case i.CanApply() && r.Refused > 0:
		return "Checked. Apply takes all rows but the refused ones."
	case i.CanApply() && r.LeftOut > 0:
		return "Checked. Apply takes all rows, without what is left out of them."
	case i.CanApply():
		return "Checked. Nothing stands in the way."
	case r.Refused == r.Read:
		return "Checked. Every row is refused: correct the file and upload it again, or read the columns differently."
	case r.Refused > 0 && i.Options.AllOrNothing:
		return "Checked. Rows are refused, and all or nothing was asked for: correct the file and upload it again, or read the columns differently."
	}
	return "Checked. There is nothing to apply: " + whyNothing(i)
}

// whyNothing says why a file that can be read does nothing.
func whyNothing(i importer.Import) string {
	what := "the file"
	switch r := i.Result; {
	case r.Refused > 0:
		what = "what is neither refused nor left out"
	case r.LeftOut > 0:
		what = "what can be read"
	case i.Options.Kind != importer.Customers:
		return "all of it is in the ledger already."
	}
	said := what + " would change nothing here."
	if i.Options.Kind == importer.Customers {
		said += " What was taken out of use here is not brought back."
	}
	return said
}

// moved says why a file that was to be applied is shown again.
func moved(i importer.Import) string {
	said := "The ledger has changed since the file was checked, and the file would now do something else. What it would do now stands below"
	if i.CanApply() {
		return said + ": look at it again, then apply."
	}
	return said + "."
}

// totalsLabel says what is summed.
func totalsLabel(k importer.Kind) string {
	if k == importer.Items {
		return "Control totals of the amounts, not of what is open, of all rows that are not refused:"
	}
	return "Control totals of all rows that are not refused:"
}

// assumed says how many rows are read in a currency that they do not name.
func assumed(i importer.Import) string {
	return "The currency’s cell is empty in " + ui.Count(int(i.Result.Assumed), "row, which is read as ", "rows, which are read as ") + i.Options.Currency + "."
}

// repeated says how columns of the same name are told apart.
func repeated(name string) string {
	return "The file has several columns called “" + name + "”. They are numbered here from left to right: choose the one that counts, and the others are not read."
}

// partPaid says what becomes of money that came before the items were taken over.
func partPaid(i importer.Import) string {
	paid := ui.Count(int(i.Result.PartPaid), "new item is paid in part or in full", "new items are paid in part or in full")
	if i.State == importer.Applied {
		paid = ui.Count(int(i.Result.PartPaid), "new item was paid in part or in full", "new items were paid in part or in full")
	}
	return paid + ". The file does not say on which day: what was paid before it was taken over stands in the statement on the day of the import, and counts as nobody’s last payment."
}

// kept says what becomes of rows that name somebody who has left or a retired branch.
func kept(k importer.Kept) string {
	rows := ui.Count(int(k.Rows), "row is", "rows are") + " taken all the same, and "
	if k.Field == "owner" {
		return k.Value + " no longer works here: " + rows + "the owner stays who it was. A new customer has none."
	}
	return "The branch " + k.Value + " is retired: " + rows + "the branch stays what it was. A new customer has none."
}

// alike warns of a new customer that may be one already.
func alike(i importer.Import, a importer.Alike) string {
	said := "Row " + plainCount(a.Row) + ": " + a.Number + " is a new customer, and " + a.Other + " is another one. The numbers differ only in capital letters."
	if i.State == importer.Applied {
		return said + " If they are the same, merge the two."
	}
	return said + " If they are the same, correct the file and upload it again."
}

// merged says that nothing is taken of a row, and whose row counts.
func merged(i importer.Import, m importer.Merged) string {
	nothing := ", and nothing of the row is taken. What is to change at "
	if i.State == importer.Applied {
		nothing = ", and nothing of the row was taken. What is to change at "
	}
	return "Row " + plainCount(m.Row) + ": customer " + m.Number + " was merged into " + m.Into + nothing + m.Into + " belongs into a row with that number."
}

// leftOut says how many numbers, addresses and persons of rows that are taken cannot be kept.
func leftOut(i importer.Import) string {
	if i.State == importer.Applied {
		return ui.Count(int(i.Result.LeftOut), "telephone number, address or contact person was", "telephone numbers, addresses or contact persons were") + " left out; the rest of the row was taken."
	}
	return ui.Count(int(i.Result.LeftOut), "telephone number, address or contact person is", "telephone numbers, addresses or contact persons are") + " left out; the rest of the row is taken."
}

// optedOut says how many new numbers and addresses nobody may write to from the start.
func optedOut(i importer.Import) string {
	begin := ui.Count(int(i.Result.OptedOut), "new telephone number or address begins", "new telephone numbers or addresses begin")
	if i.State == importer.Applied {
		begin = ui.Count(int(i.Result.OptedOut), "new telephone number or address began", "new telephone numbers or addresses began")
	}
	return begin + " opted out: the number itself said STOP, or the address opted out with another customer. A manager lifts it at the customer, with evidence."
}

// rejectsTitle names what is listed: rows, or parts of rows.
func rejectsTitle(r importer.Result) string {
	switch {
	case r.LeftOut == 0:
		return "Refused rows"
	case r.Refused == 0:
		return "Left out"
	}
	return "Refused rows, and what is left out of others"
}

// emptied says whom the file takes from customers by empty cells.
func emptied(i importer.Import) (out []string) {
	lose, keep := " would lose its ", " would lose their "
	if i.State == importer.Applied {
		lose, keep = " lost its ", " lost their "
	}
	for _, c := range []struct {
		n         int64
		one, many string
	}{{i.Result.OwnersEmptied, "owner", "owners"}, {i.Result.BranchesEmptied, "branch", "branches"}} {
		if c.n == 0 {
			continue
		}
		said := ui.Count(int(c.n), "customer"+lose+c.one, "customers"+keep+c.many) + ", because the cell is empty."
		if i.CanMap() {
			said += " To keep " + c.many + ", read the columns differently and leave that one out."
		}
		out = append(out, said)
	}
	return out
}

// grouped puts commas between the thousands of a plain amount.
func grouped(plain string) string {
	digits, sign := strings.CutPrefix(plain, "-")
	whole, fraction, has := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if has {
		whole += "." + fraction
	}
	if sign {
		return "−" + whole
	}
	return whole
}
