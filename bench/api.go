//go:build unix

package main

import (
	"encoding/json"
	"strconv"
	"strings"
)

// group is a group as the API lists it.
type group struct {
	ID      string `json:"id"`
	Members int    `json:"member_count"`
}

func (g *group) number() int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(g.ID, "grp-"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// groupPage is a page of the list of groups.
type groupPage struct {
	Groups   []group `json:"groups"`
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	} `json:"pageInfo"`
}

func (c *conn) page(request []byte) (page groupPage, err error) {
	a, err := c.do(request)
	if err != nil {
		return page, err
	}
	return page, json.Unmarshal(a.body, &page)
}

func (c *conn) groups(request []byte) ([]group, error) {
	page, err := c.page(request)
	return page.Groups, err
}

// pages are the requests for all full pages of the list of groups.
func (s *seeded) pages(address string) (requests [][]byte, err error) {
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	path := "/groups?limit=50"
	for {
		request := caller{token: s.token}.get(path)
		page, err := c.page(request)
		if err != nil {
			return nil, err
		}
		if !page.PageInfo.HasNextPage {
			return requests, nil
		}
		requests = append(requests, request)
		path = "/groups?limit=50&after=" + page.PageInfo.EndCursor
	}
}
