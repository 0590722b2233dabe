package dossier

import (
	"context"
	_ "embed" // for the journal as a page
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/note"
	"dunwell/internal/spreadsheet"
)

var errEnd = errors.New("the journal goes on, and what was written since is left out")

// notes calls f with the journal up to the head that was read first: what is written
// meanwhile is in none of the files.
func (m *making) notes(ctx context.Context, c customer.Customer, head note.Link, f func(note.Note) error) error {
	err := note.Each(ctx, m.tx, c.ID, func(n note.Note) error {
		if n.Seq > head.Seq {
			return errEnd
		}
		return f(n)
	})
	if errors.Is(err, errEnd) {
		return nil
	}
	return err
}

func (m *making) journalCSV(ctx context.Context, c customer.Customer, head note.Link) error {
	return m.add("journal.csv", false, func(w io.Writer) error {
		out, err := spreadsheet.CSV(w)
		if err != nil {
			return err
		}
		if err := out.Write([]string{"No.", "At", "Author", "Kind", "Text", "About", "Corrects", "Corrected by", "State of the message"}); err != nil {
			return err
		}
		err = m.notes(ctx, c, head, func(n note.Note) error {
			return out.Write([]string{fmt.Sprint(n.Seq), m.moment(n.At), spreadsheet.NoFormula(n.Author), note.KindName(n.Kind),
				spreadsheet.NoFormula(n.Text), about(n), deref(n.Corrects), deref(n.CorrectedBy), state(n)})
		})
		out.Flush()
		if err == nil {
			err = out.Error()
		}
		return err
	})
}

// about says what a note is about: "message 12".
func about(n note.Note) string {
	if n.SubjectID == nil {
		return ""
	}
	return strings.ReplaceAll(n.Subject, "_", " ") + " " + fmt.Sprint(*n.SubjectID)
}

// state is what became of the message that the note is about.
func state(n note.Note) string {
	if n.Trouble == "" {
		return n.Message
	}
	return n.Message + ": " + n.Trouble
}

func deref(seq *int64) string {
	if seq == nil {
		return ""
	}
	return fmt.Sprint(*seq)
}

//go:embed journal.gohtml
var page string

var pages = template.Must(template.New("").Parse(page))

// line is a note as the page shows it.
type line struct {
	note.Note
	When, KindName, State string
	Failed                bool
}

func (m *making) journalHTML(ctx context.Context, c customer.Customer, head note.Link) error {
	return m.add("journal.html", false, func(w io.Writer) error {
		err := pages.ExecuteTemplate(w, "head", map[string]string{"Title": fmt.Sprintf("Journal of %s (%s)", c.Name, c.Number),
			"Below": fmt.Sprintf("%s. Taken on %s by %s. Moments are in the time zone %s.", m.tx.Actor.Tenant.Name, m.moment(m.tx.Now), m.tx.Actor.Name, m.tx.Actor.Tenant.Zone)})
		if err != nil {
			return err
		}
		err = m.notes(ctx, c, head, func(n note.Note) error {
			failed := n.Message == "failed" || n.Message == "bounced"
			return pages.ExecuteTemplate(w, "note", line{n, m.moment(n.At), note.KindName(n.Kind), state(n), failed})
		})
		if err != nil {
			return err
		}
		return pages.ExecuteTemplate(w, "foot", nil)
	})
}

// pin is a note that somebody keeps on top.
type pin struct {
	Seq int64
	At  time.Time
	By  string
}

func (m *making) pins(ctx context.Context) error {
	return table(ctx, m, "pins.csv", []string{"Note", "Pinned at", "By"}, people+`
		SELECT p.seq, p.at, coalesce(w.name, '') AS by
		FROM note_pins p
		LEFT JOIN people w ON w.id = p.member_id
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer
		ORDER BY p.seq`, func(p pin) []string {
		return []string{fmt.Sprint(p.Seq), m.moment(p.At), p.By}
	})
}

// chain writes every link of the journal's chain, and what came of checking it.
func (m *making) chain(ctx context.Context, c customer.Customer, head note.Link) error {
	proof := note.Proof{CustomerID: c.ID, Number: c.Number}
	err := m.add("proof/chain.jsonl", false, func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		return note.EachLink(ctx, m.tx, c.ID, head.Seq, func(l note.Link) error {
			proof.Next(l)
			return out.Encode(map[string]any{"seq": l.Seq, "prev": hex.EncodeToString(l.Prev), "sealed": l.Sealed, "hash": hex.EncodeToString(l.Hash)})
		})
	})
	if err != nil {
		return err
	}
	proof.End(head)
	return m.text("proof/proof.txt", m.proven(c, head, proof))
}

func (m *making) proven(c customer.Customer, head note.Link, proof note.Proof) string {
	result := "Every note is as it was written, and none is missing."
	if len(proof.Faults) > 0 {
		result = "The journal is NOT as it was written:\n"
		for _, f := range proof.Faults {
			result += "- " + f.String() + "\n"
		}
		if proof.More > 0 {
			result += fmt.Sprintf("- and %d more.\n", proof.More)
		}
	}
	return fmt.Sprintf(proofText, c.Name, c.Number, m.moment(m.tx.Now), result, head.Seq, hex.EncodeToString(head.Hash))
}

const proofText = `Proof of the journal of %s (%s)

Checked on %s, as this dossier was made:
%s

Head of the chain: note %d
Hash of the head:  %s

How the journal is sealed
Each note is sealed with a SHA-256 hash over the hash of the note before it and all that the note says. Whoever changes,
removes or adds a note would have to change all hashes after it, the head included. Nobody can do that from within the
program, and its database refuses it.

How to check it without the program
chain.jsonl has a line for each note: its number (seq), the hash of the note before (prev, empty for the first), the text
that is sealed (sealed) and the hash. The sealed text is a list: company, customer, number, moment in seconds since 1970,
author's id, author, kind, text, what the note is about and its id, details, the number of the note that it corrects.
The hash must be SHA-256 of the bytes of prev followed by sealed in UTF-8; prev must be the hash of the line before; the
last hash must be the head above. In Python:

    import hashlib, json
    prev = ""
    for line in open("chain.jsonl", encoding="utf-8"):
        note = json.loads(line)
        seal = hashlib.sha256(bytes.fromhex(note["prev"]) + note["sealed"].encode()).hexdigest()
        assert note["prev"] == prev and note["hash"] == seal, note["seq"]
        prev = note["hash"]
    print("The chain is whole. Its head is", prev)

Who has an older dossier of this customer, or only the hash of its head, can tell that nothing was rewritten since: that
hash must stand in chain.jsonl at the same number.
`
