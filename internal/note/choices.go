package note

import (
	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Author is somebody who wrote in a journal.
type Author struct {
	ID   int64 // 0: the program itself
	Name string
}

// Choices are the kinds and authors that a customer's journal holds, for its
// filter. An author who changed names stands there with the latest one.
type Choices struct {
	Kinds   []string
	Authors []Author
}

// choicesSQL goes from one kind to the next in the index, and from one author to the
// next: it reads a line of each however long the journal is.
const choicesSQL = `
	WITH RECURSIVE kinds AS (
		SELECT (SELECT min(n.kind) FROM notes n WHERE n.tenant_id = @tenant AND n.customer_id = @customer) AS kind
		UNION ALL
		SELECT (SELECT min(n.kind) FROM notes n WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.kind > k.kind)
		FROM kinds k
		WHERE k.kind IS NOT NULL
	), members AS (
		SELECT (SELECT min(n.author_id) FROM notes n WHERE n.tenant_id = @tenant AND n.customer_id = @customer) AS id
		UNION ALL
		SELECT (SELECT min(n.author_id) FROM notes n WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.author_id > m.id)
		FROM members m
		WHERE m.id IS NOT NULL
	), program AS (
		SELECT n.author
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.author_id IS NULL
		ORDER BY n.seq DESC
		LIMIT 1
	)
	SELECT k.kind, NULL::bigint AS author, '' AS name FROM kinds k WHERE k.kind IS NOT NULL
	UNION ALL
	SELECT NULL, 0, p.author FROM program p
	UNION ALL
	SELECT NULL, m.id, (
		SELECT n.author
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.author_id = m.id
		ORDER BY n.seq DESC
		LIMIT 1)
	FROM members m
	WHERE m.id IS NOT NULL
	ORDER BY 1, 3, 2`

// QueueChoices asks for them in a batch.
func QueueChoices(b *tenant.Batch, customerID int64, into *Choices) {
	b.Queue("read the journal's kinds and authors", choicesSQL,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID}, into.read)
}

func (c *Choices) read(rows pgx.Rows) error {
	var (
		kind   *string
		author *int64
		name   string
	)
	_, err := pgx.ForEachRow(rows, []any{&kind, &author, &name}, func() error {
		if kind != nil {
			c.Kinds = append(c.Kinds, *kind)
		} else {
			c.Authors = append(c.Authors, Author{ID: *author, Name: name})
		}
		return nil
	})
	return err
}
