package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// top is the root of the module, from this package's folder, where its tests run.
const top = "../.."

// pkg is what the go command tells about a package.
type pkg struct {
	Dir, ImportPath                                    string
	Imports                                            []string
	GoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
}

// packages lists the packages of the module, those that do not compile included.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e",
		"-json=Dir,ImportPath,Imports,GoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = top
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 2 {
		t.Fatalf("the go command found %d packages", len(list))
	}
	return list
}

func TestPackageComments(t *testing.T) {
	for _, p := range packages(t) {
		files := p.GoFiles
		if len(files) == 0 {
			files = slices.Concat(p.TestGoFiles, p.XTestGoFiles)
		}
		if !slices.ContainsFunc(files, func(name string) bool { return hasComment(t, filepath.Join(p.Dir, name)) }) {
			t.Errorf("%s has no package comment: say what it is for and what stands in it", p.ImportPath)
		}
	}
}

func hasComment(t *testing.T, file string) bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return f.Doc.Text() != ""
}

func TestFilesAreShort(t *testing.T) {
	const most, mostOfMain = 600, 59
	for _, p := range packages(t) {
		for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
			file := filepath.Join(p.Dir, name)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines := bytes.Count(text, []byte("\n"))
			if lines > most {
				t.Errorf("%s has %d lines, more than %d: one noun is one file", file, lines, most)
			}
			if p.ImportPath == module+"/cmd/roster" && lines > mostOfMain {
				t.Errorf("%s has %d lines, more than %d: what it does belongs into app, where tests reach it", file, lines, mostOfMain)
			}
		}
	}
}

func TestFoldersAreShallow(t *testing.T) {
	const most = 3
	root := filepath.Join(top, "internal")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == "testdata" {
			return fs.SkipDir // the go command lays out its own folders there
		}
		below, err := filepath.Rel(root, path)
		if depth := strings.Count(below, string(filepath.Separator)) + 1; depth > most {
			t.Errorf("%s stands %d folders deep, more than %d: a reader loses the way", path, depth, most)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
