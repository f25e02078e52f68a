package app

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// bar shows how far long work is, on a terminal alone.
type bar struct {
	to    io.Writer // nil where there is no terminal
	began time.Time
	shown time.Time
	width int
}

func (c *console) bar() *bar {
	b := &bar{began: time.Now()}
	if f, ok := c.errors.(*os.File); ok && term.IsTerminal(int(f.Fd())) { //nolint:gosec // a descriptor is small
		b.to = f
	}
	return b
}

const (
	barCells = 30
	barPause = 100 * time.Millisecond
)

// at shows that done of total are done, of what a word names; total 0 is unknown.
func (b *bar) at(what string, done, total int64) {
	now := time.Now()
	if b.to == nil || now.Sub(b.shown) < barPause {
		return
	}
	b.shown = now
	line := fmt.Sprintf("%s %d", what, done)
	if total > 0 {
		full := int(min(done, total) * barCells / total)
		line = fmt.Sprintf("%s [%s%s] %3d%% %d of %d", what, strings.Repeat("=", full),
			strings.Repeat(" ", barCells-full), min(done, total)*100/total, done, total)
		if took := now.Sub(b.began); done > 0 && took > 2*time.Second {
			line += fmt.Sprintf(", %s left", (took * time.Duration(max(total-done, 0)) / time.Duration(done)).Round(time.Second))
		}
	}
	_, _ = fmt.Fprintf(b.to, "\r%-*s", b.width, line)
	b.width = len(line)
}

// end clears the line.
func (b *bar) end() {
	if b.to != nil && b.width > 0 {
		_, _ = fmt.Fprintf(b.to, "\r%*s\r", b.width, "")
	}
}
