package statement

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

func init() { api.DisableConfigDir() } // the library would keep its settings in the user's home

// Join writes PDF files of ours one behind the other into one, page for page as they
// are. It holds one file at a time, however many there are; what several have alike,
// such as fonts and the logo, stands in it once.
func Join(w io.Writer, files iter.Seq2[[]byte, error]) error {
	j := &joined{to: bufio.NewWriterSize(w, 64<<10), begins: make([]int64, firstFree), same: map[[sha256.Size]byte]int{}}
	j.write([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"))
	for file, err := range files {
		if err == nil {
			err = j.add(file)
		}
		if err != nil {
			return fmt.Errorf("join PDF files: %w", err)
		}
	}
	j.end()
	if err := j.to.Flush(); err != nil {
		return fmt.Errorf("join PDF files: %w", err)
	}
	return nil
}

// The numbers of the two objects that are written last; 0 is none's.
const (
	catalogNumber = 1
	pagesNumber   = 2
	firstFree     = 3
)

// joined is the file while it is written.
type joined struct {
	to     *bufio.Writer // keeps its first error
	at     int64
	begins []int64 // where the object of each number does
	same   map[[sha256.Size]byte]int
	files  types.Array // the page trees of all
	pages  int
}

// source is a file that is joined, with the numbers that its objects have got; 0 is
// one that is on its way.
type source struct {
	*model.Context
	numbers map[int]int
}

// aboveAll is the number in each source of what all page trees stand below.
const aboveAll = -1

func (j *joined) write(b []byte) {
	n, _ := j.to.Write(b)
	j.at += int64(n)
}

func (j *joined) add(file []byte) error {
	ctx, err := api.ReadContext(bytes.NewReader(file), model.NewDefaultConfiguration())
	if err != nil {
		return err
	}
	root, err := ctx.Pages()
	if err != nil || root == nil {
		return errors.Join(err, errors.New("the file has no pages"))
	}
	tree, err := ctx.DereferenceDict(*root)
	if err != nil {
		return err
	}
	count := tree.IntEntry("Count")
	if count == nil {
		return errors.New("the file does not say how many pages it has")
	}
	tree["Parent"] = *types.NewIndirectRef(aboveAll, 0)
	number, err := j.take(source{ctx, map[int]int{aboveAll: pagesNumber}}, root.ObjectNumber.Value())
	j.files, j.pages = append(j.files, *types.NewIndirectRef(number, 0)), j.pages+*count
	return err
}

// take writes an object of a file with all that it speaks of, and returns its number.
// Pages are each their own and know their parents; of everything else that is alike
// one is enough.
func (j *joined) take(s source, old int) (int, error) {
	number, seen := s.numbers[old]
	if seen && number == 0 {
		return 0, errors.New("an object speaks of itself")
	}
	if seen {
		return number, nil
	}
	o, err := s.FindObject(old)
	if err != nil {
		return 0, err
	}
	own := false
	if d, ok := o.(types.Dict); ok && d.Type() != nil {
		own = *d.Type() == "Page" || *d.Type() == "Pages"
	}
	s.numbers[old] = 0
	if own {
		s.numbers[old] = j.next()
	}
	if o, err = j.moved(s, o); err != nil {
		return 0, err
	}
	body := written(o)
	if sum := sha256.Sum256(body); !own {
		if s.numbers[old], seen = j.same[sum]; seen {
			return s.numbers[old], nil
		}
		s.numbers[old] = j.next()
		j.same[sum] = s.numbers[old]
	}
	j.object(s.numbers[old], body)
	return s.numbers[old], nil
}

// moved is the object with the new numbers of what it speaks of.
func (j *joined) moved(s source, o types.Object) (types.Object, error) {
	switch o := o.(type) {
	case types.IndirectRef:
		number, err := j.take(s, o.ObjectNumber.Value())
		return *types.NewIndirectRef(number, 0), err
	case types.Array:
		list := make(types.Array, len(o))
		for i := range o {
			var err error
			if list[i], err = j.moved(s, o[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case types.Dict:
		d := types.NewDict()
		for _, key := range slices.Sorted(maps.Keys(o)) { // the same files make the same file
			var err error
			if d[key], err = j.moved(s, o[key]); err != nil {
				return nil, err
			}
		}
		return d, nil
	case types.StreamDict:
		d, err := j.moved(s, o.Dict)
		if err != nil {
			return nil, err
		}
		o.Dict = d.(types.Dict)
		o.Dict["Length"] = types.Integer(len(o.Raw))
		return o, nil
	}
	return o, nil
}

// written is an object as it stands in a file.
func written(o types.Object) []byte {
	switch o := o.(type) {
	case nil:
		return []byte("null")
	case types.StreamDict:
		return slices.Concat([]byte(o.Dict.PDFString()), []byte("\nstream\n"), o.Raw, []byte("\nendstream"))
	}
	return []byte(o.PDFString())
}

func (j *joined) next() int {
	j.begins = append(j.begins, 0)
	return len(j.begins) - 1
}

func (j *joined) object(number int, body []byte) {
	j.begins[number] = j.at
	j.write(slices.Concat(fmt.Appendf(nil, "%d 0 obj\n", number), body, []byte("\nendobj\n")))
}

// end writes what holds the files together, and where each object begins.
func (j *joined) end() {
	j.object(pagesNumber, written(types.Dict{"Type": types.Name("Pages"), "Kids": j.files, "Count": types.Integer(j.pages)}))
	j.object(catalogNumber, written(types.Dict{"Type": types.Name("Catalog"), "Pages": *types.NewIndirectRef(pagesNumber, 0)}))
	table := j.at
	j.write(fmt.Appendf(nil, "xref\n0 %d\n0000000000 65535 f \n", len(j.begins)))
	for _, at := range j.begins[catalogNumber:] {
		j.write(fmt.Appendf(nil, "%010d 00000 n \n", at))
	}
	j.write(fmt.Appendf(nil, "trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(j.begins), catalogNumber, table))
}
