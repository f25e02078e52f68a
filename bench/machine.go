//go:build unix

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// machine names what was measured on.
func machine() string {
	system := field("/etc/os-release", "PRETTY_NAME", "=")
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		kernel = nil
	}
	return fmt.Sprintf("Machine: %d cores of %s, %s of memory; %s, kernel %s; %s %s/%s. The client runs on the same cores.\n",
		runtime.NumCPU(), field("/proc/cpuinfo", "model name", ":"), field("/proc/meminfo", "MemTotal", ":"),
		system, strings.TrimSpace(string(kernel)), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// field finds the first line of a file that begins with a name and returns what
// stands behind the separator.
func field(file, name, separator string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, separator); ok && strings.TrimSpace(key) == name {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return "unknown"
}

// load is how many processes wanted a processor during the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
