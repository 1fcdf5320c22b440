// Command registrator is the lab's stand-in for the gliderlabs/registrator image, which can't be built from
// a Go module. It registers the published ports of a Docker engine's containers as Consul services, with the
// flags, the names and the metadata of the original, so that what is deployed here runs unchanged with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const announcement = "azswarm lab stand-in for gliderlabs/registrator:v7 (not the real image)"

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	log.Println(announcement)
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "registrator:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Stopping leaves services registered, as the original does: it is about to be started again.
	if err := run(ctx, o); err != nil && ctx.Err() == nil {
		log.Fatal("registrator: ", err)
	}
}

// options are the command line.
type options struct {
	registry       string
	ip             string
	internal       bool
	explicit       bool
	useIPFromLabel string
	tags           string
	resync         time.Duration
	cleanup        bool
	deregister     string
	retryAttempts  int
	retryInterval  time.Duration
}

// parse reads the command line, with the flags and the rules of the original.
func parse(args []string, output io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("registrator", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.Usage = func() {
		fmt.Fprintln(output, "Usage: registrator [options] <registry URI>")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.ip, "ip", "", "`address` to register services with, instead of the host's")
	flags.BoolVar(&o.internal, "internal", false, "register exposed ports at the container's address instead of published ports")
	flags.BoolVar(&o.explicit, "explicit", false, "register only containers with a SERVICE_NAME")
	flags.StringVar(&o.useIPFromLabel, "useIpFromLabel", "", "`label` of containers that holds the address to register")
	flags.StringVar(&o.tags, "tags", "", "comma-separated `tags` for every service")
	flags.BoolVar(&o.cleanup, "cleanup", false, "deregister services of this host that no container stands behind")
	flags.StringVar(&o.deregister, "deregister", "always", "deregister services of exited containers: \"always\" or \"on-success\"")
	flags.IntVar(&o.retryAttempts, "retry-attempts", 0, "how often to try again to reach the registry at start; -1 for ever")
	resync := flags.Int("resync", 0, "`seconds` between registrations of all services; 0 for never")
	retry := flags.Int("retry-interval", 2000, "`milliseconds` between attempts to reach the registry")
	ttl := flags.Int("ttl", 0, "`seconds` services live without refresh; the Consul backend has no use for it")
	refresh := flags.Int("ttl-refresh", 0, "`seconds` between refreshes; the Consul backend has no use for it")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	o.resync = time.Duration(*resync) * time.Second
	o.retryInterval = time.Duration(*retry) * time.Millisecond

	var wrong []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	refuse(flags.NArg() != 1, "got %d arguments after the options: must be one registry URI, like consul://127.0.0.1:8500", flags.NArg())
	refuse(o.deregister != "always" && o.deregister != "on-success", "-deregister is %q: must be \"always\" or \"on-success\"", o.deregister)
	refuse((*ttl == 0) != (*refresh == 0), "-ttl is %d and -ttl-refresh is %d: give both or none", *ttl, *refresh)
	refuse(*ttl != 0 && *ttl <= *refresh, "-ttl is %d: must be greater than -ttl-refresh, which is %d", *ttl, *refresh)
	refuse(*resync < 0, "-resync is %d: must not be negative", *resync)
	refuse(*retry <= 0, "-retry-interval is %d: must be greater than 0", *retry)
	refuse(o.retryAttempts < -1, "-retry-attempts is %d: must be -1 or more", o.retryAttempts)
	o.registry = flags.Arg(0)
	return o, errors.Join(wrong...)
}

// run registers services until the context or Docker's event stream ends.
func run(ctx context.Context, o options) error {
	engine, err := newEngine(os.Getenv("DOCKER_HOST"))
	if err != nil {
		return err
	}
	registry, err := newConsul(o.registry)
	if err != nil {
		return err
	}
	hostname, err := os.Hostname()
	if err != nil {
		return err
	}
	if err := await(ctx, registry, o.retryAttempts, o.retryInterval); err != nil {
		return err
	}
	b := &bridge{engine: engine, registry: registry, options: o, hostname: hostname, known: map[string][]service{}}
	return b.run(ctx)
}

// await returns as soon as the registry answers. It makes attempts+1 attempts, or with -1 any number.
func await(ctx context.Context, r registry, attempts int, interval time.Duration) error {
	for attempt := 0; ; attempt++ {
		err := r.ping(ctx)
		if err == nil {
			return nil
		}
		if attempt == attempts {
			return fmt.Errorf("registry not reachable after %d attempts: %w", attempt+1, err)
		}
		log.Printf("registry not reachable, next attempt in %s: %v", interval, err)
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
