package web

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
)

type whoKey struct{}

// asked is filled by the adapter, for the line of the log.
type asked struct{ tenant, user int64 }

func noteWho(ctx context.Context, tenant, user int64) {
	if a, ok := ctx.Value(whoKey{}).(*asked); ok {
		a.tenant, a.user = tenant, user
	}
}

// Requests are timed by method, route pattern and status.
var Requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "dunwell_http_request_seconds",
	Help:    "Time to answer a request, by route.",
	Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
}, []string{"method", "route", "status"})

// Log writes one line a request. It names the route's pattern and never the
// path or the query, which may hold a debtor's name or number.
func Log(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began, who := time.Now(), &asked{}
			r = r.WithContext(context.WithValue(r.Context(), whoKey{}, who))
			ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			defer func() {
				route, took := "none", time.Since(began)
				if rc := chi.RouteContext(r.Context()); rc != nil && rc.RoutePattern() != "" {
					route = rc.RoutePattern()
				}
				status := max(ww.Status(), http.StatusOK)
				Requests.WithLabelValues(r.Method, route, strconv.Itoa(status)).Observe(took.Seconds())
				log.InfoContext(r.Context(), "request", "method", r.Method, "route", route, "status", status, "ms", took.Milliseconds(),
					"bytes", ww.BytesWritten(), "tenant", who.tenant, "user", who.user, "request_id", middleware.GetReqID(r.Context()))
			}()
			next.ServeHTTP(ww, r)
		})
	}
}
