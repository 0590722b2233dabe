package statement

import (
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

func init() { api.DisableConfigDir() } // the library would keep its settings in the user's home

// Join writes PDF files one behind the other into one, page for page as they are.
func Join(w io.Writer, files []io.ReadSeeker) error {
	if err := api.MergeRaw(files, w, false, model.NewDefaultConfiguration()); err != nil {
		return fmt.Errorf("join PDF files: %w", err)
	}
	return nil
}
