package prom_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/prom"
)

var _ wire.Meter = (*prom.Meter)(nil)

func TestMeter(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := prom.New(reg)
	count := m.Of(roster.DirectoryAPI, "get-group")
	for _, status := range []int{200, 200, 404, 9000} {
		count(status, time.Millisecond)
	}
	check(t, reg, map[string]float64{"200": 2, "404": 1, "500": 1, "roster_http_request_seconds": 4})
}

func TestProviders(t *testing.T) {
	reg := prometheus.NewRegistry()
	tell := prom.Providers(reg)
	for _, status := range []string{"200", "none", "200", "spared"} {
		tell("CRIF", status, time.Millisecond)
	}
	check(t, reg, map[string]float64{"200": 2, "none": 1, "spared": 1, "roster_provider_request_seconds": 4})
}

// check compares counters by their status, and how much histograms hold.
func check(t *testing.T, reg *prometheus.Registry, wants map[string]float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			if h := metric.GetHistogram(); h != nil {
				got[f.GetName()] = float64(h.GetSampleCount())
				continue
			}
			for _, l := range metric.GetLabel() {
				if l.GetName() == "status" {
					got[l.GetValue()] = metric.GetCounter().GetValue()
				}
			}
		}
	}
	for name, want := range wants {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}
