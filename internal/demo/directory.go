package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/roster"
)

// teams is oss-groups.json, whose source and licence are in data/OSS-GROUPS-SOURCE.md.
//
//go:embed data/oss-groups.json.gz
var teams []byte

// Named groups of the teams: one with people at two levels below it, the ones on
// the way to somebody there, and one for mail alone.
const (
	topTeam    = "kubernetes/sig-release"
	middleTeam = "kubernetes/sig-release/release-team"
	lowTeam    = "kubernetes/sig-release/release-team/release-team-release-signal"
)

func fillDirectory(m *maker) error {
	if err := m.token("directory-admin", roster.DirectoryAPI, "Administrator", 0); err != nil {
		return err
	}
	if err := m.token("directory-reader", roster.DirectoryAPI, "Reader", 0); err != nil {
		return err
	}
	rows, err := readTeams()
	if err != nil {
		return err
	}
	result, err := transfer.Import(m.tx, rows)
	if err != nil {
		return err
	}
	if len(result.Rejected) > 0 {
		return fmt.Errorf("the demo's teams: line %d: %s", result.Rejected[0].Line, result.Rejected[0].Message)
	}
	return m.nameTeams()
}

// readTeams reads the teams as rows in the order of an import's passes.
func readTeams() ([]transfer.Row, error) {
	var passes [transfer.Passes][]transfer.Row
	file, err := gzip.NewReader(bytes.NewReader(teams))
	if err != nil {
		return nil, err
	}
	err = transfer.Read(file, transfer.Document, "", func(r *transfer.Row, bad *transfer.Rejection) error {
		if bad != nil {
			return fmt.Errorf("line %d: %s", bad.Line, bad.Message)
		}
		passes[r.Pass()] = append(passes[r.Pass()], *r)
		return nil
	})
	return append(append(passes[0], passes[1]...), passes[2]...), err
}

// nameTeams notes ids for demo.json: account is in directory_group through
// directory_child_group and directory_grandchild_group.
func (m *maker) nameTeams() error {
	found, err := transfer.Find(m.tx, transfer.Group, topTeam, middleTeam, lowTeam)
	if err != nil {
		return err
	}
	m.IDs["directory_group"] = groupID(found[topTeam])
	m.IDs["directory_child_group"] = groupID(found[middleTeam])
	m.IDs["directory_grandchild_group"] = groupID(found[lowTeam])
	account, err := m.onlyBelow(found[lowTeam], found[middleTeam], found[topTeam])
	m.IDs["directory_account"] = accountID(account)
	return err
}

// onlyBelow finds somebody in the first group who is in none of the others directly.
func (m *maker) onlyBelow(group int64, others ...int64) (int64, error) {
	all, err := graph.People(m.tx, group)
	if err != nil {
		return 0, err
	}
next:
	for _, person := range all {
		for _, other := range others {
			direct, err := graph.LiveMemberships(m.tx, other, []int64{person})
			if err != nil {
				return 0, err
			}
			if len(direct) > 0 {
				continue next
			}
		}
		return person, nil
	}
	return 0, fmt.Errorf("the demo's teams have nobody who is in a group through two others")
}

func otherDirectory(m *maker) error {
	if err := m.token("other-directory-admin", roster.DirectoryAPI, "Administrator", 0); err != nil {
		return err
	}
	person, err := identity.AddProfile(m.tx, "robin.vale@other.example", graph.AccountProfile, func(p *graph.Person, _ bool) {
		p.Name, p.DisplayName = "robin.vale", text("Robin Vale")
	})
	if err != nil {
		return err
	}
	g := &graph.Group{Kind: graph.Directory, Name: "Everyone", Description: "All of the other tenant"}
	if err := graph.CreateGroup(m.tx, g); err != nil {
		return err
	}
	m.IDs["other_directory_group"], m.IDs["other_directory_account"] = groupID(g.ID), accountID(person.ID)
	return m.add(g.ID, graph.Membership{MemberID: person.ID})
}
