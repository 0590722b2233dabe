package cases

import (
	"context"

	"dunwell/internal/document"
	"dunwell/internal/tenant"
)

// Upload attaches files that a person brings to an open case.
func Upload(ctx context.Context, tx *tenant.Tx, store document.Store, id int64, files []document.File) ([]document.Document, error) {
	c, err := standing(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	docs, err := document.Keep(ctx, tx, store, document.New{CustomerID: c.CustomerID, Subject: document.OfCase, SubjectID: id}, files)
	if err != nil {
		return nil, err
	}
	text := "Attached: " + listed(docs, func(d document.Document) string { return d.Name }) + "."
	return docs, journal(ctx, tx, c, text, data{Event: "document"})
}

// Documents lists what is attached to a case, open or closed.
func Documents(ctx context.Context, tx *tenant.Tx, c Case) ([]document.Document, error) {
	return document.Of(ctx, tx, document.OfCase, c.ID)
}
