package member

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/alexedwards/argon2id"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	for password, refusal := range map[string]string{
		"elevenchars":                  "at least 12",
		"twelve chars":                 "",
		"            ":                 "",
		"ünününününü":                  "at least 12",
		"ünününününün":                 "",
		strings.Repeat("ü", 128):       "",
		strings.Repeat("ü", 129):       "at most 128",
		"a.very-long.name@example.com": "your name or e-mail",
		"A Very Long Name":             "your name or e-mail",
		"Wilhelmina Oduya-Straußberg":  "your name or e-mail",
		"wilhelmina.oduyastraußberg":   "your name or e-mail",
		"wilhelmina oduya 1":           "",
	} {
		err := checkPassword(password, "a.very-long.name@example.com", "Wilhelmina Oduya-Straußberg")
		if (refusal == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), refusal)) {
			t.Errorf("%q: %v, want %q", password, err, refusal)
		}
	}
}

func TestNobodyCostsAsMuchAsAnybody(t *testing.T) {
	t.Parallel()
	got, _, _, err := argon2id.DecodeHash(nobody)
	if err != nil || *got != *cost {
		t.Errorf("the hash compared for unknown people has %+v, %v; want %+v", got, err, cost)
	}
	if ok, err := matches(t.Context(), "", nil); ok || err != nil {
		t.Errorf("an empty password matches nobody = %v, %v", ok, err)
	}
}

func TestTwoHashesAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slots := make(chan struct{}, cap(slots))
		var running, ran atomic.Int64
		release := make(chan struct{})
		work := func() (bool, error) {
			running.Add(1)
			<-release
			running.Add(-1)
			ran.Add(1)
			return true, nil
		}
		for range 5 {
			go func() { _, _ = inSlot(t.Context(), slots, work) }()
		}
		synctest.Wait()
		if n := running.Load(); n != 2 {
			t.Errorf("%d run at a time, want 2", n)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := inSlot(gone, slots, work); !errors.Is(err, context.Canceled) {
			t.Errorf("whoever left still waits: %v", err)
		}
		close(release)
		synctest.Wait()
		if n := ran.Load(); n != 5 {
			t.Errorf("%d ran, want all 5", n)
		}
	})
}
