//go:build unix

package main

import (
	"fmt"
	"strings"
)

// Names of customers are made alike in Go, which searches for them, and in SQL, which
// stores them: of three syllables each, 2,000 first names and 20,011 last names.

const (
	syllables = 40
	heads     = "BaBeBiBoBuDaDeDiDoDuFaFeFiFoFuGaGeGiGoGuLaLeLiLoLuMaMeMiMoMuRaReRiRoRuSaSeSiSoSu"
)

var tails = strings.ToLower(heads)

func word(n int) string {
	syllable := func(of string, n int) string { return of[2*(n%syllables) : 2*(n%syllables)+2] }
	return syllable(heads, n) + syllable(tails, n/syllables) + syllable(tails, n/syllables/syllables)
}

func sqlWord(n string) string {
	syllable := func(of, n string) string {
		return fmt.Sprintf("substr('%s', CAST(1 + 2 * (%s %% %d) AS integer), 2)", of, n, syllables)
	}
	return fmt.Sprintf("%s || %s || %s", syllable(heads, n), syllable(tails, fmt.Sprintf("(%s / %d)", n, syllables)), syllable(tails, fmt.Sprintf("(%s / %d)", n, syllables*syllables)))
}

func firstName(i int) string { return word(i % 2000 * 31) }
func lastName(i int) string  { return word(i * 7 % 20_011 * 3) }
func phone(i int) string     { return fmt.Sprintf("+43660%d", 10_000_000+i) }
func mail(i int) string {
	return strings.ToLower(fmt.Sprintf("%s.%s.%d@example.org", firstName(i), lastName(i), i))
}

func sqlFirst(i string) string { return sqlWord("(" + i + " % 2000 * 31)") }
func sqlLast(i string) string  { return sqlWord("(" + i + " * 7 % 20011 * 3)") }
func sqlName(i string) string  { return sqlFirst(i) + " || ' ' || " + sqlLast(i) }
func sqlPhone(i string) string { return "'+43660' || CAST(10000000 + " + i + " AS text)" }
func sqlMail(i string) string {
	return sqlFirst(i) + " || '.' || " + sqlLast(i) + " || '.' || CAST(" + i + " AS text) || '@example.org'"
}
