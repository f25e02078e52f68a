package view

import (
	"strings"

	"github.com/rosterhq/roster/internal/care"
)

// File answers with a photograph or a film, which no browser is to keep, or to run.
type File struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	CacheControl       string `header:"Cache-Control"`
	NoSniff            string `header:"X-Content-Type-Options"`
	Sandbox            string `header:"Content-Security-Policy"`
	Body               []byte
}

// NewFile shows a file, unless there was an error.
func NewFile(f *care.File, err error) (*File, error) {
	if err != nil {
		return nil, err
	}
	_, ending, _ := strings.Cut(f.ContentType, "/")
	return &File{
		f.ContentType, `inline; filename="` + strings.ToLower(f.Kind) + "-" + f.FileUUID + "." + ending + `"`, "no-store", "nosniff", "default-src 'none'; sandbox", f.Content,
	}, nil
}
