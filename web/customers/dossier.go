package customers

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"dunwell/internal/document"
	"dunwell/internal/dossier"
	"dunwell/internal/tenant"
	"dunwell/web"
)

// takeDossier puts on record that one is taken, and leads to it.
func takeDossier(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "customer")
	seq, err := dossier.Take(r.Context(), tx, id)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, fmt.Sprintf("/customers/%d/dossiers/%d", id, seq), "")
}

// openDossier sends it. Its documents are read while it goes out.
func openDossier(blobs document.Store) func(r *http.Request, tx *tenant.Tx) (web.Download, error) {
	return func(r *http.Request, tx *tenant.Tx) (web.Download, error) {
		id := web.ID(r, "customer")
		d, err := dossier.Open(r.Context(), tx, blobs, id, web.ID(r, "seq"))
		if err != nil {
			return web.Download{}, err
		}
		exported(tx, id, "dossier")
		return web.Download{Content: sending(r.Context(), d), Name: d.Name, MediaType: "application/zip", Size: -1}, nil
	}
}

// going is a dossier that is being written while it is read.
type going struct {
	*io.PipeReader
	dossier *dossier.Dossier
	done    chan struct{}
}

func sending(ctx context.Context, d *dossier.Dossier) io.ReadCloser {
	r, w := io.Pipe()
	g := going{r, d, make(chan struct{})}
	go func() {
		defer close(g.done)
		w.CloseWithError(d.WriteOut(ctx, w))
	}()
	return g
}

// Close ends the writing too, where the reader went away.
func (g going) Close() error {
	_ = g.PipeReader.Close() // never fails
	<-g.done
	return g.dossier.Close()
}
