package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// grace is how long requests in flight have to end when the server stops.
const grace = 20 * time.Second

// site is what listens: each listener with its server.
type site struct {
	log     *slog.Logger
	servers []listening
}

type listening struct {
	listener  net.Listener
	server    *http.Server
	cert, key string
}

func newSite(log *slog.Logger) *site { return &site{log: log} }

func (s *site) add(l net.Listener, h http.Handler, cert, key string) {
	s.servers = append(s.servers, listening{l, newHTTP(h, s.log), cert, key})
}

func (s *site) addServer(l net.Listener, server *http.Server) {
	s.servers = append(s.servers, listening{l, server, "", ""})
}

// serve listens on all, then calls ready, until the context ends, ready fails or a
// listener does; then it lets the requests in flight end.
func (s *site) serve(ctx context.Context, ready func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ended := make(chan error, len(s.servers))
	for _, l := range s.servers {
		go func() {
			err := l.serve()
			if errors.Is(err, http.ErrServerClosed) {
				err = nil
			}
			stop(err)
			ended <- err
		}()
	}
	err := ready(ctx)
	if err == nil {
		<-ctx.Done()
	}
	err = errors.Join(err, s.shutdown())
	for range s.servers {
		err = errors.Join(err, <-ended)
	}
	return err
}

func (l *listening) serve() error {
	if l.cert != "" {
		return l.server.ServeTLS(l.listener, l.cert, l.key)
	}
	return l.server.Serve(l.listener)
}

func (s *site) shutdown() error {
	s.log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var errs []error
	for _, l := range s.servers {
		if err := l.server.Shutdown(ctx); err != nil {
			errs = append(errs, err, l.server.Close())
		}
	}
	return errors.Join(errs...)
}
