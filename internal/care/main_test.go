package care_test

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"github.com/rosterhq/roster/internal/pgtest"
	"github.com/rosterhq/roster/internal/racetest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set(strconv.Itoa(racetest.Scale(100))) // each is a transaction on a real database
	}
	os.Exit(pgtest.Main(m))
}
