package wire

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rosterhq/roster/internal/roster"
)

// Limits of one call's body and of the time to send it.
const (
	bodyLimit = 1 << 20
	bulkLimit = 8 << 20
	bodyTime  = 20 * time.Second
	bulkTime  = 2 * time.Minute
)

const endpointKey = "wire"

// rawMedia is what huma says of a RawBody whose media type the input does not name.
const rawMedia = "application/octet-stream"

// endpoint is one call of an API, whatever base it is reached by.
type endpoint struct {
	api       *API
	op        Op
	operation *huma.Operation
	serve     func(huma.Context)
	limit     int64
	media     []string // what RequestBody takes; empty where there is none
}

// Register adds a call to an API. The input is a struct whose fields have huma's
// tags (path, query, header) and perhaps a field Body; the output one with
// headers and perhaps a Body. It panics on a mistake in either.
func Register[I, O any](api *API, op Op, handler Handler[I, O]) {
	op.Secret = op.Secret || op.Access.Public
	if len(op.Access.Permissions) > 0 && api.spec.Permits == nil {
		panic("wire: " + op.ID + " needs permissions, and Spec.Permits is nil")
	}
	op.checkSuccessor()
	ep := &endpoint{api: api, op: op, limit: bodyLimit}
	readTime := bodyTime
	if op.Bulk {
		ep.limit, readTime = bulkLimit, bulkTime
	}
	operation := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path,
		Summary: op.Summary, Description: op.Description, Deprecated: op.Deprecated, DefaultStatus: op.Status,
		MaxBodyBytes:    ep.limit + 1, // huma refuses a body that reaches it
		BodyReadTimeout: readTime,
		Metadata:        map[string]any{endpointKey: ep},
	}
	if operation.DefaultStatus == 0 {
		operation.DefaultStatus = defaultStatus(reflect.TypeFor[O]())
	}
	api.document(ep, &operation, reflect.TypeFor[I]())
	huma.Register(api.huma, operation, func(ctx context.Context, in *I) (*O, error) {
		rq := requestOf(ctx)
		out, err := handler(ctx, rq.actor, in)
		if err != nil {
			return nil, rq.render(err)
		}
		return out, nil
	})
	api.finish(ep)
	ep.documentSuccessor()
}

func defaultStatus(output reflect.Type) int {
	if _, ok := output.FieldByName("Body"); ok {
		return http.StatusOK
	}
	return http.StatusNoContent
}

// run binds the request and calls the handler; the answer goes to rq.w.
func (ep *endpoint) run(rq *request) {
	ep.serve(humago.NewContext(ep.operation, rq.http.WithContext(rq), rq.w))
}

// checkForm refuses what can be told before the body is read: a body too large,
// of the wrong type, or text that no database takes.
func (ep *endpoint) checkForm(r *http.Request) error {
	if r.ContentLength > ep.limit {
		return tooLarge()
	}
	if !soundText(r.URL.Path) {
		return notFound()
	}
	if err := soundQuery(r.URL); err != nil {
		return err
	}
	if len(ep.media) > 0 && r.ContentLength != 0 {
		return ep.checkMedia(r)
	}
	return nil
}

// checkMedia compares the Content-Type and leaves one that huma's table knows.
func (ep *endpoint) checkMedia(r *http.Request) error {
	if ep.api.spec.AnyMediaType && (ep.media[0] == jsonMedia[0] || ep.media[0] == rawMedia) {
		r.Header["Content-Type"] = []string{ep.media[0]}
		return nil
	}
	sent, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	sent = strings.ToLower(strings.TrimSpace(sent))
	for _, media := range ep.media {
		isJSON := media == jsonMedia[0]
		if sent == media || isJSON && (sent == "" || strings.HasPrefix(sent, "application/") && strings.HasSuffix(sent, "+json")) {
			r.Header["Content-Type"] = []string{media}
			return nil
		}
	}
	return roster.Errorf(roster.Unsupported, "", "the body must be %s", strings.Join(ep.media, " or "))
}
