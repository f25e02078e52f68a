package mobility

import (
	"flag"
	"os"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("25") // some checks are a tenant of their own on a real database
	}
	os.Exit(pgtest.Main(m))
}
