package wire

import (
	"net/http"
	"strings"
)

// tenantPart stands in a base for the name of a tenant: "/v1/{tenant}/front".
const tenantPart = "{tenant}"

func namesTenant(base string) bool { return strings.Contains(base, tenantPart) }

// under spells a base for a tenant.
func under(base, tenant string) string { return strings.Replace(base, tenantPart, tenant, 1) }

// below reports whether a path is a base or lies below it, and the tenant that it
// names there.
func below(base, path string) (tenant string, ok bool) {
	before, after, named := strings.Cut(base, tenantPart)
	if !named {
		return "", isBelow(base, path)
	}
	rest, ok := strings.CutPrefix(path, before)
	tenant, tail, _ := strings.Cut(rest, "/")
	return tenant, ok && tenant != "" && isBelow(after, "/"+tail)
}

func isBelow(base, path string) bool {
	rest, ok := strings.CutPrefix(path, base)
	return ok && (rest == "" || rest[0] == '/')
}

// owner returns what answers for an address below an API where no call does; nil
// where the address lies below none.
func (s *Server) owner(host, path string) http.Handler {
	var best *mount
	for i := range s.bases {
		m := &s.bases[i]
		if _, ok := below(m.base, path); ok && (m.host == "" || m.host == host) && (best == nil || len(m.base) > len(best.base)) {
			best = m
		}
	}
	if best == nil {
		return nil
	}
	return best.nothing
}

// elsewhere makes the handler of what lies on an API's own host beside its calls,
// where those lie bare: the server's other addresses, and else nothing.
func (s *Server) elsewhere(nothing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.has(r) {
			s.serveRoot(w, r)
			return
		}
		nothing.ServeHTTP(w, r)
	})
}

// has reports whether something answers for an address on any host.
func (s *Server) has(r *http.Request) bool {
	_, pattern := s.root.Handler(r)
	if pattern != "/" {
		return pattern != ""
	}
	extra, ok := s.extra.(interface {
		Handler(r *http.Request) (http.Handler, string)
	})
	if !ok {
		return true
	}
	_, pattern = extra.Handler(r)
	return pattern != ""
}
