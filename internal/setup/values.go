package setup

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/rosterhq/roster/internal/roster"
)

// Amount is a decimal number of at most four decimals, read without rounding.
type Amount struct{ roster.Amount }

// UnmarshalYAML implements yaml.Unmarshaler.
func (a *Amount) UnmarshalYAML(n *yaml.Node) (err error) {
	text, err := scalar(n)
	if err == nil {
		a.Amount, err = roster.ParseAmount(text)
	}
	return err
}

// Percent is a tax in hundredths of a percent: 19.5 is 1950.
type Percent int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *Percent) UnmarshalYAML(n *yaml.Node) error {
	text, err := scalar(n)
	if err != nil {
		return err
	}
	a, err := roster.ParseAmount(text)
	const perHundredth = 100 // ten-thousandths
	if err != nil || a < 0 || a > 1_000_000 || a%perHundredth != 0 {
		return fmt.Errorf("%q is no percentage: 0 to 100, with two decimals at most", text)
	}
	*p = Percent(a / perHundredth)
	return nil
}

// Instant is a time, µs UTC; 0 is none.
type Instant int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (i *Instant) UnmarshalYAML(n *yaml.Node) error {
	text, err := scalar(n)
	if err != nil {
		return err
	}
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			*i = Instant(t.UnixMicro())
			return nil
		}
	}
	return fmt.Errorf("%q is no time: a date, or RFC 3339 like 2026-11-25T08:00:00Z", text)
}

// scalar is the text of a value as it stands in the file.
func scalar(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("must be a single value")
	}
	return n.Value, nil
}
