package message_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"dunwell/internal/message"
	"dunwell/internal/smtptest"
)

// certificate is one for this machine, and who trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}, &tls.Config{RootCAs: roots}
}

// A password travels encrypted or not at all.
func TestPassword(t *testing.T) {
	t.Parallel()
	theirs, ours := certificate(t)
	for name, c := range map[string]struct {
		offers   *tls.Config
		trust    *tls.Config
		password string
		state    message.State
		says     string
	}{
		"encrypted":          {theirs, ours, "secret", message.Sent, ""},
		"the wrong password": {theirs, ours, "wrong", message.Queued, "535"},
		"not encrypted":      {nil, nil, "secret", message.Queued, "STARTTLS"},
		"not trusted":        {theirs, nil, "secret", message.Queued, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBooks(t)
			sink := smtptest.NewTLS(t, c.offers, "secret")
			server, err := message.NewServer("smtp://me:"+c.password+"@"+sink.Addr, "mail@dunwell.example", c.trust)
			if err != nil {
				t.Fatal(err)
			}
			b.box.Server = server
			id := b.send(t, b.Collector, b.mail("x"))
			b.deliver(t)
			d := b.is(t, id, c.state, c.says)
			if len(sink.Taken()) != b.one(c.state == message.Sent) || strings.Contains(d.Error, "secret") {
				t.Errorf("%d came; %s", len(sink.Taken()), d.Error)
			}
		})
	}
}

func (b *books) one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func TestNewServer(t *testing.T) {
	t.Parallel()
	for address, from := range map[string]string{"mail.example.com:25": "a@b.c", "http://mail.example.com": "a@b.c", "smtp://": "a@b.c", "smtp://u:hunter2@h:x": "a@b.c",
		"smtp://mail.example.com": "nobody", "smtps://mail.example.com": ""} {
		if _, err := message.NewServer(address, from, nil); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s from %s: %v", address, from, err)
		}
	}
}
