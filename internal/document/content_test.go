package document_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// zipped packs files, a name and a content each, in their order.
func zipped(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// open document files keep their type first, unpacked.
func openDocument(t testing.TB, mediaType string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "mimetype", Method: zip.Store})
	if err == nil {
		_, err = f.Write([]byte(mediaType))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func workbook(t testing.TB) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const mail = "From: Ada <ada@acme.example>\r\nTo: Bob <bob@debtors.example>\r\nSubject: Your invoice\r\nDate: Mon, 16 Mar 2026 10:00:00 +0100\r\n\r\nHello\r\n"

// What is kept goes by the content; its last ending says the same.
func TestKinds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	docx := zipped(t, "[Content_Types].xml", "<Types/>", "_rels/.rels", "<Relationships/>", "word/document.xml", "<w:document/>")
	for _, c := range []struct{ name, content, want, mediaType string }{
		{"a.pdf", pdf("a"), "a.pdf", "application/pdf"},
		{"A.PDF", pdf("a"), "A.PDF", "application/pdf"},
		{"scan", pdf("a"), "scan.pdf", "application/pdf"},
		{"setup.exe", pdf("a"), "setup.exe.pdf", "application/pdf"},
		{"2026.0042", pdf("a"), "2026.0042.pdf", "application/pdf"},
		{"a.png", "\x89PNG\r\n\x1a\n0000IHDR", "a.png", "image/png"},
		{"photo.pdf", "\xff\xd8\xff\xe0\x00\x10JFIF", "photo.pdf.jpg", "image/jpeg"},
		{"fax.TIF", "II*\x00\x08\x00\x00\x00", "fax.TIF", "image/tiff"},
		{"a.txt", "Hello", "a.txt", "text/plain"},
		{"run.bat", "del *.*", "run.bat.txt", "text/plain"},
		{"a.csv", "a;b\n1;2\n", "a.csv", "text/csv"},
		{"a.txt", "a,b\n1,2\n3,4\n", "a.txt", "text/plain"},
		{"a.eml", mail, "a.eml", "message/rfc822"},
		{"a.docx", docx, "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"a.xlsx", workbook(t), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"a.odt", openDocument(t, "application/vnd.oasis.opendocument.text"), "a.odt", "application/vnd.oasis.opendocument.text"},
		{"a.ods", openDocument(t, "application/vnd.oasis.opendocument.spreadsheet"), "a.ods", "application/vnd.oasis.opendocument.spreadsheet"},
	} {
		if doc := d.must(t, "", c.name, c.content)[0]; doc.Name != c.want || doc.MediaType != c.mediaType {
			t.Errorf("%s became %s, %s; want %s, %s", c.name, doc.Name, doc.MediaType, c.want, c.mediaType)
		}
	}
}

func TestKindsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, c := range []struct{ name, content, says string }{
		{"invoice.pdf", "MZ\x90\x00\x03", `"invoice.pdf" is a Windows program. PDF, PNG, JPEG, TIFF, text, CSV, DOCX, XLSX, ODT, ODS and EML can be kept.`},
		{"invoice.pdf", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 60), "is a program"},
		{"a.txt", "<!DOCTYPE html><script>alert(1)</script>", "is a web page"},
		{"a.png", `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`, "is an SVG drawing, which can carry scripts"},
		{"a.txt", "#!/bin/sh\nrm -rf /\n", "is a script"},
		{"a.txt", "<?php system($_GET[0]);", "is a script"},
		{"a.docx", zipped(t, "a.txt", "a"), "is a ZIP archive. Unpack it"},
		{"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "is an old Office file, or one with a password"},
		{"a.rtf", `{\rtf1 hello}`, "is an RTF text"},
		{"a.gif", "GIF89a", "is an image of a kind"},
		{"a.heic", "\x00\x00\x00\x18ftypheic", "Save it as JPEG"},
		{"a.gz", "\x1f\x8b\x08", "is an archive"},
		{"a.json", `{"a": 1}`, "is a file of the type application/json"},
		{"a.pdf", "\x00\x01\x02\x03", "is of no kind that is known here"},
	} {
		if _, err := d.upload(t, "", c.name, c.content); !says(err, c.says) {
			t.Errorf("%s with %.20q: %v, want %q", c.name, c.content, err, c.says)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	long := strings.Repeat("ä", 300)
	emoji := strings.Repeat("😀", 100)
	for name, want := range map[string]string{
		"../../etc/passwd":              "passwd.txt",
		`C:\Users\ada\invoice.txt`:      "invoice.txt",
		"con.txt":                       "_con.txt",
		"COM1":                          "_COM1.txt",
		"lpt9 .tar.txt":                 "_lpt9 .tar.txt",
		"console.txt":                   "console.txt",
		"a\x00b.txt":                    "ab.txt",
		"a\r\nSet-Cookie: b.txt":        "a Set-Cookie_ b.txt",
		"invoice\u202etxt.exe":          "invoicetxt.exe.txt",
		"zero\u200bwidth\ufeff.txt":     "zerowidth.txt",
		"Cafe\u0301.txt":                "Caf\u00e9.txt",
		" .hidden. .txt. ":              "hidden.txt",
		"":                              "document.txt",
		"...":                           "document.txt",
		`a<b>c:"d|e?f*g.txt`:            "a_b_c__d_e_f_g.txt",
		"card 4111 1111 1111 1111.txt":  "card ____ ____ ____ 1111.txt",
		"bad\xff\xfebytes.txt":          "badbytes.txt",
		"Žluťoučký kůň.txt":             "Žluťoučký kůň.txt",
		long + ".txt":                   strings.Repeat("ä", 116) + ".txt",
		emoji + ".txt":                  strings.Repeat("😀", 59) + ".txt",
		strings.Repeat("x", 120):        strings.Repeat("x", 116) + ".txt",
		"a." + strings.Repeat("b", 300): "a." + strings.Repeat("b", 114) + ".txt",
	} {
		if doc := d.must(t, "", name, "words")[0]; doc.Name != want {
			t.Errorf("%q became %q, want %q", name, doc.Name, want)
		}
	}
}
