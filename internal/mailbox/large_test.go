package mailbox_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"dunwell/internal/document"
	"dunwell/internal/imaptest"
	"dunwell/internal/mailbox"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// TestMain makes of this program a reader of a mailbox where it is told to be one, so
// that a test can kill it.
func TestMain(m *testing.M) {
	if database := os.Getenv("MAILBOX_READER"); database != "" {
		if err := readOne(context.Background(), database); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func readOne(ctx context.Context, database string) error {
	pool, err := tenant.Open(ctx, database, "", nil)
	if err != nil {
		return err
	}
	store, err := document.OpenFolder(os.Getenv("MAILBOX_BLOBS"))
	if err != nil {
		return err
	}
	box, err := secret.Parse(os.Getenv("MAILBOX_KEY"))
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(os.Getenv("MAILBOX_TENANT"), 10, 64)
	if err != nil {
		return err
	}
	if told := bufio.NewScanner(os.Stdin); !told.Scan() {
		return told.Err()
	}
	_, err = (&mailbox.Reader{DB: &tenant.DB{Pool: pool}, Store: store, Secrets: box}).Read(ctx, id)
	return err
}

// large is a message with a file of so many bytes, which is made as it is read.
func large(n int, size int64) imaptest.Message {
	head := strings.ReplaceAll(fmt.Sprintf("%sMessage-ID: <large-%d@debtor.example>\nSubject: Large %d\nContent-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: text/plain\n\nLarge.\n"+
		"--A\nContent-Type: application/pdf; name=scan.pdf\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n%s", fromAnna, n, n, "JVBERi0x\n"), "\n", "\r\n")
	tail := "\r\n--A--\r\n"
	return imaptest.Message{Size: int64(len(head)) + size + int64(len(tail)), Body: func() io.Reader {
		return io.MultiReader(strings.NewReader(head), io.LimitReader(endless{}, size), strings.NewReader(tail))
	}}
}

// endless are lines of base64.
type endless struct{}

var aLine = []byte(strings.Repeat("QUJD", 19) + "\r\n")

func (endless) Read(p []byte) (int, error) {
	n := 0
	for n+len(aLine) <= len(p) {
		n += copy(p[n:], aLine)
	}
	if n == 0 {
		n = copy(p, aLine)
	}
	return n, nil
}

// malformed is one of many ways in which a message can be broken.
func malformed(n int) string {
	switch n % 7 {
	case 0:
		return fmt.Sprintf("no header, number %d", n)
	case 1:
		return fmt.Sprintf("%sContent-Type: multipart/mixed; boundary=A\n\n--A\n--A\nContent-Type: %d\n\n--A", fromAnna, n)
	case 2:
		return fmt.Sprintf("%sSubject: =?utf-8?b?%d?=\nContent-Transfer-Encoding: base64\n\n%d!!", fromAnna, n, n)
	case 3:
		return fmt.Sprintf("%sContent-Type: text/plain; charset=%d\n\n\xff\xfe%d", fromAnna, n, n)
	case 4:
		return fmt.Sprintf("%sContent-Transfer-Encoding: quoted-printable\n\n=%d=ZZ=\n", fromAnna, n)
	case 5:
		return fmt.Sprintf("%s\x00\x00: %d\n\n", fromAnna, n) + strings.Repeat("x", 200_000)
	}
	return fmt.Sprintf("From: \nDate: never\nMessage-ID: <<%d\n\n", n)
}

// A mailbox of many messages, one in ten of them broken and some with files
// of 50 MB, is read in little memory: all of it, and nothing twice.
func TestManyMessages(t *testing.T) {
	t.Parallel()
	readMany(t, 1_500)
}

// BenchmarkTenThousand is the same with ten thousand.
func BenchmarkTenThousand(b *testing.B) {
	for b.Loop() {
		readMany(b, 10_000)
	}
}

func readMany(t testing.TB, messages int) {
	t.Helper()
	d := newDesk(t)
	for n := range messages {
		switch {
		case n%2500 == 1200:
			d.server.AddMessage(large(n, 50<<20))
		case n%10 == 3:
			d.server.Add(malformed(n))
		default:
			d.server.Add(letterOf(n))
		}
	}
	var peak atomic.Uint64
	watched, stop := context.WithCancel(t.Context())
	defer stop()
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	go func() {
		for watched.Err() == nil {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak.Store(max(peak.Load(), now.HeapInuse))
			time.Sleep(100 * time.Millisecond)
		}
	}()
	d.read(t, messages)
	if grew := int64(peak.Load()) - int64(before.HeapInuse); grew > 64<<20 {
		t.Errorf("reading took %d MB", grew>>20)
	}
	if got := d.ask(t, `SELECT count(*) || ' ' || count(DISTINCT received_id) FROM inbox_entries`); got != fmt.Sprintf("%[1]d %[1]d", messages) {
		t.Errorf("the inbox has %s", got)
	}
	if got := d.ask(t, `SELECT count(*) FROM received WHERE subject LIKE 'Large %' AND body LIKE '%"scan.pdf" is larger than 20 MB%'`); got != fmt.Sprint((messages+1299)/2500) {
		t.Errorf("%s say that a file was too large", got)
	}
	if got := d.ask(t, `SELECT count(*) FROM received WHERE body = 'This is letter 777.'`); got != "1" {
		t.Errorf("letter 777 is there %s times", got)
	}
}

// The program is killed while it reads, as a message comes and while it is written
// down: whoever goes on takes in what is left, and nothing twice.
func TestKilledWhileReading(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const messages, kills = 60, 12
	for n := range messages {
		if n%9 == 4 {
			d.server.AddMessage(large(n, 2<<20))
		} else {
			d.server.Add(letterOf(n))
		}
	}
	d.server.Add(returned(d.ref, status("failed", "5.1.1", "anna@debtor.example", "550 No such user")))
	var now atomic.Pointer[exec.Cmd]
	var left atomic.Int64
	d.server.Before(func(uid imap.UID) error {
		if left.Add(-1) == 0 {
			if uid%2 == 0 { // a moment later the message is being written down
				time.Sleep(time.Duration(uid%5) * time.Millisecond)
			}
			_ = now.Load().Process.Kill()
		}
		return nil
	})
	died := 0
	for k := range kills {
		left.Store(int64(2 + k%5))
		if !d.reads(t, &now) {
			died++
		}
	}
	left.Store(0)
	d.server.Before(nil)
	if !d.reads(t, &now) {
		t.Error("the last one died too")
	}
	if died < kills/2 {
		t.Errorf("only %d of %d were killed", died, kills)
	}
	if got := d.ask(t, `SELECT count(*) || ' ' || count(DISTINCT provider_id) || ' ' || (SELECT count(*) FROM notes WHERE kind = 'email') FROM received`); got != fmt.Sprintf("%d %d %d", messages+1, messages+1, messages) {
		t.Errorf("received, distinct, notes: %s", got)
	}
	if got := d.ask(t, `SELECT count(*) FROM documents`); got != "7" {
		t.Errorf("%s documents", got)
	}
	if got := d.ask(t, `SELECT state FROM messages WHERE id = $1`, d.sent); got != "bounced" {
		t.Errorf("the message is %s", got)
	}
}

// reads has a program of its own read the mailbox, and tells whether it came to the
// end.
func (d *desk) reads(t *testing.T, now *atomic.Pointer[exec.Cmd]) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "MAILBOX_READER="+d.OwnerURL, "MAILBOX_BLOBS="+d.blobs, "MAILBOX_KEY="+d.key, fmt.Sprint("MAILBOX_TENANT=", d.ID))
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	now.Store(cmd)
	if _, err := io.WriteString(in, "go\n"); err != nil {
		t.Fatal(err, said.String())
	}
	err = cmd.Wait()
	if err != nil && said.Len() > 0 {
		t.Error(said.String())
	}
	return err == nil
}
