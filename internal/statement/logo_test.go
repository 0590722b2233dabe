package statement_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

func folder(t *testing.T) document.Store {
	t.Helper()
	store, err := document.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// picture is half black, half seen through.
func picture(w, h int) image.Image {
	p := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(p, image.Rect(0, 0, w/2, h), image.Black, image.Point{}, draw.Src)
	return p
}

func pngOf(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func setLogo(t *testing.T, db *dbtest.Database, who tenant.Who, store document.Store, version int, content []byte) error {
	t.Helper()
	return db.Write(t.Context(), who, func(tx *tenant.Tx) error {
		return statement.SetLogo(t.Context(), tx, store, version, bytes.NewReader(content))
	})
}

// logoOf reads the logo that who would print.
func logoOf(t *testing.T, b *books, who tenant.Who, store document.Store) (h statement.Heading) {
	t.Helper()
	err := b.db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		if h, err = statement.HeadingOf(t.Context(), tx, b.customer, ""); err != nil {
			return err
		}
		return h.LoadLogo(t.Context(), tx, store)
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestLogo(t *testing.T) {
	t.Parallel()
	b := open(t)
	store := folder(t)
	if h := logoOf(t, b, b.Collector, store); h.Logo != nil {
		t.Error("a new company has a logo")
	}
	if err := setLogo(t, b.db, b.Manager, store, 0, pngOf(t, picture(40, 20))); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a manager set the logo: %v", err)
	}
	if err := setLogo(t, b.db, b.Admin, store, 0, pngOf(t, picture(3000, 1500))); err != nil {
		t.Fatal(err)
	}
	h := logoOf(t, b, b.Collector, store)
	kept, err := png.Decode(bytes.NewReader(h.Logo))
	if _, plain := kept.(*image.RGBA); err != nil || kept.Bounds().Size() != image.Pt(1000, 500) || !plain {
		t.Fatalf("the logo is kept as a %T of %v, %v", kept, kept.Bounds(), err)
	}
	for x, want := range map[int]uint32{100: 0, 900: 0xffff} {
		if r, g, b, a := kept.At(x, 100).RGBA(); r != want || g != want || b != want || a != 0xffff {
			t.Errorf("its colour at %d is %x %x %x %x, want black, then white", x, r, g, b, a)
		}
	}
	if err := setLogo(t, b.db, b.Admin, store, 0, pngOf(t, picture(4, 4))); !errors.Is(err, statement.LetterheadMoved) {
		t.Errorf("set from what is no longer there: %v", err)
	}
	if err := save(t, b.db, b.Admin, statement.Letterhead{Sender: "Nordlys", Version: 1}); err != nil {
		t.Fatal(err)
	}
	if again := logoOf(t, b, b.Collector, store); !bytes.Equal(again.Logo, h.Logo) || again.Letterhead.Sender != "Nordlys" {
		t.Errorf("after a change of the words: %d bytes of logo, sender %s", len(again.Logo), again.Letterhead.Sender)
	}
	printed := pdfOf(t, statement.Statement{Heading: h})
	h.Logo = nil
	if without := pdfOf(t, statement.Statement{Heading: h}); !bytes.Contains(printed, []byte("/Subtype /Image")) || bytes.Contains(without, []byte("/Subtype /Image")) {
		t.Error("the logo is not in the file, or in the one without it")
	}
	removeLogo(t, b, store)
}

func removeLogo(t *testing.T, b *books, store document.Store) {
	t.Helper()
	remove := func(who tenant.Who, version int) error {
		return b.db.Write(t.Context(), who, func(tx *tenant.Tx) error { return statement.RemoveLogo(t.Context(), tx, version) })
	}
	if err := remove(b.Collector, 2); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector removed the logo: %v", err)
	}
	if err := remove(b.Admin, 2); err != nil {
		t.Fatal(err)
	}
	if h := logoOf(t, b, b.Collector, store); h.Logo != nil {
		t.Error("the logo is still there")
	}
	if err := remove(b.Admin, 3); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("removed twice: %v", err)
	}
	err := b.db.Read(t.Context(), b.Manager, func(tx *tenant.Tx) error {
		var kinds string
		err := tx.QueryRow(t.Context(), `SELECT string_agg(kind, ' ' ORDER BY id) FROM audit_events WHERE kind LIKE 'letterhead%'`).Scan(&kinds)
		if kinds != "letterhead.logo_changed letterhead.changed letterhead.logo_removed" {
			t.Errorf("on record are %s", kinds)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Who sees the customers of a branch only prints the logo all the same; one whose
// content is gone does not keep a letter from being printed.
func TestLogoForABranchAndGone(t *testing.T) {
	t.Parallel()
	b := open(t)
	store := folder(t)
	if err := setLogo(t, b.db, b.Admin, store, 0, pngOf(t, picture(40, 20))); err != nil {
		t.Fatal(err)
	}
	_, err := b.db.Owner(t).Exec(t.Context(), `
		UPDATE tenants SET branch_limited = true;
		INSERT INTO branches (tenant_id, name) SELECT id, 'North' FROM tenants;
		UPDATE customers SET branch_id = (SELECT id FROM branches);
		UPDATE members SET branch_id = (SELECT id FROM branches)`)
	if err != nil {
		t.Fatal(err)
	}
	if h := logoOf(t, b, b.Collector, store); len(h.Logo) == 0 {
		t.Error("a collector of a branch prints no logo")
	}
	if h := logoOf(t, b, b.Collector, folder(t)); len(h.Logo) != 0 || h.Letterhead.LogoID == 0 {
		t.Error("a logo came out of an empty store")
	}
}

func TestLogoIsChecked(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	store := folder(t)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, picture(31, 17), nil); err != nil {
		t.Fatal(err)
	}
	good := pngOf(t, picture(40, 20))
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"a JPEG":           {photo.Bytes(), ""},
		"one pixel":        {pngOf(t, picture(1, 1)), ""},
		"a long thin line": {pngOf(t, picture(4000, 1)), ""},
		"nothing":          {nil, "no PNG or JPEG"},
		"a text":           {[]byte("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), "no PNG or JPEG"},
		"half a PNG":       {good[:len(good)/2], "no PNG or JPEG"},
		"too many bytes":   {append(bytes.Clone(good), make([]byte, statement.MaxLogo)...), "larger than 1 MB"},
		"too many pixels":  {hugePNG(60_000, 60_000), "60000 by 60000 pixels"},
	} {
		l := load(t, db, acme.Admin)
		err := setLogo(t, db, acme.Admin, store, l.Version, c.content)
		var inv errs.Invalid
		if errors.As(err, &inv); !strings.Contains(inv["logo"], c.says) || (c.says == "") != (err == nil) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// hugePNG is the beginning of a picture that would fill the memory.
func hugePNG(w, h uint32) []byte {
	head := []byte("IHDR")
	head = binary.BigEndian.AppendUint32(head, w)
	head = binary.BigEndian.AppendUint32(head, h)
	head = append(head, 8, 6, 0, 0, 0)
	var b bytes.Buffer
	fmt.Fprint(&b, "\x89PNG\r\n\x1a\n")
	_ = binary.Write(&b, binary.BigEndian, uint32(13))
	b.Write(head)
	_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(head))
	return b.Bytes()
}
