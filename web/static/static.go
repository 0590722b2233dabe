// Package static serves the built front-end files from the binary itself, under
// names that change with their content. It builds nothing: where the compiler
// says "pattern all:dist: no matching files found", run `make assets` first.
package static

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/vearutop/statigz"
	"github.com/vearutop/statigz/brotli"
)

//go:embed all:dist
var dist embed.FS

// hashed maps each logical name to the file's name.
var hashed = readManifest()

func readManifest() map[string]string {
	names := map[string]string{}
	b, err := dist.ReadFile("dist/manifest.json")
	if err == nil {
		err = json.Unmarshal(b, &names)
	}
	if err != nil {
		panic(fmt.Sprintf("static: the assets are not built whole, run make assets: %v", err))
	}
	return names
}

// URL is where the file of that logical name is served, such as app.css. A name
// that was not built is a fault of the caller and panics.
func URL(name string) string {
	file, ok := hashed[name]
	if !ok {
		panic("static: no asset is called " + name)
	}
	return "/static/" + file
}

// Handler serves the files by their hashed names, compressed as the client can
// take them; mount it with the prefix /static stripped. What it serves never
// changes, so it may be kept for a year.
func Handler() http.Handler {
	files := statigz.FileServer(dist, statigz.FSPrefix("dist"), brotli.AddEncoding)
	known := map[string]bool{}
	for _, file := range hashed {
		known[file] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !known[strings.TrimPrefix(r.URL.Path, "/")] {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		files.ServeHTTP(w, r)
	})
}
