package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dunwell/internal/secret"
)

// secrets is the box with the key that was given. A program with a Postgres of its
// own makes a key once; one that shares a database with others cannot, and has none.
func (e *env) secrets() (*secret.Box, error) {
	text := string(e.cfg.Key)
	if text == "" {
		if e.cfg.DatabaseURL != "" || e.cfg.DatabaseAppURL != "" {
			return nil, nil
		}
		var err error
		if text, err = ownKey(e.cfg.KeyFile()); err != nil {
			return nil, err
		}
	}
	box, err := secret.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("DUNWELL_KEY: %w", err)
	}
	return box, nil
}

// ownKey reads the key of the file, and makes it first where there is none. Of two
// who do so at once, both end with the same.
func ownKey(path string) (string, error) {
	key, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(key), err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("keep a key: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "key-*") // for the owner alone
	if err != nil {
		return "", fmt.Errorf("keep a key: %w", err)
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(secret.NewKey() + "\n"); err != nil {
		return "", errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("keep a key: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("keep a key: %w", err)
	}
	key, err = os.ReadFile(path)
	return string(key), err
}
