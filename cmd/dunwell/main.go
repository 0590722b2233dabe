// Command dunwell is the one program: it serves the site, migrates the database,
// and does at the command line what has no screen. It is the only reader of the
// environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"dunwell/internal/config"
	"dunwell/internal/errs"
	"dunwell/internal/importer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

type commands struct {
	Serve       serve       `cmd:"" help:"Serve the site and work the jobs."`
	Migrate     migrate     `cmd:"" help:"Bring the database to the newest version."`
	Demo        demoCommand `cmd:"" help:"Make a trial company with believable customers, items and payments."`
	Tenant      tenants     `cmd:"" help:"Companies."`
	User        users       `cmd:"" help:"People who sign in."`
	Import      importFile  `cmd:"" help:"Import a CSV file of customers, items or payments. Exit status 0: all rows taken; 1: some were refused; 2: the file cannot be used."`
	Ageing      ageing      `cmd:"" help:"Print what is open by days overdue, as of a day."`
	Dun         dun         `cmd:"" help:"Make the dunning run of a day, or preview it."`
	VerifyNotes verifyNotes `cmd:"" help:"Prove that no note was changed or lost. Exit status 1: names the first fault of each journal."`
	Stop        stopServer  `cmd:"" help:"Stop the private Postgres."`
}

// exit is the status that a command ends with after it has said why itself.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run is main with everything passed in. It returns the exit status.
func run(ctx context.Context, args, environment []string, stdout, stderr io.Writer) (status int) {
	cfg, err := config.Load(environment)
	if err != nil {
		fmt.Fprintln(stderr, "dunwell:", err)
		return 2
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	env := &env{cfg: cfg, log: log, out: stdout, err: stderr}
	ended := -1
	parser, err := kong.New(&commands{}, kong.Name("dunwell"),
		kong.Description("Works overdue money: who to contact today, what to say, what was said."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { ended = code }), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(env))
	if err != nil {
		fmt.Fprintln(stderr, "dunwell:", err)
		return 2
	}
	call, err := parser.Parse(args)
	if ended >= 0 { // --help has answered
		return ended
	}
	if err != nil {
		fmt.Fprintln(stderr, "dunwell:", err)
		return 2
	}
	return outcome(call.Run(), stderr)
}

// outcome says in a sentence why a command failed.
func outcome(err error, stderr io.Writer) int {
	var code exit
	var unusable importer.Unusable
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &unusable):
		fmt.Fprintln(stderr, "dunwell:", unusable)
		return 2
	case errors.Is(err, errs.NotFound), errors.As(err, new(errs.Invalid)):
		fmt.Fprintln(stderr, "dunwell:", err)
		return 2
	default:
		fmt.Fprintln(stderr, "dunwell:", err)
		return 1
	}
}
