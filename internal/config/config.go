// Package config has the settings of the program, typed and with defaults that
// run at a desk. Only cmd reads the environment.
package config

import (
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/caarlos0/env/v11"
)

// Secret is a value that never shows itself when printed or logged.
type Secret string

// String hides the value.
func (Secret) String() string { return "[redacted]" }

// GoString hides the value from %#v.
func (Secret) GoString() string { return "[redacted]" }

// LogValue hides the value from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Config is every setting.
type Config struct {
	// DatabaseURL is the owner's; empty: a private Postgres under Data.
	DatabaseURL Secret `env:"DATABASE_URL"`
	// DatabaseAppURL signs in as app itself; empty: the owner's url, with the role
	// changed to app.
	DatabaseAppURL Secret `env:"DATABASE_APP_URL"`
	// Data is the folder of what the program keeps on disk.
	Data string `env:"DUNWELL_DATA" envDefault:"var"`
	// Addr is where people reach the server; MetricsAddr is where Prometheus does.
	Addr        string `env:"DUNWELL_ADDR" envDefault:"127.0.0.1:8080"`
	MetricsAddr string `env:"DUNWELL_METRICS_ADDR" envDefault:"127.0.0.1:9180"`
	// URL is the server's address in links; empty: http:// and Addr. With https
	// cookies are sent over TLS only.
	URL string `env:"DUNWELL_URL"`
	// SMTP is the mail server, such as smtp://user:password@host:587; empty: e-mail
	// is held. MailFrom is the address that all mail comes from.
	SMTP     Secret `env:"DUNWELL_SMTP"`
	MailFrom string `env:"DUNWELL_MAIL_FROM"`
	// Key keeps the passwords of providers and signs links: 32 random bytes in base64.
	// Empty: with a private Postgres one is made once and kept under Data, else nothing
	// that needs a key can be set up.
	Key Secret `env:"DUNWELL_KEY"`
	// TwilioURL stands in for the provider's own address, to try things out; empty:
	// its own.
	TwilioURL string `env:"DUNWELL_TWILIO_URL"`
	// TrustProxy takes the client's address from X-Forwarded-For's last entry.
	TrustProxy bool `env:"DUNWELL_TRUST_PROXY"`
	// Dev serves the storybook of components.
	Dev      bool       `env:"DUNWELL_DEV"`
	LogLevel slog.Level `env:"DUNWELL_LOG" envDefault:"INFO"`
}

// Load reads the settings from environment, a list of NAME=value.
func Load(environment []string) (Config, error) {
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: env.ToMap(environment)}); err != nil {
		return c, fmt.Errorf("settings: %w", err)
	}
	if c.URL == "" {
		c.URL = "http://" + c.Addr
	}
	return c, nil
}

// Postgres is the folder of the private Postgres.
func (c Config) Postgres() string { return filepath.Join(c.Data, "postgres") }

// KeyFile is where the key lies that the program made itself.
func (c Config) KeyFile() string { return filepath.Join(c.Data, "key") }

// Blobs is the folder of what documents hold.
func (c Config) Blobs() string { return filepath.Join(c.Data, "blobs") }
