//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// figure is one thing that was measured.
type figure struct {
	what     string
	measured string // the parts of it, such as both sides of a ratio
	value    float64
	unit     string // "" of a ratio
	target   float64
	atLeast  bool   // whether the target is a lower bound
	bound    string // what keeps the figure from being better
}

// ratio is a figure of how many times as much a side does as what stands beside it.
func ratio(what, measured string, value, target float64, bound string) figure {
	return figure{what: what, measured: measured, value: value, target: target, atLeast: true, bound: bound}
}

// below is a figure that should stay under a bound.
func below(what, measured string, value float64, unit string, target float64, bound string) figure {
	return figure{what: what, measured: measured, value: value, unit: unit, target: target, bound: bound}
}

func (f *figure) met() bool {
	switch {
	case f.target == 0:
		return true
	case f.atLeast:
		return f.value >= f.target
	default:
		return f.value < f.target
	}
}

func (f *figure) verdict() string {
	switch {
	case f.target == 0:
		return "for comparison"
	case f.met():
		return "met"
	case f.atLeast:
		return fmt.Sprintf("missed by %.0f %%", 100*(f.target-f.value)/f.target)
	default:
		return fmt.Sprintf("missed by %.0f %%", 100*(f.value-f.target)/f.target)
	}
}

func (f *figure) number(v float64) string {
	text := fmt.Sprintf("%.3g", v)
	if v >= 1000 {
		text = fmt.Sprintf("%.0f", v)
	}
	if f.unit != "" {
		text += " " + f.unit
	}
	return text
}

func (f *figure) aim() string {
	switch {
	case f.target == 0:
		return ""
	case f.atLeast:
		return "≥ " + f.number(f.target)
	default:
		return "< " + f.number(f.target)
	}
}

// chapter is what one part measured, and how.
type chapter struct {
	title, method string
	figures       []figure
	notes         []string
}

type report struct {
	chapters []*chapter
}

func (r *report) chapter(title, method string) *chapter {
	c := &chapter{title: title, method: method}
	r.chapters = append(r.chapters, c)
	fmt.Printf("\n%s\n", title)
	return c
}

func (c *chapter) add(f figure) {
	c.figures = append(c.figures, f)
	fmt.Printf("  %-60s %10s  %-12s %-18s %s\n", f.what, f.number(f.value), f.aim(), f.verdict(), f.measured)
}

func (c *chapter) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
	fmt.Println("  " + c.notes[len(c.notes)-1])
}

const chapterStart = "\n## "

const preface = `# Benchmarks

Written by ` + "`make bench`" + `, or a part of it by ` + "`go run ./bench -only PART`" + `; do not edit. Every ratio was measured in one run on one machine,
the two sides in turns, and is that of the medians. Below a table stands how it was measured.

`

// write puts the chapters into the page, in the place of what stands there under their
// titles, and behind the rest.
func (r *report) write(file string) error {
	page, err := os.ReadFile(file) //nolint:gosec // whoever runs it names the file
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, old, _ := strings.Cut(string(page), chapterStart)
	var kept []string
	for text := range strings.SplitSeq(old, chapterStart) {
		title, _, _ := strings.Cut(text, "\n")
		if title != "" && !slices.ContainsFunc(r.chapters, func(c *chapter) bool { return c.title == title }) {
			kept = append(kept, chapterStart+strings.TrimRight(text, "\n")+"\n")
		}
	}
	var b bytes.Buffer
	b.WriteString(preface + machine() + strings.Join(kept, ""))
	for _, c := range r.chapters {
		fmt.Fprintf(&b, chapterStart+"%s\n\n| | measured | target | | |\n|---|---|---|---|---|\n", c.title)
		for _, f := range c.figures {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.what, f.number(f.value), f.aim(), f.verdict(), f.measured)
		}
		fmt.Fprintf(&b, "\n%s\n", c.method)
		for _, n := range c.notes {
			fmt.Fprintf(&b, "\n%s\n", n)
		}
		for _, f := range c.figures {
			if !f.met() {
				fmt.Fprintf(&b, "\n**%s** is missed: %s\n", strings.ToUpper(f.what[:1])+f.what[1:], f.bound)
			}
		}
	}
	return os.WriteFile(file, b.Bytes(), 0o644) //nolint:gosec // a page of the documentation
}
