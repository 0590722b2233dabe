package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"

	"dunwell/internal/day"
	"dunwell/internal/devpg"
	"dunwell/internal/document"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
	"dunwell/migrations"
	"dunwell/web"
	"dunwell/web/site"
)

type migrate struct{}

// Run migrates.
func (*migrate) Run(ctx context.Context, e *env) error {
	url, err := e.owner(ctx)
	if err != nil {
		return err
	}
	if url == "" {
		return errors.New("migrating needs the owner's database: set DATABASE_URL")
	}
	if err := migrations.Up(ctx, url); err != nil {
		return err
	}
	fmt.Fprintln(e.err, "The database has every migration.")
	return nil
}

type stopServer struct{}

// Run stops the private Postgres.
func (*stopServer) Run(ctx context.Context, e *env) error {
	return devpg.Stop(ctx, root(), e.cfg.Postgres())
}

type serve struct {
	Today   day.Day `help:"Stand on this day instead of today (trial companies only)." placeholder:"YYYY-MM-DD"`
	Migrate bool    `help:"Migrate first."`
	SMTP    string  `name:"smtp" help:"The mail server; instead of DUNWELL_SMTP, which keeps a password from the list of processes." placeholder:"URL"`
	From    string  `name:"mail-from" help:"The address that mail comes from; instead of DUNWELL_MAIL_FROM." placeholder:"ADDRESS"`
}

// mailServer is the one that is set up, nil where none is.
func (s *serve) mailServer(e *env) (*message.Server, error) {
	url, from := cmp.Or(s.SMTP, string(e.cfg.SMTP)), cmp.Or(s.From, e.cfg.MailFrom)
	if url == "" {
		return nil, nil
	}
	server, err := message.NewServer(url, from, nil)
	if err != nil {
		return nil, fmt.Errorf("DUNWELL_SMTP and DUNWELL_MAIL_FROM: %w", err)
	}
	return server, nil
}

// Run serves until it is told to stop, then lets running requests and jobs end.
func (s *serve) Run(ctx context.Context, e *env) error {
	if s.Migrate {
		if err := (&migrate{}).Run(ctx, e); err != nil {
			return err
		}
	}
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	db.TrialDay = s.Today
	blobs, err := document.OpenFolder(e.cfg.Blobs())
	if err != nil {
		return err
	}
	defer blobs.Close()
	box := &message.Outbox{Store: blobs, URL: e.cfg.URL, Provider: provider.Options{URL: e.cfg.TwilioURL}}
	if box.Secrets, err = e.secrets(); err != nil {
		return err
	}
	if box.Server, err = s.mailServer(e); err != nil {
		return err
	}
	if box.Ready() {
		defer box.Server.Close()
	}
	client, err := jobs.New(db, box, e.log)
	if err != nil {
		return err
	}
	site.TuneMemory()
	handler := site.New(site.Options{
		DB: db, Log: e.log, Blobs: blobs, Outbox: box, Dev: e.cfg.Dev, TrustProxy: e.cfg.TrustProxy,
		Secure: strings.HasPrefix(e.cfg.URL, "https://"),
		Enqueue: func(ctx context.Context, tx pgx.Tx, args river.JobArgs) error {
			_, err := client.InsertTx(ctx, tx, args, nil)
			return err
		},
	})
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	err = e.listen(ctx, server(e.cfg.Addr, handler), server(e.cfg.MetricsAddr, metrics(db)))
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return errors.Join(err, client.Stop(stopping))
}

func server(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr: addr, Handler: h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute, // an upload over a slow line
		WriteTimeout:      5 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// listen serves until ctx ends, then stops taking requests and waits for those
// that run.
func (e *env) listen(ctx context.Context, servers ...*http.Server) error {
	group, ctx := errgroup.WithContext(ctx)
	for i, s := range servers {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		if i == 0 {
			fmt.Fprintf(e.out, "Dunwell is at %s\n", e.cfg.URL)
		}
		group.Go(func() error {
			if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done()
			stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer cancel()
			return s.Shutdown(stopping)
		})
	}
	return group.Wait()
}

// metrics answers Prometheus, on an address of its own.
func metrics(db *tenant.DB) http.Handler {
	reg := prometheus.NewRegistry()
	gauge := func(name, help string, f func() int32) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(f()) }))
	}
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), web.Requests)
	gauge("dunwell_db_connections_acquired", "Connections in use.", func() int32 { return db.Pool.Stat().AcquiredConns() })
	gauge("dunwell_db_connections_idle", "Connections open and free.", func() int32 { return db.Pool.Stat().IdleConns() })
	gauge("dunwell_db_connections_max", "Connections at most.", func() int32 { return db.Pool.Stat().MaxConns() })
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	return mux
}
