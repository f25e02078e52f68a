package directoryapi_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The API's page names tests that there are.
func TestPageNamesTests(t *testing.T) {
	page, err := os.ReadFile("../../../docs/directory.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)`).FindAllSubmatch(text, -1) {
			there[string(name[1])] = true
		}
	}
	named := regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`).FindAllString(string(page), -1)
	if len(named) == 0 {
		t.Error("the page names no tests")
	}
	for _, name := range named {
		if !there[name] {
			t.Errorf("the page names %s, which is no test", name)
		}
	}
}
