//go:build unix

package main

import "strings"

// part is a part of the run; the report has a chapter for each.
type part struct {
	name    string
	measure func(*bench) error
}

var parts = []part{
	{"reads", (*bench).reads},
	{"postgres", (*bench).postgres},
	{"memory", (*bench).memory},
	{"size", (*bench).size},
	{"creates", (*bench).creates},
	{"import", (*bench).imports},
	{"starts", (*bench).starts},
	{"mobility", (*bench).mobility},
	{"operations", (*bench).operations},
}

func partNames() string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	return strings.Join(names, ", ")
}
