package message_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// refuseAll has the server refuse everybody.
func refuseAll(step smtptest.Step, _ string) smtptest.Act {
	if step == smtptest.To {
		return smtptest.Refuse
	}
	return smtptest.Take
}

func tenantOf(t testing.TB, b *books, slug string) *dbtest.Company {
	t.Helper()
	return dbtest.Tenant(t, b.Database, slug)
}

// part is one of a message with attachments.
type part struct {
	name    string
	content []byte
}

func parts(t testing.TB, raw []byte) (list []part) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			if content, err = base64.StdEncoding.DecodeString(string(bytes.ReplaceAll(content, []byte("\r\n"), nil))); err != nil {
				t.Fatal(err)
			}
		}
		name, err := new(mime.WordDecoder).DecodeHeader(p.FileName())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, part{name, content})
	}
}

// open reads a document of the store.
func open(t testing.TB, b *books, id int64) (d document.Document, content []byte, err error) {
	t.Helper()
	b.read(t, func(tx *tenant.Tx) error {
		var r io.ReadCloser
		if d, r, err = document.Open(t.Context(), tx, b.box.Store, id); err != nil {
			return err
		}
		content, err = io.ReadAll(r)
		return errors.Join(err, r.Close())
	})
	return d, content, err
}
