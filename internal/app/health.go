package app

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rosterhq/roster/internal/store"
)

// health tells whether the node lives, and whether it can answer.
type health struct {
	db       *store.DB
	isLoaded atomic.Bool
}

// loaded says that what lies in memory is there.
func (h *health) loaded() { h.isLoaded.Store(true) }

// pingLimit bounds how long a database may take to say that it is there.
const pingLimit = 2 * time.Second

// wrong is why the node can't answer; "" when it can.
func (h *health) wrong(ctx context.Context) string {
	if !h.isLoaded.Load() {
		return "the graphs are being loaded"
	}
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	if err := h.db.Ping(ctx); err != nil {
		return "the database does not answer: " + err.Error()
	}
	return ""
}

func (h *health) alive(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "alive"})
}

func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	if h.wrong(r.Context()) != "" {
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}

// reasons is ready with the reason, for those who run the node.
func (h *health) reasons(w http.ResponseWriter, r *http.Request) {
	if why := h.wrong(r.Context()); why != "" {
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready", "reason": why})
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}

func answer(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
