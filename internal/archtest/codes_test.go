package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// codeDeclared finds the codes of the mobility APIs (decision 19), wherever the program
// says one.
var codeDeclared = regexp.MustCompile(`"([A-Z]{1,4}[0-9]{3}(?:\.[0-9]+)?)"`)

// elsewhere are the codes that no transcript shows, and why.
var elsewhere = map[string]string{
	"G903": "a body too large for a transcript: TestOrderOfChecks of userapi",
	"G909": "where no rule has a code of its own: TestErrors of mobilitywire",
	"G999": "nobody asks for a failure: TestErrors of mobilitywire",
	"I901": "a thing is charged once by who calls, so that nobody is told",
	"I904": "finance takes every step that an operator can ask for",
	"P903": "finance has INVOICING and NONE alone, which any state takes: TestSetPaymentState of business",
	"P904": "the same",
	"R907": "the command that imports trips says it: TestImportRejects of mobility",
	"U141": "the commands alone make customers so: TestCustomers of identity",
}

// Every code that an API may answer stands in a transcript of some API, so that its
// form, its status and its words are seen when they change.
func TestTranscriptsShowEveryCode(t *testing.T) {
	var transcripts strings.Builder
	declared := map[string]string{}
	err := filepath.WalkDir(top+"/internal", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		isTranscript := strings.Contains(filepath.ToSlash(path), "/testdata/") && strings.HasSuffix(path, ".txt")
		if !isTranscript && (!strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go")) {
			return nil
		}
		text, err := os.ReadFile(path)
		if isTranscript {
			transcripts.Write(text)
			return err
		}
		for _, m := range codeDeclared.FindAllSubmatch(text, -1) {
			declared[string(m[1])] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(declared) < 100 {
		t.Errorf("only %d codes are declared", len(declared))
	}
	for code, path := range declared {
		shown := strings.Contains(transcripts.String(), `"`+code+`"`)
		switch _, excepted := elsewhere[code]; {
		case !shown && !excepted:
			t.Errorf("%s declares %s, which no transcript shows", strings.TrimPrefix(path, top), code)
		case shown && excepted:
			t.Errorf("a transcript shows %s: take it off the list of exceptions", code)
		}
	}
}
