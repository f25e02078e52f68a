package post_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/jobs/post"
	"github.com/rosterhq/roster/internal/jobs/post/posttest"
)

type outbox struct {
	*post.Outbox

	folder string
	now    time.Time
}

func newOutbox(t *testing.T) (*outbox, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	o := &outbox{folder: filepath.Join(t.TempDir(), "data", "outbox"), now: time.Now()}
	o.Outbox = post.NewOutbox(o.folder, func() time.Time { return o.now }, slog.New(slog.NewTextHandler(log, nil)))
	return o, log
}

// files returns what lies in the outbox, by name.
func (o *outbox) files(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(o.folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(o.folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

// A person finds all that a message says in its file, the log names the file and
// nothing else, and nobody else may read either.
func TestOutbox(t *testing.T) {
	for kind, c := range map[string]struct {
		send func(o *outbox) error
		want string
	}{
		"mail": {
			func(o *outbox) error {
				return o.Mail(t.Context(), jobs.Message{To: "ada@example.org", Subject: "Ihr Code für heute", Text: "Der Code ist 042917."})
			},
			"To: ada@example.org\nSubject: Ihr Code für heute\n\nDer Code ist 042917.\n",
		},
		"sms": {func(o *outbox) error { return o.SMS(t.Context(), "+4930123456", "042917") }, "To: +4930123456\n\n042917\n"},
	} {
		o, log := newOutbox(t)
		if err := c.send(o); err != nil {
			t.Fatal(err)
		}
		files := o.files(t)
		if len(files) != 1 {
			t.Fatalf("%s: %v", kind, files)
		}
		for name, text := range files {
			if !strings.Contains(name, "-"+kind+"-") || text != c.want {
				t.Errorf("%s holds %q", name, text)
			}
			if !strings.Contains(log.String(), name) {
				t.Errorf("logged %s", log)
			}
			for _, secret := range []string{"042917", "ada@", "4930123456", "Code"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log tells %q: %s", secret, log)
				}
			}
			checkMode(t, filepath.Join(o.folder, name), 0o600)
		}
		checkMode(t, o.folder, 0o700)
	}
}

func checkMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != want {
		t.Errorf("%s: %v, %v", path, info.Mode(), err)
	}
}

func TestOutboxIsClosedToOthers(t *testing.T) {
	o, _ := newOutbox(t)
	if err := os.MkdirAll(o.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := o.SMS(t.Context(), "+4930123456", "042917"); err != nil {
		t.Fatal(err)
	}
	checkMode(t, o.folder, 0o700)
}

// Messages at the same instant do not overwrite each other.
func TestOutboxSideBySide(t *testing.T) {
	o, _ := newOutbox(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := o.SMS(t.Context(), "+4930123456", "042917"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(o.files(t)); n != 50 {
		t.Errorf("%d files", n)
	}
}

// After a day a message is gone, and so is a part that was left behind. What is not
// ours stays.
func TestOutboxSweeps(t *testing.T) {
	o, _ := newOutbox(t)
	if err := o.Sweep(); err != nil { // there is no folder yet
		t.Fatal(err)
	}
	for range 2 {
		if err := o.SMS(t.Context(), "+4930123456", "042917"); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for name := range o.files(t) {
		names = append(names, name)
	}
	for _, name := range []string{"notes.txt", ".part-1", ".hidden"} {
		if err := os.WriteFile(filepath.Join(o.folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	age := func(name string, hours int) {
		at := o.now.Add(-time.Duration(hours) * time.Hour)
		if err := os.Chtimes(filepath.Join(o.folder, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	age(names[0], 25)
	age(names[1], 23)
	age("notes.txt", 100)
	age(".part-1", 25)
	age(".hidden", 100)
	if err := o.Sweep(); err != nil {
		t.Fatal(err)
	}
	left := o.files(t)
	for name, want := range map[string]bool{names[0]: false, names[1]: true, "notes.txt": true, ".part-1": false, ".hidden": true} {
		if _, there := left[name]; there != want {
			t.Errorf("%s is there: %v", name, there)
		}
	}
	o.now = o.now.Add(24 * time.Hour)
	if err := o.Sweep(); err != nil {
		t.Fatal(err)
	}
	if n := len(o.files(t)); n != 2 {
		t.Errorf("left %v", o.files(t))
	}
}

func TestNumbersThatAreNone(t *testing.T) {
	o, _ := newOutbox(t)
	for _, to := range []string{"", "030123456", "+0123456789", "+49 30 123456", "+4930123456\nTo: +491", "+49301", "+1234567890123456"} {
		if err := o.SMS(t.Context(), to, "042917"); !jobs.IsPermanent(err) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if err := o.SMS(t.Context(), "+4930123456", ""); !jobs.IsPermanent(err) {
		t.Errorf("no text: %v", err)
	}
}

// Where there is no folder to write to, it is tried again.
func TestOutboxWithoutPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := post.NewOutbox(filepath.Join(file, "outbox"), time.Now, slog.New(slog.DiscardHandler))
	if err := o.SMS(t.Context(), "+4930123456", "042917"); err == nil || jobs.IsPermanent(err) {
		t.Error(err)
	}
}

// SMTP has no SMS: they go the other way.
func TestSMSBesideSMTP(t *testing.T) {
	var box posttest.Box
	s, err := post.NewSMTP(post.Server{Host: "mail.example.org", TLS: post.StartTLS}, sender, &box)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SMS(t.Context(), "+4930123456", "042917"); err != nil {
		t.Fatal(err)
	}
	if texts := box.Texts(); len(texts) != 1 || texts[0].Text != "042917" {
		t.Errorf("texts %v", texts)
	}
}

// Messages are forgotten that tell of somebody: by ids, of which the name of a file has
// some, and nothing else.
func TestOutboxForgets(t *testing.T) {
	o, _ := newOutbox(t)
	ada, bob, code := jobs.Ref(1, "person", 1), jobs.Ref(1, "person", 11), jobs.Ref(1, "code", 1)
	if err := o.Forget(t.Context(), ada); err != nil { // there is no folder yet
		t.Fatal(err)
	}
	for _, about := range [][]string{{ada}, {bob, ada, ada}, {bob}, {code}, {jobs.Ref(2, "person", 1)}, nil} {
		if err := o.Mail(t.Context(), jobs.Message{To: "ada@example.org", Subject: "Hello", Text: "Hello", About: about}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.SMS(t.Context(), "+4930123456", "042917", ada); err != nil {
		t.Fatal(err)
	}
	for _, forget := range []struct {
		about []string
		left  int
	}{{nil, 7}, {[]string{"t1person"}, 7}, {[]string{ada}, 4}, {[]string{bob, code}, 2}} {
		if err := o.Forget(t.Context(), forget.about...); err != nil {
			t.Fatal(err)
		}
		if n := len(o.files(t)); n != forget.left {
			t.Errorf("%d files are left without %v, want %d", n, forget.about, forget.left)
		}
	}
	for name := range o.files(t) {
		if strings.Contains(name, "example") || strings.Contains(name, "4930") {
			t.Errorf("a file is called %s", name)
		}
	}
}
