package statement_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

var whole = statement.Letterhead{Sender: "Nordlys Finans AS", Address: "Storgata 1\n0155 Oslo", Bank: "IBAN NO93 8601 1117 947",
	Phone: "+47 22 00 11 22", ReplyTo: "post@nordlys.example", Footer: "Org. nr. 999 888 777"}

func save(t *testing.T, db *dbtest.Database, who tenant.Who, l statement.Letterhead) error {
	t.Helper()
	return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return statement.SaveLetterhead(t.Context(), tx, l) })
}

func load(t *testing.T, db *dbtest.Database, who tenant.Who) (l statement.Letterhead) {
	t.Helper()
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		l, err = statement.LoadLetterhead(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLetterhead(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	if got := load(t, db, acme.Collector); got != (statement.Letterhead{}) {
		t.Errorf("a new company has %+v", got)
	}
	for _, who := range []tenant.Who{acme.Collector, acme.Manager} {
		if err := save(t, db, who, whole); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("%+v saved a letterhead: %v", who, err)
		}
	}
	untidy := whole
	untidy.Address, untidy.ReplyTo = " Storgata  1\r\n\r\n\t0155 Oslo \n", " post@nordlys.example "
	if err := save(t, db, acme.Admin, untidy); err != nil {
		t.Fatal(err)
	}
	want := whole
	want.Version = 1
	if got := load(t, db, acme.Collector); got != want {
		t.Errorf("it says %+v, want %+v", got, want)
	}
	if got := load(t, db, beta.Admin); got != (statement.Letterhead{}) {
		t.Errorf("the other company has %+v", got)
	}
	if err := save(t, db, acme.Admin, whole); !errors.Is(err, statement.LetterheadMoved) {
		t.Errorf("saved from what is no longer there: %v", err)
	}
	want.Phone = ""
	if err := save(t, db, acme.Admin, want); err != nil {
		t.Fatal(err)
	}
	if got := load(t, db, acme.Manager); got.Phone != "" || got.Version != 2 {
		t.Errorf("then it says %+v", got)
	}
	changes(t, db, acme)
}

// changes looks at what the audit record has.
func changes(t *testing.T, db *dbtest.Database, acme *dbtest.Company) {
	t.Helper()
	err := db.Read(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		events, err := tenant.Events(t.Context(), tx, tenant.EventFilter{Group: "letterhead"})
		if err != nil || len(events) != 2 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		var c struct{ Before, After map[string]string }
		if err := json.Unmarshal(events[0].Data, &c); err != nil {
			return err
		}
		if c.Before["phone"] != whole.Phone || c.After["phone"] != "" || c.After["sender"] != whole.Sender || events[0].Person != "acme admin" {
			t.Errorf("the record says %s by %s", events[0].Data, events[0].Person)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Of two who save the first letterhead at once, one is told.
func TestFirstLetterheadTwice(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	results := make([]error, 2)
	var both, looked sync.WaitGroup
	looked.Add(2)
	for i := range results {
		both.Go(func() {
			results[i] = db.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error {
				looked.Done()
				looked.Wait() // both are there before either saves
				return statement.SaveLetterhead(t.Context(), tx, whole)
			})
		})
	}
	both.Wait()
	if (results[0] == nil) == (results[1] == nil) || !errors.Is(errors.Join(results...), statement.LetterheadMoved) {
		t.Errorf("two saved the first letterhead: %v", results)
	}
}

func TestLetterheadIsChecked(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	ö := strings.Repeat("ö", 300)
	for _, c := range []struct {
		l      statement.Letterhead
		fields []string
	}{
		{statement.Letterhead{Sender: ö[:402]}, []string{"sender"}},
		{statement.Letterhead{Sender: "a\nb"}, []string{"sender"}},
		{statement.Letterhead{Address: ö + ö + "x"}, []string{"address"}},
		{statement.Letterhead{Address: "1\n2\n3\n4\n5\n6\n7"}, []string{"address"}},
		{statement.Letterhead{Bank: "1\n2\n3\n4\n5\n6\n7\n8\n9", Footer: "1\n2\n3\n4\n5"}, []string{"bank", "footer"}},
		{statement.Letterhead{Phone: strings.Repeat("1", 61)}, []string{"phone"}},
		{statement.Letterhead{Phone: "abc"}, []string{"phone"}},
		{statement.Letterhead{Phone: "22 00 11 22 ask for Kari"}, []string{"phone"}},
		{statement.Letterhead{Phone: "+47 1"}, []string{"phone"}},
		{statement.Letterhead{Phone: "(-)"}, []string{"phone"}},
		{statement.Letterhead{ReplyTo: "nobody"}, []string{"reply_to"}},
		{statement.Letterhead{ReplyTo: "a\u202etxt@x.example"}, []string{"reply_to"}},
		{statement.Letterhead{ReplyTo: "Post <post@nordlys.example>"}, []string{"reply_to"}},
		{statement.Letterhead{ReplyTo: "a@x.example\r\nBcc: b@x.example"}, []string{"reply_to"}},
		{statement.Letterhead{ReplyTo: strings.Repeat("a", 250) + "@x.example"}, []string{"reply_to"}},
		{statement.Letterhead{}, nil},
		{statement.Letterhead{Sender: ö[:400], Address: ö + ö, Bank: "1\n2\n3\n4\n5\n6\n7\n8", Phone: strings.Repeat("1", 60), Footer: "1\n2\n3\n4", Version: 1}, nil},
		{statement.Letterhead{Phone: "(0) 22 00-11/22", Version: 2}, nil},
		{statement.Letterhead{Phone: "+47 (22) 00 11 22", Version: 3}, nil},
	} {
		err := save(t, db, acme.Admin, c.l)
		var inv errs.Invalid
		if errors.As(err, &inv); len(inv) != len(c.fields) {
			t.Errorf("%.60v: %v, want %v", c.l, err, c.fields)
		}
		for _, field := range c.fields {
			if inv[field] == "" {
				t.Errorf("%.60v: nothing is said about %s", c.l, field)
			}
		}
		if c.fields == nil && err != nil {
			t.Errorf("%.60v: %v", c.l, err)
		}
	}
	if got := reflect.TypeOf(statement.Letterhead{}).NumField(); got != 8 {
		t.Errorf("a letterhead has %d parts; check the new one here", got)
	}
}
