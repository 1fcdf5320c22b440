//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// processes has seen every command line since the suite began; nil where nobody asks.
var processes *recorder

// recorder collects the command lines of all processes of this machine, those in its containers included. The kernel tells
// it of every program that starts, so that it sees short-lived ones too; a full look now and then catches what was missed.
type recorder struct {
	mutex sync.Mutex
	lines map[string]bool
	file  *os.File // netlink socket; nil where the kernel doesn't tell
	done  chan struct{}
	ended sync.WaitGroup
}

// lookEvery is how often the recorder looks at all processes.
const lookEvery = 500 * time.Millisecond

// The kernel's process events connector: linux/connector.h and linux/cn_proc.h.
const (
	connectorProcesses = 1 // CN_IDX_PROC, CN_VAL_PROC
	listen             = 1 // PROC_CN_MCAST_LISTEN
	execEvent          = 2 // PROC_EVENT_EXEC
	headerLength       = unix.NLMSG_HDRLEN + 20
)

func startRecorder() *recorder {
	r := &recorder{lines: map[string]bool{}, done: make(chan struct{})}
	if err := r.subscribe(); err != nil {
		fmt.Println("e2e: the kernel doesn't tell of programs that start, so short-lived ones may be missed:", err)
	}
	r.ended.Go(r.lookRepeatedly)
	if r.file != nil {
		r.ended.Go(r.follow)
	}
	return r
}

func (r *recorder) subscribe() error {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.NETLINK_CONNECTOR)
	if err != nil {
		return fmt.Errorf("open the connector: %w", err)
	}
	if err := unix.Bind(socket, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: connectorProcesses}); err != nil {
		_ = unix.Close(socket)
		return fmt.Errorf("listen to the connector: %w", err)
	}
	_ = unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<22) // smaller ones lose events
	var request bytes.Buffer
	order := binary.NativeEndian
	message := []any{
		unix.NlMsghdr{Len: headerLength + 4, Type: unix.NLMSG_DONE}, uint32(connectorProcesses), uint32(connectorProcesses),
		uint32(0), uint32(0), uint16(4), uint16(0), uint32(listen),
	}
	for _, part := range message {
		_ = binary.Write(&request, order, part) // into memory
	}
	if err := unix.Sendto(socket, request.Bytes(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		_ = unix.Close(socket)
		return fmt.Errorf("subscribe to process events: %w", err)
	}
	r.file = os.NewFile(uintptr(socket), "process events")
	return nil
}

// follow notes the command line of every program the kernel tells of.
func (r *recorder) follow() {
	event := make([]byte, 4096)
	for {
		n, err := r.file.Read(event)
		select {
		case <-r.done:
			return
		default:
		}
		// An event: what, processor, time, process. Errors mean that some were lost.
		const process = headerLength + 16
		if err != nil || n < process+4 || binary.NativeEndian.Uint32(event[headerLength:]) != execEvent {
			continue
		}
		r.note(strconv.Itoa(int(binary.NativeEndian.Uint32(event[process:]))))
	}
}

func (r *recorder) lookRepeatedly() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-r.done:
			return
		case <-ticker.C:
			for _, process := range allProcesses() {
				r.note(process)
			}
		}
	}
}

func (r *recorder) note(process string) {
	line, err := os.ReadFile(filepath.Join("/proc", process, "cmdline"))
	if err != nil || len(line) == 0 {
		return // it has ended, or is the kernel's own
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.lines[string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))] = true
}

// seen returns all command lines so far.
func (r *recorder) seen() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Collect(maps.Keys(r.lines))
}

func (r *recorder) stop() {
	close(r.done)
	if r.file != nil {
		_ = r.file.Close() // ends the read
	}
	r.ended.Wait()
}

// allProcesses lists the process ids there are.
func allProcesses() []string {
	var ids []string
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err == nil {
			ids = append(ids, entry.Name())
		}
	}
	return ids
}
