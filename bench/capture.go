//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"

	"net/http"
)

// capture asks a server each request once and starts a bare handler that answers
// them with the same bytes.
func (b *bench) capture(address, database string, requests ...[][]byte) (*process, error) {
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	answers := map[string]canned{}
	for _, list := range requests {
		for _, request := range list {
			uri, a, err := c.canned(request)
			if err != nil {
				return nil, err
			}
			answers[uri] = a
		}
	}
	file := filepath.Join(b.folder, "answers")
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(gob.NewEncoder(f).Encode(answers), f.Close()); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(b.ctx, self, "bare", file, database)
}

func (c *conn) canned(request []byte) (uri string, a canned, err error) {
	got, err := c.do(request)
	if err != nil {
		return "", a, err
	}
	uri = strings.Fields(string(request))[1]
	if got.status != http.StatusOK {
		return "", a, fmt.Errorf("%s: %d %s", uri, got.status, got.body)
	}
	_, lines, _ := bytes.Cut(append(bytes.Clone(got.header), "\r\n"...), []byte("\r\n"))
	header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(lines))).ReadMIMEHeader()
	a = canned{http.Header(header), bytes.Clone(got.body)}
	a.Header.Del("Date") // net/http writes its own
	return uri, a, err
}
