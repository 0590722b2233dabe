package static

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func site() http.Handler { return http.StripPrefix("/static", Handler()) }

func TestServesCompressed(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{
		"app.css": "text/css", "app.js": "javascript", "theme.js": "javascript",
		"icons.svg": "image/svg+xml", "favicon.svg": "image/svg+xml",
	} {
		for _, encoding := range []string{"br", "gzip", ""} {
			r := httptest.NewRequest("GET", URL(name), nil)
			r.Header.Set("Accept-Encoding", encoding)
			w := httptest.NewRecorder()
			site().ServeHTTP(w, r)
			h := w.Header()
			if w.Code != 200 || h.Get("Content-Encoding") != encoding || !strings.Contains(h.Get("Content-Type"), kind) {
				t.Errorf("%s as %q: %d, encoding %q, type %q", name, encoding, w.Code, h.Get("Content-Encoding"), h.Get("Content-Type"))
			}
			if got := h.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
				t.Errorf("%s: Cache-Control %q", name, got)
			}
			if w.Body.Len() == 0 {
				t.Errorf("%s as %q: empty", name, encoding)
			}
		}
	}
}

func TestServesNothingElse(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/static/", "/static", "/static/manifest.json", "/static/app.css", "/static/../static.go", URL("app.css") + ".br"} {
		w := httptest.NewRecorder()
		site().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 404 || w.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: %d, kept %q", path, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

func TestUnknownNamePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a name that was not built gave a URL")
		}
	}()
	URL("app.scss")
}
