package roster

import (
	"fmt"
	"slices"
	"strings"
)

// Lifecycle is the declared life of a noun: in which states it begins, which steps
// lead from one state to another, and who may take them. What is not declared does
// not happen. Declared at package level, by NewLifecycle.
type Lifecycle struct {
	// Noun is what lives, as messages name it, such as "invoice".
	Noun string
	// Begins are the states in which one begins.
	Begins []string
	// Steps are all that can happen.
	Steps []Step
	// NoStep and NotYours are the codes of refusals: nobody can take this step, and
	// somebody else can.
	NoStep, NotYours string
}

// Step is one thing that can happen in a Lifecycle.
type Step struct {
	From []string
	To   string
	// By is who may take the step, in the noun's own words, such as "finance".
	By []string
	// When says what makes it happen, for people who read the table.
	When string
}

// NewLifecycle checks a declaration and returns it. It panics where a step is
// declared twice, leads from a state that is never reached, or is nobody's.
func NewLifecycle(l Lifecycle) *Lifecycle {
	reached := slices.Clone(l.Begins)
	for _, s := range l.Steps {
		reached = append(reached, s.To)
	}
	seen := map[[3]string]bool{}
	for _, s := range l.Steps {
		if len(s.By) == 0 || len(s.From) == 0 {
			panic("roster: a step to " + s.To + " of a " + l.Noun + " is nobody's, or from nowhere")
		}
		for _, from := range s.From {
			if !slices.Contains(reached, from) {
				panic("roster: a " + l.Noun + " is never " + from)
			}
			for _, by := range s.By {
				key := [3]string{from, s.To, by}
				if seen[key] {
					panic(fmt.Sprintf("roster: the step %v of a %s is declared twice", key, l.Noun))
				}
				seen[key] = true
			}
		}
	}
	return &l
}

// States are all states, in the order in which the declaration names them.
func (l *Lifecycle) States() []string {
	states := slices.Clone(l.Begins)
	for _, s := range l.Steps {
		for _, state := range append(slices.Clone(s.From), s.To) {
			if !slices.Contains(states, state) {
				states = append(states, state)
			}
		}
	}
	return states
}

// Final reports whether nothing leads out of a state.
func (l *Lifecycle) Final(state string) bool {
	return !slices.ContainsFunc(l.Steps, func(s Step) bool { return slices.Contains(s.From, state) })
}

// Reaches reports whether those steps that some may take lead from one state to another.
func (l *Lifecycle) Reaches(from, to string, by ...string) bool {
	seen := []string{from}
	for i := 0; i < len(seen); i++ {
		for _, s := range l.Steps {
			if !slices.Contains(s.From, seen[i]) || !slices.ContainsFunc(s.By, func(who string) bool { return slices.Contains(by, who) }) {
				continue
			}
			if s.To == to {
				return true
			}
			if !slices.Contains(seen, s.To) {
				seen = append(seen, s.To)
			}
		}
	}
	return false
}

// Check refuses what is no step: Conflict with NoStep where nobody can take it,
// Forbidden with NotYours where only others can.
func (l *Lifecycle) Check(from, to, by string) error {
	var others []string
	for _, s := range l.Steps {
		if s.To != to || !slices.Contains(s.From, from) {
			continue
		}
		if slices.Contains(s.By, by) {
			return nil
		}
		others = append(others, s.By...)
	}
	switch {
	case from == to:
		return Errorf(Conflict, l.NoStep, "the %s is %s already", l.Noun, from)
	case others == nil:
		return Errorf(Conflict, l.NoStep, "the %s is %s and cannot become %s", l.Noun, from, to)
	}
	return Errorf(Forbidden, l.NotYours, "a step of the %s from %s to %s is for %s", l.Noun, from, to, strings.Join(others, " or "))
}

// String lists the steps, one a line.
func (l *Lifecycle) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", l.Noun, strings.Join(l.Begins, " | "))
	for _, s := range l.Steps {
		fmt.Fprintf(&b, "%s -> %s (%s): %s\n", strings.Join(s.From, " | "), s.To, strings.Join(s.By, ", "), s.When)
	}
	return b.String()
}

// Markdown is the table of the steps, for the docs.
func (l *Lifecycle) Markdown() string {
	var b strings.Builder
	b.WriteString("| from | to | by | when |\n|---|---|---|---|\n")
	fmt.Fprintf(&b, "| | %s | | a new %s |\n", strings.Join(l.Begins, ", "), l.Noun)
	for _, s := range l.Steps {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", strings.Join(s.From, ", "), s.To, strings.Join(s.By, ", "), s.When)
	}
	return b.String()
}
