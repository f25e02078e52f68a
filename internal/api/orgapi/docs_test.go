package orgapi_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Each sentence of the API's page names its test: a name that no test has is a
// promise that nobody checks.
func TestDocsNameTests(t *testing.T) {
	known := map[string]bool{}
	for _, folder := range []string{".", "../../spend"} {
		files, err := filepath.Glob(folder + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(read(t, file), -1) {
				known[m[1]] = true
			}
		}
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(read(t, "../../../docs/organization.md"), -1)
	if len(named) < 50 {
		t.Errorf("the page names %d tests", len(named))
	}
	for _, m := range named {
		if !known[m[1]] {
			t.Errorf("the page names %s, which is no test", m[1])
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
