package provider_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/provider"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

func good() provider.Typed {
	return provider.Typed{Token: twiliotest.Token, Settings: provider.Settings{AccountSID: " " + twiliotest.SID, SMSFrom: "+47 22 41 09 01",
		CallFrom: "", PartPrice: "0,0790", PartCurrency: "eur"}}
}

func mailbox() provider.TypedMailbox {
	return provider.TypedMailbox{Password: "geheim, wirklich", Mailbox: provider.Mailbox{Host: "IMAP.acme.example ", Port: 993, Security: provider.TLS, Username: "post@acme.example", Folder: "INBOX"}}
}

// What is set up is kept sealed, shown without its password, and on record.
func TestSettings(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return provider.Save(t.Context(), tx, o.box, good()) })
	var s provider.Settings
	load := func() {
		o.do(t, o.Admin, func(tx *tenant.Tx) (err error) { s, err = provider.Load(t.Context(), tx); return err })
	}
	load()
	if s != (provider.Settings{AccountSID: twiliotest.SID, SMSFrom: "+4722410901", PartPrice: "0.079", PartCurrency: "EUR", Version: 1}) {
		t.Errorf("the settings are %+v", s)
	}
	for parts, want := range map[int]string{1: "EUR 0.079", 3: "EUR 0.237", 10: "EUR 0.79"} {
		if got := s.Cost(parts); got != want {
			t.Errorf("%d parts cost %q, want %q", parts, got, want)
		}
	}
	if got := (provider.Settings{}).Cost(2); got != "" {
		t.Errorf("without a price it costs %q", got)
	}
	// The token stays where none is given.
	s.PartPrice, s.PartCurrency, s.CallFrom = "", "", "+4722410902"
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return provider.Save(t.Context(), tx, o.box, provider.Typed{Settings: s}) })
	if _, got, err := o.open(t, o.box, provider.Options{}); err != nil || got.CallFrom != "+4722410902" || got.PartPrice != "" || got.Version != 2 {
		t.Errorf("after a change without the token: %+v, %v", got, err)
	}
	var sealed []byte
	var record string
	if err := o.Owner(t).QueryRow(t.Context(), `SELECT p.sealed_token, (SELECT string_agg(e.data::text, ' ') FROM audit_events e WHERE e.kind = 'providers.telephone_changed') FROM providers p`).
		Scan(&sealed, &record); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte(twiliotest.Token)) || strings.Contains(record, twiliotest.Token) || strings.Count(record, "given anew") != 1 || !strings.Contains(record, "+4722410902") {
		t.Errorf("kept as %q, on record as %s", sealed, record)
	}
	load()
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return provider.Remove(t.Context(), tx, s.Version) })
	if _, got, err := o.open(t, o.box, provider.Options{}); !errors.Is(err, provider.ErrNone) || got != (provider.Settings{Version: 3}) {
		t.Errorf("after it was removed: %+v, %v", got, err)
	}
}

func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for field, change := range map[string]func(*provider.Typed){
		"account_sid":   func(p *provider.Typed) { p.AccountSID = "AC12" },
		"token":         func(p *provider.Typed) { p.Token = "" },
		"sms_from":      func(p *provider.Typed) { p.SMSFrom = "" },
		"call_from":     func(p *provider.Typed) { p.CallFrom = "22 41 09 33" },
		"part_price":    func(p *provider.Typed) { p.PartPrice = "-1" },
		"part_currency": func(p *provider.Typed) { p.PartCurrency = "euros" },
	} {
		p := good()
		change(&p)
		err := o.Write(t.Context(), o.Admin, func(tx *tenant.Tx) error { return provider.Save(t.Context(), tx, o.box, p) })
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[field] == "" || len(inv) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return provider.Save(t.Context(), tx, o.box, good()) })
	other := good()
	other.AccountSID, other.Token, other.Version = strings.Replace(twiliotest.SID, "AC0", "AC1", 1), "", 1
	old := good()
	for name, c := range map[string]struct {
		who  tenant.Who
		p    provider.Typed
		box  *secret.Box
		is   func(error) bool
		also func(tx *tenant.Tx) error
	}{
		"another account with the old token": {o.Admin, other, o.box, func(err error) bool { return errors.As(err, new(errs.Invalid)) }, nil},
		"an older version":                   {o.Admin, old, o.box, func(err error) bool { return errors.As(err, new(errs.Conflict)) }, func(tx *tenant.Tx) error { return provider.Remove(t.Context(), tx, 0) }},
		"no key":                             {o.Admin, with(good(), 1), nil, func(err error) bool { return errors.Is(err, secret.ErrNoKey) }, nil},
		"a manager":                          {o.Manager, with(good(), 1), o.box, func(err error) bool { return errors.As(err, new(errs.Forbidden)) }, func(tx *tenant.Tx) error { return provider.Remove(t.Context(), tx, 1) }},
		"a collector":                        {o.Collector, with(good(), 1), o.box, func(err error) bool { return errors.As(err, new(errs.Forbidden)) }, func(tx *tenant.Tx) error { return provider.RemoveMailbox(t.Context(), tx, 0) }},
	} {
		if err := o.Write(t.Context(), c.who, func(tx *tenant.Tx) error { return provider.Save(t.Context(), tx, c.box, c.p) }); !c.is(err) {
			t.Errorf("%s: %v", name, err)
		}
		if c.also == nil {
			continue
		}
		if err := o.Write(t.Context(), c.who, c.also); !c.is(err) {
			t.Errorf("%s, removing: %v", name, err)
		}
	}
	// Another company sees nothing of it.
	beta := dbtest.Tenant(t, o.Database, "beta")
	o.do(t, beta.Admin, func(tx *tenant.Tx) error {
		s, err := provider.Load(t.Context(), tx)
		if s != (provider.Settings{}) {
			t.Errorf("another company has %+v", s)
		}
		return err
	})
}

func with(p provider.Typed, version int) provider.Typed {
	p.Version = version
	return p
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	open := func(box *secret.Box) (m provider.Mailbox, password string, err error) {
		o.do(t, o.System(), func(tx *tenant.Tx) error {
			m, password, err = provider.OpenMailbox(t.Context(), tx, box)
			return nil
		})
		return m, password, err
	}
	if m, _, err := open(o.box); !errors.Is(err, provider.ErrNoMailbox) || m.Port != 993 || m.Folder != "INBOX" {
		t.Errorf("without a mailbox: %+v, %v", m, err)
	}
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return provider.SaveMailbox(t.Context(), tx, o.box, mailbox()) })
	if m, password, err := open(o.box); err != nil || password != "geheim, wirklich" || m.Host != "imap.acme.example" || m.Version != 1 {
		t.Errorf("the mailbox is %+v, %q, %v", m, password, err)
	}
	if _, password, err := open(twiliotest.Box(t)); password != "" || !errors.Is(err, provider.ErrMailboxLocked) {
		t.Errorf("with another key: %q, %v", password, err)
	}
	for field, change := range map[string]func(*provider.TypedMailbox){
		"host":     func(m *provider.TypedMailbox) { m.Host = "imaps://imap.acme.example" },
		"port":     func(m *provider.TypedMailbox) { m.Port = 0 },
		"security": func(m *provider.TypedMailbox) { m.Security = provider.Plain },
		"username": func(m *provider.TypedMailbox) { m.Username = " " },
		"folder":   func(m *provider.TypedMailbox) { m.Folder = "" },
		"password": func(m *provider.TypedMailbox) { m.Host, m.Password = "imap.evil.example", "" }, // the kept one goes nowhere else
	} {
		m := mailbox()
		m.Version = 1
		change(&m)
		err := o.Write(t.Context(), o.Admin, func(tx *tenant.Tx) error { return provider.SaveMailbox(t.Context(), tx, o.box, m) })
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[field] == "" || len(inv) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
	again := mailbox()
	if err := o.Write(t.Context(), o.Admin, func(tx *tenant.Tx) error { return provider.SaveMailbox(t.Context(), tx, o.box, again) }); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("an older version: %v", err)
	}
	again.Version, again.Folder, again.Password, again.Port = 1, "Answers", "", 1993
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return provider.SaveMailbox(t.Context(), tx, o.box, again) })
	if m, password, err := open(o.box); err != nil || password != "geheim, wirklich" || m.Folder != "Answers" || m.Port != 1993 {
		t.Errorf("after a change without the password: %+v, %q, %v", m, password, err)
	}
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return provider.RemoveMailbox(t.Context(), tx, 2) })
	if _, _, err := open(o.box); !errors.Is(err, provider.ErrNoMailbox) {
		t.Errorf("after it was removed: %v", err)
	}
	var record string
	if err := o.Owner(t).QueryRow(t.Context(), `SELECT string_agg(data::text, ' ') FROM audit_events WHERE kind = 'providers.mailbox_changed'`).Scan(&record); err != nil || strings.Contains(record, "geheim") || strings.Count(record, "Answers") != 2 {
		t.Errorf("on record: %s, %v", record, err)
	}
}
