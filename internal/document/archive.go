package document

import (
	"archive/zip"
	"errors"
	"io"
	"math"
	"path"
	"strings"
)

// What an archive may be at most. A ZIP says of itself how large its files are;
// the reader breaks off where one is larger, so these hold.
const (
	MaxArchive  = 500 << 20 // bytes
	MaxCopies   = 5000      // files
	maxUnpacked = 1 << 30   // bytes, of all files together
	maxRatio    = 100       // times that a file may grow, if it is larger than a megabyte
	maxContents = 4 << 20   // bytes of the archive's own table of contents
)

var errContents = errors.New("the table of contents is too long")

// openArchive lists the files of a ZIP, without folders and what computers put
// into one by themselves. Not one of them has been read yet.
func openArchive(r io.ReaderAt, size int64) ([]*zip.File, error) {
	if size > MaxArchive {
		return nil, unfit("The archive is larger than %s. Split it and upload the parts.", Size(MaxArchive))
	}
	contents := &bounded{r, maxContents}
	z, err := zip.NewReader(contents, size)
	if errors.Is(err, errContents) {
		return nil, errTooMany()
	}
	if err != nil {
		return nil, unfit("This is no ZIP archive, or a damaged one. Pack the copies into a ZIP and choose that.")
	}
	contents.left = math.MaxInt64
	var files []*zip.File
	var unpacked uint64
	for _, f := range z.File {
		if f.FileInfo().IsDir() || unasked(f.Name) {
			continue
		}
		files = append(files, f)
		unpacked += min(f.UncompressedSize64, maxUnpacked+1) // no sum of these overflows
	}
	switch {
	case len(files) == 0:
		return nil, unfit("There are no files in this archive.")
	case len(files) > MaxCopies:
		return nil, errTooMany()
	case unpacked > maxUnpacked:
		return nil, unfit("The files of this archive are more than %s together. Split it and upload the parts.", Size(maxUnpacked))
	}
	return files, nil
}

func errTooMany() error {
	return unfit("More than %d files are in this archive. Split it and upload the parts.", MaxCopies)
}

// unasked tells what macOS and Windows put into an archive by themselves.
func unasked(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") || base == "Thumbs.db" || base == "desktop.ini"
}

// bounded keeps the table of contents, which is read into memory, to a length.
type bounded struct {
	io.ReaderAt
	left int64
}

func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errContents
	}
	return b.ReaderAt.ReadAt(p, off)
}

// readPacked is read for a file of an archive. Whatever is wrong with the file
// itself is an errs.Invalid; any other error is the sink's.
func readPacked(f *zip.File, sink func(io.Reader) error) (file, error) {
	name := safeName(f.Name)
	switch {
	case f.Flags&1 != 0:
		return file{}, unfit("%q is encrypted. Pack it without a password.", name)
	case f.Mode().Type() != 0:
		return file{}, unfit("%q is a link and no file.", name)
	case f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/maxRatio > f.CompressedSize64:
		return file{}, unfit("%q would grow to more than %d times its size, as no copy does.", name, maxRatio)
	}
	content, err := f.Open()
	if err != nil {
		return file{}, unfit("%q cannot be unpacked: it is damaged, or packed in an unusual way.", name)
	}
	defer content.Close()
	packed := &unpacking{r: content}
	out, err := read(f.Name, packed, sink)
	if packed.err != nil {
		return out, unfit("%q cannot be unpacked: it is damaged, or packed in an unusual way.", name)
	}
	return out, err
}

// unpacking remembers what went wrong while a file was unpacked.
type unpacking struct {
	r   io.Reader
	err error
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		u.err = err
	}
	return n, err
}
