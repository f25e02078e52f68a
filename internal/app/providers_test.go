package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/provider/veriff/verifftest"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// A customer's license is checked by Veriff, from the customer's own request to what
// Veriff tells, by the whole program.
func TestVeriffChecksALicense(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		veriff := verifftest.New(t)
		roots := filepath.Join(t.TempDir(), "roots.pem")
		if err := os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: veriff.Certificate().Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		flags := place(t, database)
		data := flags[len(flags)-1]
		c := exec.CommandContext(t.Context(), "roster", append([]string{ //nolint:gosec // it is this program
			"serve", "--demo", "--listen", "127.0.0.1:0", "--veriff-url", veriff.URL, "--allow-egress", "127.0.0.0/8",
		}, flags...)...)
		c.Env = append(os.Environ(), "SSL_CERT_FILE="+roots)
		var log bytes.Buffer
		c.Stderr = &log
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Process.Signal(os.Interrupt); _ = c.Wait() }()
		lines := bufio.NewScanner(out)
		if !lines.Scan() {
			t.Fatalf("the server prints nothing: %s", &log)
		}
		go func() { _, _ = io.Copy(io.Discard, out) }()
		var demo struct{ APIs, Tokens map[string]string }
		text, err := os.ReadFile(filepath.Join(data, "demo.json"))
		if err == nil {
			err = json.Unmarshal(text, &demo)
		}
		if err != nil {
			t.Fatal(err)
		}
		call := func(want int, method, url, token, body string, header ...string) string {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+demo.Tokens[token])
			}
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			text, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != want {
				t.Fatalf("%s %s: %d %s\n%s", method, url, answer.StatusCode, text, &log)
			}
			return string(text)
		}
		front, ops, hooks := demo.APIs["user"], demo.APIs["operations"], demo.APIs["hooks"]
		body, signature := verifftest.Decided("session-1", 9001, "null")
		call(http.StatusNotFound, "POST", hooks+"/veriff", "", body, "X-HMAC-SIGNATURE", signature)
		for key, value := range map[string]string{
			"verification.licenseProvider": "VERIFF", "verification.veriff.apiKey": verifftest.Key, "verification.veriff.sharedSecret": verifftest.Secret,
		} {
			if text := call(http.StatusOK, "PUT", ops+"/settings-management/"+key, "ops-admin", `{"value":"`+value+`"}`); strings.Contains(text, verifftest.Secret) {
				t.Error(text)
			}
		}
		begun := call(http.StatusCreated, "POST", front+"/me/verifications", "customer-unverified", `{"kind":"LICENSE"}`)
		if !strings.Contains(begun, "https://alchemy.veriff.com/v/session-1") {
			t.Fatalf("it begins with %s", begun)
		}
		veriff.Decide("session-1", 9001, "null")
		call(http.StatusUnauthorized, "POST", hooks+"/veriff", "", body, "X-HMAC-SIGNATURE", verifftest.Sign("other", body))
		for range 2 {
			call(http.StatusOK, "POST", hooks+"/veriff", "", body, "X-HMAC-SIGNATURE", signature)
		}
		for deadline := time.Now().Add(30 * time.Second); ; {
			text := call(http.StatusOK, "GET", front+"/me/verifications", "customer-unverified", "")
			if strings.Contains(text, `"VERIFIED"`) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("it stays %s\n%s", text, &log)
			}
			<-time.After(50 * time.Millisecond)
		}
	})
}
