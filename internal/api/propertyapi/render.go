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

// titled is a group or a property by id and title: inside another object, or as
// an option.
type titled struct {
	ID         string `json:"id" format:"uuid"`
	Type       string `json:"type" enum:"group,property"`
	Attributes struct {
		ID    string `json:"id" format:"uuid"`
		Title string `json:"title"`
	} `json:"attributes"`
}

func newTitled(kind string, id uuid.UUID, title string) titled {
	t := titled{ID: id.String(), Type: kind}
	t.Attributes.ID, t.Attributes.Title = t.ID, title
	return t
}

// many is a relationship to several objects.
type many struct {
	Data []titled `json:"data"`
}

func groupsOf(groups []*graph.Group) many {
	all := many{make([]titled, len(groups))}
	for i, g := range groups {
		all.Data[i] = newTitled(groupType, g.UUID, g.Name)
	}
	return all
}

// success is the answer of calls that have nothing else to say.
type success struct {
	Meta struct {
		Message string `json:"message" example:"Success"`
	} `json:"meta"`
}

type successOut struct{ Body success }

func done(err error) (*successOut, error) {
	if err != nil {
		return nil, err
	}
	out := &successOut{}
	out.Body.Meta.Message = "Success"
	return out, nil
}

type optionsOut struct {
	Body struct {
		Data []titled `json:"data"`
	}
}
