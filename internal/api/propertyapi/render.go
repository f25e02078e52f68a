package propertyapi

import (
	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
)

// The types of the API's objects.
const (
	groupType     = "group"
	propertyType  = "property"
	groupUserType = "group_user"
	userType      = "user"
	sessionType   = "session"
)

// Titled is a group or a property by id and title: inside another object, or as
// an option.
type Titled struct {
	ID         string           `json:"id" format:"uuid"`
	Type       string           `json:"type" enum:"group,property"`
	Attributes TitledAttributes `json:"attributes"`
}

// TitledAttributes are what every group and every property shows.
type TitledAttributes struct {
	ID    string `json:"id" format:"uuid"`
	Title string `json:"title"`
}

func newTitled(kind string, id uuid.UUID, title string) Titled {
	text := id.String()
	return Titled{text, kind, TitledAttributes{text, title}}
}

// many is a relationship to several objects.
type many struct {
	Data []Titled `json:"data"`
}

func groupsOf(groups []*graph.Group) many {
	all := many{make([]Titled, len(groups))}
	for i, g := range groups {
		all.Data[i] = newTitled(groupType, g.UUID, g.Name)
	}
	return all
}

// success is the answer of calls that have nothing else to say.
type success struct {
	Meta message `json:"meta"`
}

type message struct {
	Message string `json:"message" example:"Success"`
}

type successOut struct{ Body success }

func done(err error) (*successOut, error) {
	if err != nil {
		return nil, err
	}
	return &successOut{success{message{"Success"}}}, nil
}

type optionsOut struct{ Body many }
