package wire

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

// client returns the address that a request counts against: the peer's, or, where
// the peer is a trusted proxy, the first untrusted one of X-Forwarded-For from
// the right. An IPv6 address counts by its /64.
func (p proxies) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap().WithZone("")
	hops := r.Header["X-Forwarded-For"]
	for i := len(hops) - 1; i >= 0 && p.trusts(addr); i-- {
		hop := strings.Split(hops[i], ",")
		for j := len(hop) - 1; j >= 0 && p.trusts(addr); j-- {
			next, err := netip.ParseAddr(strings.TrimSpace(hop[j]))
			if err != nil {
				return network(addr)
			}
			addr = next.Unmap().WithZone("")
		}
	}
	return network(addr)
}

// ClientAddress returns the address that a handler's request counts against.
func ClientAddress(ctx context.Context) netip.Addr {
	rq := requestOf(ctx)
	return rq.rt.srv.proxies.client(rq.http)
}

func (p proxies) trusts(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

func network(addr netip.Addr) netip.Addr {
	if !addr.Is6() {
		return addr
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr
	}
	return prefix.Addr()
}
