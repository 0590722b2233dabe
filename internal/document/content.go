package document

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"dunwell/internal/errs"
)

// MaxFile is the largest document, in bytes.
const MaxFile = 20 << 20

// kind is a kind of file that is taken.
type kind struct {
	mediaType string
	endings   []string // the first is given to a name that has none of them
}

var plain = kind{"text/plain", []string{".txt", ".text"}}

var kinds = []kind{
	{"application/pdf", []string{".pdf"}},
	{"image/png", []string{".png"}},
	{"image/jpeg", []string{".jpg", ".jpeg"}},
	{"image/tiff", []string{".tiff", ".tif"}},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}},
	{"application/vnd.oasis.opendocument.text", []string{".odt"}},
	{"application/vnd.oasis.opendocument.spreadsheet", []string{".ods"}},
}

// texts are told apart by their names alone.
var texts = []kind{plain, {"text/csv", []string{".csv"}}, {"message/rfc822", []string{".eml"}}}

// Accept lists the endings of the files that are taken, for a field that chooses
// files.
func Accept() string {
	var all []string
	for _, k := range append(slices.Clone(kinds), texts...) {
		all = append(all, k.endings...)
	}
	return strings.Join(all, ",")
}

// Accepted says which files are taken.
const Accepted = "PDF, PNG, JPEG, TIFF, text, CSV, DOCX, XLSX, ODT, ODS and EML"

// others are what people try to upload all the same: what it is, and the way
// out. What begins with the first is what the second says.
var others = []struct{ mediaType, says string }{
	{"application/vnd.microsoft.portable-executable", "is a Windows program"},
	{"application/x-ms-installer", "is a Windows program"},
	{"application/x-ms-shortcut", "is a Windows shortcut"},
	{"application/x-elf", "is a program"}, {"application/x-executable", "is a program"}, {"application/x-sharedlib", "is a program"},
	{"application/x-object", "is a program"}, {"application/x-mach-binary", "is a program"}, {"application/java-archive", "is a Java program"},
	{"application/vnd.android.package-archive", "is an Android program"},
	{"text/html", "is a web page"}, {"application/xhtml+xml", "is a web page"},
	{"text/javascript", "is a script"}, {"text/x-", "is a script"},
	{"image/svg+xml", "is an SVG drawing, which can carry scripts. Save it as PNG"},
	{"image/heic", "is a photo in Apple's own format. Save it as JPEG"},
	{"image/", "is an image of a kind that not every reader shows. Save it as PNG or JPEG"},
	{"application/zip", "is a ZIP archive. Unpack it and upload the files"},
	{"application/vnd.rar", "is an archive. Unpack it and upload the files"},
	{"application/x-7z-compressed", "is an archive. Unpack it and upload the files"},
	{"application/gzip", "is an archive. Unpack it and upload the files"},
	{"application/x-tar", "is an archive. Unpack it and upload the files"},
	{"application/msword", "is an old Word document. Save it as DOCX or PDF"},
	{"application/vnd.ms-excel", "is an old Excel workbook. Save it as XLSX or PDF"},
	{"application/vnd.ms-outlook", "is a message of Outlook's own kind. Save it as EML or PDF"},
	{"application/x-ole-storage", "is an old Office file, or one with a password. Save it without, as DOCX, XLSX or PDF"},
	{"application/vnd.openxmlformats-officedocument.presentationml", "is a presentation. Save it as PDF"},
	{"text/rtf", "is an RTF text. Save it as DOCX or PDF"},
	{"video/", "is a video"}, {"audio/", "is a recording"},
	{"application/octet-stream", "is of no kind that is known here"},
}

// refusal says what the file is and why it is not taken.
func refusal(name string, t *mimetype.MIME) error {
	says := "is a file of the type " + base(t)
	for _, o := range others {
		if strings.HasPrefix(base(t), o.mediaType) {
			says = o.says
			break
		}
	}
	return unfit("%q %s. %s can be kept.", name, says, Accepted)
}

// unfit is a sentence about a file that is not taken.
func unfit(format string, args ...any) error {
	return errs.Invalid{"file": fmt.Sprintf(format, args...)}
}

func base(t *mimetype.MIME) string {
	name, _, _ := strings.Cut(t.String(), ";")
	return name
}

// kindOf tells which kind of those that are taken a content is.
func kindOf(name string, head []byte) (kind, error) {
	t := mimetype.Detect(head)
	for _, k := range kinds {
		if t.Is(k.mediaType) {
			return k, nil
		}
	}
	end := strings.ToLower(ending(name))
	for _, is := range []string{"text/plain", "text/csv", "text/tab-separated-values", "message/rfc822"} {
		if !t.Is(is) {
			continue
		}
		for _, k := range texts {
			if slices.Contains(k.endings, end) {
				return k, nil
			}
		}
		return plain, nil
	}
	return kind{}, refusal(name, t)
}

// fit gives a name the ending of its kind, unless it has one already: the last
// ending always says what the file is.
func (k kind) fit(name string) string {
	if slices.Contains(k.endings, strings.ToLower(ending(name))) {
		return name
	}
	return shorten(name + k.endings[0])
}

// file is what is known of a content once all of it was read.
type file struct {
	name, mediaType string
	size            int64
	sum             []byte
}

// headSize is how much of a file tells its kind.
const headSize = 4096

// read passes a file on to sink, and tells what it is. What is empty, too large
// or of another kind than it may be is refused with a sentence.
func read(name string, content io.Reader, sink func(io.Reader) error) (f file, err error) {
	f.name = safeName(name)
	head := make([]byte, headSize)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return f, fmt.Errorf("read %s: %w", f.name, err)
	}
	if n == 0 {
		return f, unfit("%q is empty.", f.name)
	}
	k, err := kindOf(f.name, head[:n])
	if err != nil {
		return f, err
	}
	m := &measured{r: io.MultiReader(bytes.NewReader(head[:n]), content), sum: sha256.New(), name: f.name}
	if err := sink(m); err != nil {
		return f, err
	}
	f.name, f.mediaType, f.size, f.sum = k.fit(f.name), k.mediaType, m.size, m.sum.Sum(nil)
	return f, nil
}

// measured counts and hashes what is read through it, and breaks off above
// MaxFile.
type measured struct {
	r    io.Reader
	sum  hash.Hash
	size int64
	name string
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.size += int64(n); m.size > MaxFile {
		return 0, unfit("%q is larger than %s, the most that is kept. Make it smaller: scan in grey, or split it.", m.name, Size(MaxFile))
	}
	m.sum.Write(p[:n])
	return n, err
}

// Size is a number of bytes as people read it: "1.2 MB".
func Size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", (n+512)>>10)
	case n == 1:
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}
