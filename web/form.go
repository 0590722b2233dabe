package web

import (
	"cmp"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// inMemory is how much of an upload is held in memory; the rest waits on disk.
const inMemory = 4 << 20

// badRequest is refused as it stands; its text is shown.
type badRequest struct {
	status int
	text   string
}

func (b badRequest) Error() string { return b.text }

// TooOften refuses a request with status 429; its text is shown.
func TooOften(text string) error { return badRequest{http.StatusTooManyRequests, text} }

// ErrNoPage refuses a method that an address does not take.
var ErrNoPage error = badRequest{http.StatusMethodNotAllowed,
	"Nothing is shown at this address: it takes what a form sends. Go back to the page with the form, or begin anew."}

func tooLarge(limit int64) error {
	return badRequest{http.StatusRequestEntityTooLarge,
		fmt.Sprintf("This is larger than the %d MB that can be taken. Split it and send the parts.", max(limit>>20, 1))}
}

// readForm reads query and body, and refuses what no text field can hold.
func readForm(w http.ResponseWriter, r *http.Request, limit int64) error {
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close")
		return tooLarge(limit)
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		err = r.ParseMultipartForm(inMemory)
	} else {
		err = r.ParseForm()
	}
	if errors.As(err, new(*http.MaxBytesError)) {
		return tooLarge(limit)
	}
	if err != nil {
		return badRequest{http.StatusBadRequest, "The form did not arrive whole. Go back and send it again."}
	}
	if !clean(r.Form) {
		return badRequest{http.StatusBadRequest, "The form holds characters that are not text (a NUL or broken UTF-8). Go back, remove them and send it again."}
	}
	return nil
}

// forget removes what an upload left on disk: the server does so itself only for
// a request that no middleware has copied.
func forget(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // what is left goes with the machine's other temporary files
	}
}

func clean(form url.Values) bool {
	for key, values := range form {
		for _, v := range append(values, key) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return false
			}
		}
	}
	return true
}

// TypedDay reads a day that may be left out. What is none is refused at its field.
func TypedDay(inv *errs.Invalid, field, s string) day.Day {
	d, err := day.Parse(s)
	inv.Check(err == nil || s == "", field, "This is no day. Write it as 2027-03-31.")
	return d
}

// once runs the handler, but answers a form that was posted before with the
// first one's answer, or with the page that shows what it made, where the answer names
// that as its Content-Location. The hidden form_id is taken in the handler's own
// transaction: a refused form may be sent again.
func once(buf *response, r *http.Request, tx *tenant.Tx, h Handler) error {
	id, err := uuid.Parse(r.PostFormValue("form_id"))
	if err != nil || r.Method != http.MethodPost {
		return h(buf, r, tx)
	}
	tag, err := tx.Exec(r.Context(), `
		INSERT INTO form_posts (id, member_id, path)
		VALUES (@id, @member, @path)
		ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"id": id, "member": tx.Actor.MemberID, "path": r.URL.Path})
	if err != nil {
		return fmt.Errorf("take the form's id: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return answerAgain(buf, r, tx, id)
	}
	if err := h(buf, r, tx); err != nil {
		return err
	}
	location := cmp.Or(buf.header.Get("Location"), buf.header.Get("Content-Location"))
	if location == "" {
		return nil
	}
	_, err = tx.Exec(r.Context(), `
		UPDATE form_posts
		SET location = @location
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "location": location})
	return err
}

func answerAgain(buf *response, r *http.Request, tx *tenant.Tx, id uuid.UUID) error {
	var location string
	err := tx.QueryRow(r.Context(), `
		SELECT location FROM form_posts
		WHERE tenant_id = @tenant AND id = @id AND member_id = @member AND path = @path AND location <> ''`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "member": tx.Actor.MemberID, "path": r.URL.Path}).Scan(&location)
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.Conflict("This form was already used. Open the page again and fill it in anew.")
	}
	if err != nil {
		return fmt.Errorf("find the form's first answer: %w", err)
	}
	return SeeOther(buf, r, location, "This was already saved; it was not saved a second time.")
}
