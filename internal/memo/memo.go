// Package memo keeps the answers of functions that say nothing but what they are
// asked about, and take long. It is not for what is read from anywhere: nothing in it
// ever goes out of date.
package memo

import "sync"

// Of is f with its answers kept, up to limit of them; then all are forgotten. Whoever
// gets an answer must not change it.
func Of[K comparable, V any](limit int, f func(K) V) func(K) V {
	var mu sync.Mutex
	known := map[K]V{}
	return func(k K) V {
		mu.Lock()
		v, ok := known[k]
		mu.Unlock()
		if ok {
			return v
		}
		v = f(k)
		mu.Lock()
		defer mu.Unlock()
		if len(known) >= limit {
			clear(known)
		}
		known[k] = v
		return v
	}
}
