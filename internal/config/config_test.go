package config_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"dunwell/internal/config"
)

func TestDefaultsRunAtADesk(t *testing.T) {
	t.Parallel()
	c, err := config.Load(nil)
	if err != nil || c.Addr != "127.0.0.1:8080" || c.URL != "http://127.0.0.1:8080" || c.Postgres() != "var/postgres" || c.Blobs() != "var/blobs" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{"DATABASE_URL=postgres://owner:hunter2@db/x", "DUNWELL_URL=https://dunwell.example", "DUNWELL_SMTP=smtp://me:hunter2@mail", "DUNWELL_MAIL_FROM=mail@dunwell.example"})
	if err != nil || string(c.DatabaseURL) != "postgres://owner:hunter2@db/x" || c.URL != "https://dunwell.example" || string(c.SMTP) != "smtp://me:hunter2@mail" || c.MailFrom != "mail@dunwell.example" {
		t.Fatal("the settings were not read", err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "config", c, "url", c.DatabaseURL)
	for _, shown := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v %s %q", c, c, c.DatabaseURL, c.DatabaseURL), logged.String()} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("the password shows: %s", shown)
		}
	}
}

func TestWrongSettingIsNamed(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{"DUNWELL_TRUST_PROXY=perhaps"})
	if err == nil || !strings.Contains(err.Error(), "TrustProxy") {
		t.Errorf("got %v", err)
	}
}
