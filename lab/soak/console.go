package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// errNotSent says that a question never reached whom it was for.
var errNotSent = errors.New("not sent")

// console is a command that answers each line with a line.
type console struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	answers chan string // closed when the command ends
}

// ready is the line that a command says once it takes questions.
const ready = "ready"

// openLimit bounds the time until it does.
const openLimit = 10 * time.Second

// openConsole starts a command that says [ready], and then answers lines. What it needs to know, such as a token, is written
// before all else.
func openConsole(ctx context.Context, command *exec.Cmd, first ...string) (*console, error) {
	c := &console{command: command, answers: make(chan string)}
	var err error
	if c.stdin, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.answers)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			c.answers <- lines.Text()
		}
	}()
	for _, line := range first {
		if _, err := fmt.Fprintln(c.stdin, line); err != nil {
			c.end()
			return nil, err
		}
	}
	if said, err := c.read(ctx, openLimit); err != nil || said != ready {
		c.end()
		return nil, fmt.Errorf("not ready (%q): %w", said, cmp.Or(err, errors.New("it says something else")))
	}
	return c, nil
}

// ask returns the answer to a line. After an error the console is of no use any more.
func (c *console) ask(ctx context.Context, line string, limit time.Duration) (string, error) {
	if _, err := fmt.Fprintln(c.stdin, line); err != nil {
		return "", errNotSent
	}
	return c.read(ctx, limit)
}

// read returns the next line.
func (c *console) read(ctx context.Context, limit time.Duration) (string, error) {
	expired := time.NewTimer(limit)
	defer expired.Stop()
	select {
	case answer, open := <-c.answers:
		if !open {
			return "", errors.New("it ended without an answer")
		}
		return answer, nil
	case <-expired.C:
		return "", fmt.Errorf("no answer for %s", limit)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// end ends the command.
func (c *console) end() {
	_ = c.stdin.Close()
	_ = c.command.Process.Kill() // fails only if it has ended
	for range c.answers {        // the reader ends with the command
	}
	_ = c.command.Wait()
}

// consoles are one console on each of several machines, opened when first asked.
type consoles struct {
	machines func() []string // that can be asked
	open     func(ctx context.Context, machine string) (*console, error)
	limit    time.Duration // for one answer

	mutex   sync.Mutex
	opened  map[string]*console
	current int
}

// ask asks the machine that answered last and, once one doesn't, the next one from then on.
func (c *consoles) ask(ctx context.Context, line string) (string, error) {
	machines := c.machines()
	machine := machines[c.current%len(machines)]
	answer, err := c.askOn(ctx, machine, line)
	if err != nil {
		c.next()
	}
	return answer, err
}

// next has another machine asked from now on.
func (c *consoles) next() { c.current++ }

func (c *consoles) askOn(ctx context.Context, machine, line string) (string, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	on, found := c.opened[machine]
	if !found {
		var err error
		if on, err = c.open(ctx, machine); err != nil {
			return "", fmt.Errorf("%s: %w: %w", machine, errNotSent, err)
		}
		c.opened[machine] = on
	}
	answer, err := on.ask(ctx, line, c.limit)
	if err != nil {
		on.end()
		delete(c.opened, machine)
		err = fmt.Errorf("%s: %w", machine, err)
	}
	return strings.TrimSpace(answer), err
}

// close ends all consoles.
func (c *consoles) close() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, on := range c.opened {
		on.end()
	}
	clear(c.opened)
}
