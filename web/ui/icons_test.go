package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestIconsAreInTheSprite reads every screen: a name that the sprite does not
// have would show nothing.
func TestIconsAreInTheSprite(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("../assets/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	have := strings.Split(string(list), "\n")
	used := regexp.MustCompile(`(?:Icon\(|Empty\(|ChipIcon\("[a-z]*", )"([a-z0-9-]+)"`)
	var names []string
	for _, pattern := range []string{"../*/*.templ", "../*/*/*.templ"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range used.FindAllStringSubmatch(string(src), -1) {
				names = append(names, m[1])
			}
		}
	}
	for _, pl := range places {
		names = append(names, pl.icon)
	}
	if len(names) < 20 {
		t.Fatalf("only %d uses were found", len(names))
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			t.Errorf("%q is not in web/assets/icons.txt", name)
		}
	}
}
