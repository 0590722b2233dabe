package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// ActionKind is what can be done about an entry.
type ActionKind string

// The kinds of actions.
const (
	ByLetter ActionKind = "letter"
	ByEmail  ActionKind = "email"
	BySMS    ActionKind = "sms"
	ByCall   ActionKind = "call"
	ByHand   ActionKind = "manual"
)

// ActionKinds lists the kinds in the order in which they are offered.
var ActionKinds = []ActionKind{ByLetter, ByEmail, BySMS, ByCall, ByHand}

// Name is the kind as people read it within a sentence.
func (k ActionKind) Name() string {
	switch k {
	case ByLetter:
		return "letter"
	case ByEmail:
		return "e-mail"
	case BySMS:
		return "SMS"
	case ByCall:
		return "call"
	}
	return "manual action"
}

// Sends tells that it goes out without anybody's hands, so that a level can by itself.
func (k ActionKind) Sends() bool { return k == ByEmail || k == BySMS }

// Action is what was done about an entry. It names the level that the customer was
// at then, as it was called then.
type Action struct {
	ID           int64
	Kind         ActionKind
	Level        int
	LevelName    string
	MessageID    int64
	MessageState message.State
	Text         string
	Member       string // empty: the program itself
	At           time.Time
	Answered     bool // of a call: somebody was spoken to
	// Counts tells that the reminder took place: a call or a manual action at once,
	// a letter and a message once they are sent.
	Counts bool
	// Alone tells that the program may say Done because of it, once it counts. A letter
	// is in the post only once a person says so, and only a person takes for a reminder
	// what neither asked for money nor had the text of the level as it was written.
	Alone bool
}

// Pending tells that the action may count yet: its message is on its way.
func (a Action) Pending() bool {
	return a.MessageState == message.Queued || a.MessageState == message.Sending
}

// countsSQL tells of an action a with its message m whether it counts.
const countsSQL = `(m.id IS NULL OR m.state IN ('sent', 'delivered'))`

// aloneSQL tells of an action a whether the program may say Done because of it.
const aloneSQL = `a.kind <> 'letter' AND a.reminds`

// Actions lists what was done about an entry, the first one first.
func Actions(ctx context.Context, tx *tenant.Tx, entry int64) ([]Action, error) {
	rows, _ := tx.Query(ctx, `
		SELECT a.id, a.kind, a.level_number AS level, a.level_name, coalesce(a.message_id, 0) AS message_id, coalesce(m.state, '') AS message_state,
			coalesce(nullif(a.text, ''), m.subject, '') AS text, coalesce(u.name, '') AS member, a.at, coalesce(a.answered, false) AS answered,
			`+countsSQL+` AS counts, `+aloneSQL+` AS alone
		FROM agenda_actions a
		LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
		LEFT JOIN members w ON w.tenant_id = @tenant AND w.id = a.member_id
		LEFT JOIN users u ON u.id = w.user_id
		WHERE a.tenant_id = @tenant AND a.entry_id = @entry
		ORDER BY a.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "entry": entry})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Action])
	if err != nil {
		return nil, fmt.Errorf("list what was done about an entry: %w", err)
	}
	return list, nil
}

// lastOf says what was done last, behind those words; empty where nothing was.
func lastOf(tx *tenant.Tx, actions []Action, before string) string {
	if len(actions) == 0 {
		return ""
	}
	a := actions[len(actions)-1]
	by := a.Member
	if by == "" {
		by = "Dunwell"
	}
	return fmt.Sprintf("%s%s by %s on %s", before, a.Kind.Name(), by, a.At.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan, 15:04"))
}

// deed is an action that is to be kept.
type deed struct {
	kind      ActionKind
	messageID int64
	callID    int64
	answered  *bool // of a call
	text      string
}

// keep writes an action of the entry with the items that it names.
func (d deed) keep(ctx context.Context, tx *tenant.Tx, m matter) error {
	return keepAll(ctx, tx, []deed{d}, []matter{m})
}

// keepAll is keep for many, each beside its matter, in one round trip. Whoever looked
// at the entries before is told.
func keepAll(ctx context.Context, tx *tenant.Tx, list []deed, of []matter) error {
	b := &pgx.Batch{}
	for i, d := range list {
		m := of[i]
		b.Queue(keepSQL, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": m.CustomerID, "entry": m.ID, "kind": d.kind, "level": m.LevelID, "number": m.Level, "name": m.LevelName,
			"message": d.messageID, "call": d.callID, "answered": d.answered, "text": d.text, "member": tx.Actor.MemberID, "now": tx.Now, "named": m.named()})
		b.Queue(`
			UPDATE agenda_entries
			SET version = version + 1
			WHERE tenant_id = $1 AND id = $2`, tx.Actor.TenantID, m.ID)
		tx.Touch(m.CustomerID)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("keep what was done about an entry: %w", err)
	}
	return nil
}

// keepSQL says with the action whether it is a reminder, and that stays: of what was
// written, what asks for money, what has the text of the level as that is now, and what
// the program wrote.
const keepSQL = `
	WITH action AS (
		INSERT INTO agenda_actions (customer_id, entry_id, kind, level_id, level_number, level_name, message_id, call_attempt_id, answered, text, member_id, at, reminds)
		VALUES (@customer, @entry, @kind, nullif(@level::bigint, 0), @number, @name, nullif(@message::bigint, 0), nullif(@call::bigint, 0),
			@answered, @text, nullif(@member::bigint, 0), @now, @message::bigint = 0 OR EXISTS (
				SELECT FROM messages m
				LEFT JOIN template_texts x ON x.tenant_id = @tenant AND x.id = m.text_id
				LEFT JOIN templates t ON t.tenant_id = @tenant AND t.id = x.template_id
				WHERE m.tenant_id = @tenant AND m.id = @message AND (m.demands OR m.author_id IS NULL OR t.demands OR EXISTS (
					SELECT FROM level_actions v
					WHERE v.tenant_id = @tenant AND v.level_id = @level AND v.template_id = t.id))))
		RETURNING customer_id, id
	)
	INSERT INTO agenda_action_items (customer_id, action_id, item_id, level_id, level_number, after_days, pay_by, amount, currency, along)
	SELECT a.customer_id, a.id, n."ItemID", n."LevelID", n."Level", n."AfterDays", n."PayBy", n."Amount", n."Currency", n."Along"
	FROM action a
	CROSS JOIN jsonb_to_recordset(@named::jsonb) AS n ("ItemID" bigint, "LevelID" bigint, "Level" integer, "AfterDays" integer, "PayBy" date,
		"Amount" bigint, "Currency" text, "Along" boolean)`
