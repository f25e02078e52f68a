package admin

import (
	"context"
	"net"
	"os"
	"sync"
)

// pipe is a listener inside the process.
type pipe struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// InProcess returns a client of s in the same process, and what ends it.
func InProcess(s *Server) (*Client, func()) {
	p := &pipe{conns: make(chan net.Conn), done: make(chan struct{})}
	server := s.NewHTTP()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(p)
	}()
	c := newClient(p.dial)
	return c, func() {
		c.Close()
		_ = server.Close()
		<-ended
	}
}

func (p *pipe) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- own{there}:
		return here, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipe) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr implements net.Listener.
func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// own is a connection from this very process.
type own struct{ net.Conn }

func (own) peer() int { return os.Getuid() }
