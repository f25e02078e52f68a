package demo

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// Save writes the facts to a file that only its owner reads, whole or not at all.
// The same facts are the same bytes.
func (f *Facts) Save(path string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".demo-*.json") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // gone already when all went well
	if _, err := part.Write(append(text, '\n')); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}
