package admin

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/rosterhq/roster/internal/identity/transfer"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// importRows takes rows, one JSON object after the other, in one transaction. With
// plan=true it tells what it would do and takes everything back.
func (s *Server) importRows(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	if plan, _ := strconv.ParseBool(r.URL.Query().Get("plan")); plan {
		return s.planImport(a, w, r)
	}
	var rows []transfer.Row
	err := eachRow(r.Body, func(row *transfer.Row) error {
		rows = append(rows, *row)
		return nil
	})
	if err != nil {
		return err
	}
	var result transfer.Result
	err = s.DB.Write(r.Context(), a, func(tx *store.Tx) (err error) {
		result, err = transfer.Import(tx, rows)
		return err
	})
	if err != nil {
		return err
	}
	return reply(w, result)
}

// planChunk is how many rows of a plan are held at a time.
const planChunk = 2000

// planImport runs a whole file in one transaction that is rolled back. The rows
// are read while it runs, so it can't run again by itself.
func (s *Server) planImport(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	var result transfer.Result
	began := false
	_, err := s.DB.Plan(r.Context(), a, func(tx *store.Tx) error {
		if began {
			return roster.Errorf(roster.Unavailable, "", "the database was busy; run it again")
		}
		began = true
		var rows []transfer.Row
		flush := func() error {
			part, err := transfer.Import(tx, rows)
			result.Add(&part)
			rows = rows[:0]
			return err
		}
		err := eachRow(r.Body, func(row *transfer.Row) error {
			if rows = append(rows, *row); len(rows) == planChunk {
				return flush()
			}
			return nil
		})
		return errors.Join(err, flush())
	})
	if err != nil {
		return err
	}
	return reply(w, result)
}

func eachRow(body io.Reader, fn func(*transfer.Row) error) error {
	dec := json.NewDecoder(body)
	for {
		var row transfer.Row
		err := dec.Decode(&row)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &roster.Error{Kind: roster.Invalid, Msg: "the rows break off", Err: err}
		}
		if err := fn(&row); err != nil {
			return err
		}
	}
}

// exportEnd is the last line of an export, by which its reader knows that nothing
// is missing.
type exportEnd struct {
	Type  string   `json:"type"`
	Rows  int64    `json:"rows"`
	Error *failure `json:"error,omitempty"`
}

const endType = "end"

// exportRows sends a tenant as rows, and an exportEnd behind them.
func (s *Server) exportRows(a roster.Actor, w http.ResponseWriter, r *http.Request) error {
	asOf, err := instant(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	end := exportEnd{Type: endType}
	err = s.DB.Read(r.Context(), a.Tenant.ID, func(tx *store.Tx) error {
		return transfer.Export(tx, asOf, func(row *transfer.Row) error {
			end.Rows++
			return out.Encode(row)
		})
	})
	if err != nil {
		f := failureOf(err)
		end.Error = &f
	}
	return out.Encode(end)
}

// Import sends rows, which produce yields one by one, in one transaction.
func (c *Client) Import(ctx context.Context, tenant string, plan bool, produce func(yield func(*transfer.Row) error) error) (result transfer.Result, err error) {
	in, out := io.Pipe()
	produced := make(chan struct{})
	defer func() {
		_ = in.Close()
		<-produced
	}()
	go func() {
		defer close(produced)
		buffer := bufio.NewWriter(out)
		enc := json.NewEncoder(buffer)
		err := produce(func(r *transfer.Row) error { return enc.Encode(r) })
		out.CloseWithError(errors.Join(err, buffer.Flush()))
	}()
	answer, err := c.send(ctx, http.MethodPost, below(tenant, "import?plan="+strconv.FormatBool(plan)), in)
	if err != nil {
		return result, err
	}
	defer func() { _ = answer.Body.Close() }()
	return result, json.NewDecoder(answer.Body).Decode(&result)
}

// Export yields a tenant's rows as lines of JSON, as it was at asOf (RFC 3339; ""
// for now), and returns how many there were.
func (c *Client) Export(ctx context.Context, tenant, asOf string, yield func(line []byte) error) (rows int64, err error) {
	answer, err := c.send(ctx, http.MethodGet, below(tenant, "export"+query("asOf", asOf)), nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	in := bufio.NewReader(answer.Body)
	var last []byte
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return rows, lastLine(last, err, rows)
		}
		if last != nil {
			rows++
			if err := yield(last); err != nil {
				return rows, err
			}
		}
		last = line
	}
}

// lastLine judges the end of an export.
func lastLine(line []byte, err error, rows int64) error {
	var end exportEnd
	if !errors.Is(err, io.EOF) || json.Unmarshal(line, &end) != nil || end.Type != endType {
		return roster.Errorf(roster.Unavailable, "", "the export breaks off behind row %d", rows)
	}
	if end.Error != nil {
		return end.Error.err()
	}
	return nil
}
