package dossier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
)

// sent is a message with what belongs to it.
type sent struct {
	ID        int64
	Channel   string
	State     string
	Address   string
	Person    string
	Subject   string
	Body      string
	Sender    string
	ReplyTo   string
	Template  string
	Reference string
	Override  string
	CaseID    int64
	Error     string
	Author    string
	CreatedAt time.Time
	SentAt    *time.Time
	Events    []event
	Files     []file
}

// event is a state that a message came into.
type event struct {
	At     time.Time
	State  string
	Detail string
	Member string
}

// file is a document that went with a message.
type file struct {
	ID   int64
	Name string
}

// messagesSQL finds what went to the customer, and what went from a case of theirs to
// who settles it.
const messagesSQL = `
	SELECT m.id, m.channel, m.state, m.address, m.person, m.subject, m.body, m.sender, m.reply_to, coalesce(t.name, '') AS template,
		m.reference::text AS reference, m.override, coalesce(m.case_id, k.case_id, 0) AS case_id, m.error, coalesce(u.name, 'Dunwell') AS author, m.created_at, m.sent_at,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('At', e.at, 'State', e.state, 'Detail', e.detail, 'Member', coalesce(eu.name, 'Dunwell')) ORDER BY e.id)
			FROM message_events e
			LEFT JOIN members em ON em.tenant_id = @tenant AND em.id = e.member_id
			LEFT JOIN users eu ON eu.id = em.user_id
			WHERE e.tenant_id = @tenant AND e.message_id = m.id), '[]') AS events,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('ID', d.id, 'Name', d.name) ORDER BY d.id)
			FROM message_documents s
			JOIN documents d ON d.tenant_id = @tenant AND d.id = s.document_id
			WHERE s.tenant_id = @tenant AND s.message_id = m.id), '[]') AS files
	FROM (
		SELECT m.id
		FROM messages m
		WHERE m.tenant_id = @tenant AND m.customer_id = @customer
		UNION
		SELECT x.message_id
		FROM cases c
		JOIN case_messages x ON x.tenant_id = @tenant AND x.case_id = c.id
		WHERE c.tenant_id = @tenant AND c.customer_id = @customer) w
	JOIN messages m ON m.tenant_id = @tenant AND m.id = w.id
	LEFT JOIN case_messages k ON k.tenant_id = @tenant AND k.message_id = m.id
	LEFT JOIN template_texts x ON x.tenant_id = @tenant AND x.id = m.text_id
	LEFT JOIN templates t ON t.tenant_id = @tenant AND t.id = x.template_id
	LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = m.author_id
	LEFT JOIN users u ON u.id = a.user_id
	ORDER BY m.id`

// messages writes each message as it was sent, and a list of all of them.
func (m *making) messages(ctx context.Context) error {
	err := each(ctx, m, messagesSQL, func(s sent) error {
		return m.add(s.path(), false, func(w io.Writer) error { return s.write(m, w) })
	})
	if err != nil {
		return err
	}
	head := []string{"Message", "File", "Channel", "State", "Sent at", "Written at", "Written by", "To", "Subject", "Case", "Template", "Files", "Trouble",
		"Sent outside the hours because", "SHA-256 of subject and text, as in the journal"}
	return table(ctx, m, "messages.csv", head, messagesSQL, func(s sent) []string {
		sum := sha256.Sum256([]byte(s.Subject + "\n" + s.Body))
		return []string{fmt.Sprint(s.ID), s.path(), s.Channel, s.State, m.since(s.SentAt), m.moment(s.CreatedAt), s.Author, s.to(), s.Subject, number(s.CaseID), s.Template,
			strings.Join(s.files(), "\n"), s.Error, s.Override, hex.EncodeToString(sum[:])}
	})
}

func (s sent) path() string { return fmt.Sprintf("messages/%06d-%s.txt", s.ID, s.Channel) }

func (s sent) to() string {
	address := strings.ReplaceAll(s.Address, "\n", ", ")
	if s.Person == "" {
		return address
	}
	return s.Person + " <" + address + ">"
}

func (s sent) files() []string {
	paths := make([]string, len(s.Files))
	for i, f := range s.Files {
		paths[i] = f.path()
	}
	return paths
}

// path is where the document's content stands in the archive. The name is fit for
// any disk since it was received; the number in front keeps two of a name apart.
func (f file) path() string { return fmt.Sprintf("documents/%06d-%s", f.ID, f.Name) }

// write has what is known about the message, then its text, as it was sent.
func (s sent) write(m *making, w io.Writer) error {
	var b strings.Builder
	say := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, strings.Join(strings.Fields(value), " "))
		}
	}
	say("Message", fmt.Sprint(s.ID))
	say("Channel", s.Channel)
	say("From", s.Sender)
	say("Reply to", s.ReplyTo)
	say("To", s.to())
	say("Subject", s.Subject)
	say("Reference", s.Reference)
	say("Written", m.moment(s.CreatedAt)+" by "+s.Author)
	say("Template", cmp.Or(s.Template, "own words"))
	say("Sent", m.since(s.SentAt))
	say("State", s.State)
	say("Trouble", s.Error)
	say("Outside the hours because", s.Override)
	for _, e := range s.Events {
		say("History", fmt.Sprintf("%s %s, by %s. %s", m.moment(e.At), e.State, e.Member, e.Detail))
	}
	for _, f := range s.files() {
		say("File", f)
	}
	b.WriteString("\r\n")
	_, err := io.WriteString(w, b.String()+s.Body)
	return err
}
