package app_test

import (
	"fmt"
	"strings"
	"testing"
)

// demoTokens are the tokens that demo.json has for ever, with a list of their API
// and how many groups they see there. A list without a name is a bare array.
var demoTokens = map[string]struct {
	path, list string
	groups     int
}{
	"property-owner":        {"/property/api/v1/groups", "data", 4},
	"property-user":         {"/property/api/v1/groups", "data", 1},
	"property-stranger":     {"/property/api/v1/groups", "data", 0},
	"other-property-owner":  {"/property/api/v1/groups", "data", 1},
	"org-owner":             {"/organization/api/v2/groups?view=page", "content", 4},
	"org-manager":           {"/organization/api/v2/groups?view=page", "content", 4},
	"org-employee":          {"/organization/api/v2/groups?view=page", "content", 4},
	"other-org-owner":       {"/organization/api/v2/groups?view=page", "content", 1},
	"directory-admin":       {"/directory/api/v1/groups?limit=7", "groups", 7},
	"directory-reader":      {"/directory/api/v1/groups?limit=7", "groups", 7},
	"other-directory-admin": {"/directory/api/v1/groups", "groups", 1},
	"business-owner":        {"/v1/demo/front/groups", "", 1},
	"business-admin":        {"/v1/demo/front/groups", "", 1},
	"business-member":       {"/v1/demo/front/groups", "", 1},
	"rival-owner":           {"/v1/demo/front/groups", "", 1},
	"customer-free":         {"/v1/demo/front/groups", "", 0},
	"customer-free-2":       {"/v1/demo/front/groups", "", 0},
	"customer-free-3":       {"/v1/demo/front/groups", "", 0},
	"customer-unverified":   {"/v1/demo/front/groups", "", 0},
	"other-business-owner":  {"/v1/other/front/groups", "", 1},
	"ops-admin":             {"/v1/demo/ops-api/groups?branchId={branch_root}", "", 2},
	"ops-support":           {"/v1/demo/ops-api/groups?branchId={branch_a}", "", 2},
	"ops-accounting":        {"/v1/demo/ops-api/groups?branchId={branch_root}", "", 2},
	"ops-branch-b":          {"/v1/demo/ops-api/groups?branchId={branch_b}", "", 0},
	"ops-none":              {"/v1/demo/ops-api/roles/assignments/exists?role=ADMIN", "", 0},
	"other-ops-admin":       {"/v1/other/ops-api/groups?branchId=1", "", 1},
}

func TestDemoHasItsFacts(t *testing.T) {
	data := t.TempDir()
	s := serve(t, "--demo", "--data", data)
	facts, _ := readDemo(t, data)
	if facts.Tenant != "demo" || len(facts.Tokens) != len(demoTokens) {
		t.Errorf("tenant %q, %d tokens", facts.Tenant, len(facts.Tokens))
	}
	branches := strings.NewReplacer(
		"{branch_root}", fmt.Sprint(facts.IDs["branch_root"]), "{branch_a}", fmt.Sprint(facts.IDs["branch_a"]), "{branch_b}", fmt.Sprint(facts.IDs["branch_b"]))
	for name, want := range demoTokens {
		var answer any
		status := s.get(t, facts.Tokens[name], branches.Replace(want.path), &answer)
		if object, ok := answer.(map[string]any); ok {
			answer = object[want.list]
		}
		list, _ := answer.([]any)
		if status != 200 || len(list) != want.groups {
			t.Errorf("%s gets %d and %d groups of %s, want %d: %.300v", name, status, len(list), want.path, want.groups, answer)
		}
	}
	for name, path := range map[string]string{
		"property_group":             "property /groups/",
		"property_group_2":           "property /groups/",
		"property_group_empty":       "property /groups/",
		"property":                   "property /properties/",
		"organization_group":         "organization /groups/",
		"organization_user":          "organization /users/",
		"organization_manager":       "organization /users/",
		"organization_policy":        "organization /policies/",
		"organization_budget":        "organization /budgets/",
		"organization_approval_rule": "organization /approval-rules/",
		"directory_group":            "directory /groups/",
		"directory_child_group":      "directory /groups/",
		"directory_account":          "directory /accounts/",
	} {
		api, path, _ := strings.Cut(path, " ")
		token := facts.Tokens[map[string]string{"property": "property-owner", "organization": "org-owner", "directory": "directory-reader"}[api]]
		id, _ := facts.IDs[name].(string)
		full := facts.APIs[api][len(s.address):] + path + id
		if status := s.get(t, token, full, nil); status != 200 || id == "" {
			t.Errorf("%s: GET %s answers %d", name, full, status)
		}
	}
	for list, want := range map[string]int{"groups": 774, "accounts": 1509} {
		n := 0
		each(t, s, facts.Tokens["directory-reader"], "/directory/api/v1/"+list, list, func(string) { n++ })
		if n != want {
			t.Errorf("the directory has %d %s, want %d", n, list, want)
		}
	}
}
