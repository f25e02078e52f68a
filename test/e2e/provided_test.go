package e2e

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// provided is a demo whose tenant is served by a provider of the test's own.
type provided struct {
	*server
	t    *testing.T
	log  *journal
	demo demoFacts
}

// serveProvided starts a server with the demo that may reach a provider of this
// machine with such a certificate.
func serveProvided(t *testing.T, at place, certificate *x509.Certificate, flags ...string) *provided {
	t.Helper()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", roots)
	p := &provided{t: t, log: &journal{}}
	at.log = p.log
	p.server, p.demo = serveDemo(t, at, append(flags, "--allow-egress", "127.0.0.0/8")...)
	return p
}

// do makes a call of an API of the demo's tenant, with one of its tokens or none, and
// reads the answer into out, if that is not nil.
func (p *provided) do(want int, token, method, path, body string, out any, headers ...string) http.Header {
	p.t.Helper()
	q, err := http.NewRequestWithContext(p.t.Context(), method, p.base+"/v1/demo"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+p.demo.Tokens[token])
	}
	q.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		p.t.Fatalf("%s %s: %d %s, want %d", method, path, answer.StatusCode, text, want)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			p.t.Fatal(err)
		}
	}
	return answer.Header
}

// set sets settings of the tenant.
func (p *provided) set(values map[string]any) {
	p.t.Helper()
	for key, value := range values {
		body, err := json.Marshal(map[string]any{"value": value})
		if err != nil {
			p.t.Fatal(err)
		}
		p.do(200, "ops-admin", "PUT", "/ops-api/settings-management/"+key, string(body), nil)
	}
}

// keeps reports words that the server, which ends, has logged.
func (p *provided) keeps(secrets ...string) {
	p.t.Helper()
	p.kill()
	for _, secret := range secrets {
		if strings.Contains(string(p.log.Bytes()), secret) {
			p.t.Errorf("%q stands in the log", secret)
		}
	}
}
