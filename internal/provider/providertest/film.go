package providertest

import (
	"net/http"
	"strings"
)

// Video is every film, but for that of the id TooLong, which is longer than anybody
// reads.
const (
	Video   = "\x00\x00\x00\x18ftypmp42 a film"
	TooLong = "v2-too-long"
)

// Film answers with a film, where the path's id is that of one.
func Film(w http.ResponseWriter, r *http.Request) bool {
	id := r.PathValue("id")
	if !strings.HasPrefix(id, "v") {
		return false
	}
	w.Header().Set("Content-Type", "video/mp4")
	_, _ = w.Write([]byte(Video))
	for n := 0; id == TooLong && n < 25; n++ {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	return true
}
