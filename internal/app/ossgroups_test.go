package app_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rosterhq/roster/internal/app"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// unpacked writes what a gzip file holds to a file of that name.
func unpacked(t *testing.T, packed, name string) string {
	t.Helper()
	f, err := os.Open(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ossGroups is the real input: 774 groups and 1,509 people.
func ossGroups(t *testing.T) string {
	return unpacked(t, "../demo/data/oss-groups.json.gz", "oss-groups.json")
}

// expected is what the source of the real input says of one group.
type expected struct {
	Direct   int    `json:"direct"`
	Indirect int    `json:"indirect"`
	Hash     string `json:"sha256_of_sorted_effective_ids"`
}

func TestImportedGroupsHaveTheExpectedMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		where := place(t, database)
		file := ossGroups(t)
		command(t, app.Done, append([]string{"tenant", "create", "acme"}, where...)...)
		command(t, app.Done, append([]string{"import", file, "--tenant", "acme"}, where...)...)
		token, _ := command(t, app.Done, append([]string{"token", "create", "--tenant", "acme", "--api", "directory", "--role", "Reader"}, where...)...)
		s := serve(t, append(where, "--token-rate=-1")...)
		want := map[string]expected{}
		text, err := os.ReadFile(unpacked(t, "testdata/oss-groups.expected.json.gz", "expected.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		got := effective(t, s, strings.TrimSpace(token))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if len(got) != 774 {
			t.Errorf("%d groups, want 774", len(got))
		}
	})
}

// effective asks the directory API for everybody in every group.
func effective(t *testing.T, s *running, token string) map[string]expected {
	t.Helper()
	const base = "/directory/api/v1"
	people := map[string]string{} // the ids of the file by account
	each(t, s, token, base+"/accounts", "accounts", func(id string) {
		var account struct {
			ExternalID string `json:"external_id"`
		}
		s.get(t, token, base+"/accounts/"+id, &account)
		people[id] = account.ExternalID
	})
	groups := map[string]expected{}
	each(t, s, token, base+"/groups", "groups", func(id string) {
		var group struct {
			ExternalID string `json:"external_id"`
			Count      int    `json:"member_count"`
			Direct     int    `json:"direct_member_count"`
		}
		s.get(t, token, base+"/groups/"+id, &group)
		var list struct {
			Members []struct {
				ID   string `json:"id"`
				Type string `json:"membership_type"`
			} `json:"members"`
			Count int `json:"count"`
		}
		s.get(t, token, base+"/groups/"+id+"/members", &list)
		var e expected
		ids := make([]string, len(list.Members))
		for i, m := range list.Members {
			ids[i] = people[m.ID]
			if m.Type == "direct" {
				e.Direct++
			} else {
				e.Indirect++
			}
		}
		slices.Sort(ids)
		hash := sha256.Sum256([]byte(strings.Join(ids, "\n")))
		e.Hash = hex.EncodeToString(hash[:])
		if group.Count != len(ids) || list.Count != len(ids) || group.Direct != e.Direct {
			t.Errorf("%s: member_count %d, direct_member_count %d, count %d, but %d members, %d of them direct",
				id, group.Count, group.Direct, list.Count, len(ids), e.Direct)
		}
		groups[group.ExternalID] = e
	})
	return groups
}

// each calls fn with the id of each element of a list, page by page.
func each(t *testing.T, s *running, token, path, name string, fn func(id string)) {
	t.Helper()
	after := ""
	for {
		var page map[string]json.RawMessage
		q := url.Values{"limit": {"100"}}
		if after != "" {
			q.Set("after", after)
		}
		if status := s.get(t, token, path+"?"+q.Encode(), &page); status != 200 {
			t.Fatalf("GET %s: %d %s", path, status, page)
		}
		var elements []struct {
			ID string `json:"id"`
		}
		var info struct {
			HasNextPage bool   `json:"hasNextPage"`
			EndCursor   string `json:"endCursor"`
		}
		if err := json.Unmarshal(page[name], &elements); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(page["pageInfo"], &info); err != nil {
			t.Fatal(err)
		}
		for _, e := range elements {
			fn(e.ID)
		}
		if !info.HasNextPage {
			return
		}
		after = info.EndCursor
	}
}
