// Package output captures what a command writes and shows it to the user while it runs.
package output

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
)

// Result is what a command wrote, each stream without its last newline.
type Result struct {
	Stdout, Stderr string
}

// Capture keeps the two streams of one command, apart and mixed, and shows their lines as they come.
type Capture struct {
	mu             sync.Mutex
	mixed          bytes.Buffer
	Stdout, Stderr Stream
}

// Stream is one of the two streams: an io.Writer for the command to write to.
type Stream struct {
	capture *Capture
	text    bytes.Buffer
	lines   *lines
}

// NewCapture captures a command's output; logging says which streams log shows: "stdout", "stderr",
// "stdoutAndStderr" (also when it is nil) or none, which is what any other value means.
func NewCapture(log Log, logging *string) *Capture {
	mode := "stdoutAndStderr"
	if logging != nil {
		mode = *logging
	}
	c := &Capture{}
	c.Stdout = Stream{capture: c}
	c.Stderr = Stream{capture: c}
	if mode == "stdout" || mode == "stdoutAndStderr" {
		c.Stdout.lines = &lines{show: log.Status}
	}
	if mode == "stderr" || mode == "stdoutAndStderr" {
		c.Stderr.lines = &lines{show: log.Status}
	}
	return c
}

// Write keeps p and shows the lines it completes.
func (s *Stream) Write(p []byte) (int, error) {
	s.capture.mu.Lock()
	s.text.Write(p)
	s.capture.mixed.Write(p)
	s.capture.mu.Unlock()
	if s.lines != nil { // outside the lock: showing is a call to the engine
		s.lines.add(p)
	}
	return len(p), nil
}

// Finish is called once the command has ended with err. A failure carries the text of the command and everything it
// wrote, in the order it arrived.
func (c *Capture) Finish(text string, err error) (Result, error) {
	for _, stream := range []*Stream{&c.Stdout, &c.Stderr} {
		if stream.lines != nil {
			stream.lines.flush()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		return Result{}, fmt.Errorf("%w: running %q:\n%s", err, text, c.mixed.String())
	}
	return Result{
		Stdout: strings.TrimSuffix(c.Stdout.text.String(), "\n"),
		Stderr: strings.TrimSuffix(c.Stderr.text.String(), "\n"),
	}, nil
}
