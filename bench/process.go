//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that was started, up to its end.
type process struct {
	cmd     *exec.Cmd
	address string
	took    time.Duration // from its start until it said that it was ready
	leash   io.Closer     // a child of this program ends when it closes
}

// start runs a server and waits for the line of its output that ends with its address.
func start(ctx context.Context, program string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	leash, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, leash: leash}
	line, err := bufio.NewReader(out).ReadString('\n')
	p.took = time.Since(began)
	if err != nil {
		return nil, fmt.Errorf("%s ended before it was ready: %w", program, errors.Join(err, cmd.Wait()))
	}
	at := strings.LastIndexAny(strings.TrimSpace(line), " /")
	p.address = strings.TrimSpace(line)[at+1:]
	return p, nil
}

// serve starts Roster on a data folder or a PostgreSQL database.
func (b *bench) serve(args ...string) (*process, error) {
	return start(b.ctx, b.program, append([]string{
		"serve", "--listen", "127.0.0.1:0", "--token-rate=-1", "--log-level", "WARN",
	}, args...)...)
}

func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	err := errors.Join(p.leash.Close(), p.cmd.Wait())
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == -1 { // by the signal
		return nil
	}
	return err
}

// resident is a line of a process's status, such as VmRSS or VmHWM, in MiB.
func resident(pid int, name string) (mib float64, err error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			var kib float64
			_, err := fmt.Sscan(rest, &kib)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("the system does not tell %s", name)
}

func (p *process) resident(name string) (mib float64, err error) { return resident(p.pid(), name) }

func (p *process) pid() int { return p.cmd.Process.Pid }

// ticks are the units in which Linux tells times of processors: hundredths of a second.
const ticks = 100

// processorTime is what a process has used of the processors.
func processorTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	// The second field, in parentheses, may hold blanks.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var sum int64
	for _, f := range fields[11:13] { // user and system
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}
