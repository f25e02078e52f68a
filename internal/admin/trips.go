package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
)

// importTrips takes a file of trips and makes them ended rentals of the business
// account that ?group= names by its code.
func (s *Server) importTrips(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	done, err := s.Mobility.ImportTrips(r.Context(), a, r.URL.Query().Get("group"), mobility.ReadTrips(r.Body))
	if err != nil {
		return partly(done, err)
	}
	return reply(w, done)
}

// partly says of an import that was cut off how much of it is in.
func partly(done *mobility.Imported, err error) error {
	if done == nil || done.Added == 0 {
		return err
	}
	e := *roster.AsError(err)
	e.Msg += fmt.Sprintf("\n%d trips are in. Run the same command again to go on", done.Added)
	return &e
}

// ImportTrips makes the trips of a file ended rentals of a business account, named
// by its code; as mobility.ImportTrips.
func (c *Client) ImportTrips(ctx context.Context, tenant, group string, file io.Reader) (done mobility.Imported, err error) {
	answer, err := c.send(ctx, http.MethodPost, below(tenant, "trips?group="+url.QueryEscape(group)), file)
	if err != nil {
		return done, err
	}
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(&done); err != nil {
		return done, fmt.Errorf("the server's answer breaks off: %w", err)
	}
	return done, nil
}
