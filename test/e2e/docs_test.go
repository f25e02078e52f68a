package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
)

// prelude lets the blocks of a page run as one script: what serves goes to the
// background until it answers, and the test of everything does not run itself.
const prelude = `set -euo pipefail
serving() {
	"$@" >"$WORK/serve.out" 2>"$WORK/serve.err" &
	pids="${pids:-} $!"
	for _ in $(seq 600); do
		grep -q ' serves ' "$WORK/serve.out" && return
		kill -0 $! 2>/dev/null || { cat "$WORK/serve.err"; return 1; }
		sleep 0.1
	done
	return 1
}
halt() { for pid in ${pids:-}; do kill "$pid" 2>/dev/null && wait "$pid" || true; done; pids=; }
trap halt EXIT
make() {
	case $1 in
	run) serving "$PROGRAM" serve --demo --data "$WORK/demo"; halt;;
	test) ;;
	*) command make "$@";;
	esac
}
roster() {
	if test "$1" = serve; then halt; serving "$PROGRAM" "$@"; else "$PROGRAM" "$@"; fi
}
`

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestDocumentedCommands runs every block of commands in README.md and docs/, in
// the order of each page.
func TestDocumentedCommands(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(pages, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
		if len(blocks) == 0 {
			continue
		}
		found++
		t.Run(filepath.Base(page), func(t *testing.T) {
			script := prelude
			for _, block := range blocks {
				script += block[1]
			}
			runScript(t, script)
		})
	}
	if found == 0 {
		t.Error("no page has a block of commands")
	}
}

func runScript(t *testing.T, script string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	work := t.TempDir()
	cmd := exec.Command("bash", "-c", strings.ReplaceAll(script, "127.0.0.1:8080", address))
	cmd.Dir = work
	cmd.Env = append(os.Environ(),
		"WORK="+work, "PROGRAM="+program, "ROSTER_LISTEN="+address, "DATABASE="+pgtest.Database(t))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Log(fmt.Sprintf("%.2000s", out))
}
