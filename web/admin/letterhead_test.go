package admin_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/web/webtest"
)

func TestLetterhead(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Get("/admin/letterhead").Has(t, http.StatusOK, "Foot of each page", "Set the logo")
	words := form("version", "0", "sender", "Acme & Sons", "address", "Quay 1\r\nOslo", "bank", "IBAN NO93", "phone", "+47 22 41 09 33", "reply_to", "pay@acme.example", "footer", "Reg. 7")
	c.Post("/admin/letterhead", words).Leads(t, "/admin/letterhead")
	c.Get("/admin/letterhead").Has(t, http.StatusOK, "Acme &amp; Sons", "Quay 1\nOslo", "IBAN NO93", "Reg. 7", "The letterhead is saved.")
	facts := s.As(t, acme.Manager).Get("/admin/letterhead")
	facts.Has(t, http.StatusOK, "Acme &amp; Sons", "pay@acme.example")
	facts.Lacks(t, "<textarea", "Save</button>")

	bad := form("version", "1", "sender", "Acme", "address", "a\nb\nc\nd\ne\nf\ng", "reply_to", "nobody at all")
	c.Post("/admin/letterhead", bad).Has(t, http.StatusUnprocessableEntity, "There is room for 6 lines.", "This is not an e-mail address.", "nobody at all", "f\ng")
	s.As(t, acme.Manager).Get("/admin/audit?group=letterhead").Has(t, http.StatusOK, "changed the letterhead", "phone: none → +47 22 41 09 33")
}

// The second of two who change the letterhead keeps what was typed and sees what
// the first one did.
func TestLetterheadOfTwo(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Post("/admin/letterhead", form("version", "0", "sender", "First", "phone", "11", "bank", "IBAN 1")).Leads(t, "/admin/letterhead")
	c.Post("/admin/letterhead", form("version", "1", "sender", "Second", "phone", "22", "bank", "IBAN 1")).Leads(t, "/admin/letterhead")
	page := c.Post("/admin/letterhead", form("version", "1", "seen_sender", "First", "sender", "Third", "seen_phone", "11", "phone", "11", "seen_bank", "IBAN 1", "bank", "IBAN 3"))
	page.Has(t, http.StatusConflict, "the letterhead was changed while you were writing", "Changed meanwhile to “Second”", `value="Third"`, `value="22"`, "and taken over", "IBAN 3", `name="version" value="2"`)
}

// upload sends the file as a browser does.
func upload(t *testing.T, c *webtest.Client, version string, content []byte) webtest.Page {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("version", version); err != nil {
		t.Fatal(err)
	}
	if content != nil {
		part, err := w.CreateFormFile("logo", "../logo.svg")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return c.Send("/admin/letterhead/logo", w.FormDataContentType(), &b)
}

func TestLogo(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 30, 10))); err != nil {
		t.Fatal(err)
	}
	upload(t, c, "0", picture.Bytes()).Leads(t, "/admin/letterhead")
	c.Get("/admin/letterhead").Has(t, http.StatusOK, `src="/letterhead/logo"`, "Take the logo off")
	s.As(t, acme.Manager).Get("/admin/letterhead").Has(t, http.StatusOK, `src="/letterhead/logo"`)
	if logo := c.Get("/letterhead/logo"); logo.Code != http.StatusOK || !strings.HasPrefix(logo.Body, "\x89PNG") {
		t.Errorf("status %d: %.100q", logo.Code, logo.Body)
	}
	upload(t, c, "0", picture.Bytes()).Has(t, http.StatusConflict, "Somebody else changed the letterhead meanwhile.")
	upload(t, c, "1", []byte("<svg/>")).Has(t, http.StatusUnprocessableEntity, "This is no PNG or JPEG picture")
	upload(t, c, "1", nil).Has(t, http.StatusUnprocessableEntity, "Choose a PNG or JPEG file.")
	upload(t, c, "1", make([]byte, 1<<20+1)).Has(t, http.StatusUnprocessableEntity, "larger than 1 MB")
	upload(t, c, "1", make([]byte, 3<<20)).Has(t, http.StatusRequestEntityTooLarge)
	upload(t, s.As(t, acme.Manager), "1", picture.Bytes()).Has(t, http.StatusForbidden)
	c.Post("/admin/letterhead/logo/removal", form("version", "0")).Has(t, http.StatusConflict)
	c.Post("/admin/letterhead/logo/removal", form("version", "1")).Leads(t, "/admin/letterhead")
	c.Get("/letterhead/logo").Has(t, http.StatusNotFound)
	c.Post("/admin/letterhead/logo/removal", form("version", "2")).Has(t, http.StatusConflict, "There is no logo")
}
