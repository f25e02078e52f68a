package outbound

import (
	"errors"
	"io"
)

// ErrTooLarge says that an answer is longer than its limit. Nothing of it is used.
var ErrTooLarge = errors.New("the answer is longer than it may be")

// capped reads a body up to a limit, and fails beyond it.
type capped struct {
	io.ReadCloser
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	// One byte more than is left tells an answer that ends there from one that goes on.
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.ReadCloser.Read(p)
	if int64(n) > c.left {
		return 0, ErrTooLarge
	}
	c.left -= int64(n)
	return n, err
}
