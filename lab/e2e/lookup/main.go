// Command lookup asks DNS what a program in a container would ask, for the end-to-end tests: images of applications rarely
// have a tool that shows SRV records.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	await := flag.String("await", "", "ask until this is the `answer`")
	within := flag.Duration("within", time.Minute, "give up waiting after this `time`")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: lookup [options] A|SRV NAME [A|SRV NAME]...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 || flag.NArg()%2 != 0 {
		flag.Usage()
		os.Exit(2)
	}
	start := time.Now()
	for pair := range slices.Chunk(flag.Args(), 2) {
		answer, err := ask(pair[0], pair[1])
		for *await != "" && (err != nil || answer != *await) {
			if time.Since(start) > *within {
				fmt.Fprintf(os.Stderr, "lookup: %s %s is %q (%v) after %s, want %q\n", pair[0], pair[1], answer, err, *within, *await)
				os.Exit(1)
			}
			time.Sleep(100 * time.Millisecond)
			answer, err = ask(pair[0], pair[1])
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "lookup:", err)
			os.Exit(1)
		}
		fmt.Printf("%s %s = %s", pair[0], pair[1], answer)
		if *await != "" {
			fmt.Printf(" (after %.1fs)", time.Since(start).Seconds())
		}
		fmt.Println()
	}
}

// ask returns the addresses of a name, or with SRV where its services are, in order; "none" where there is nothing.
func ask(kind, name string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	var answers []string
	switch kind {
	case "A":
		addresses, err := lookUp(ctx, name)
		if err != nil {
			return "", err
		}
		answers = addresses
	case "SRV":
		_, records, err := net.DefaultResolver.LookupSRV(ctx, "", "", name)
		if err != nil && !notFound(err) {
			return "", err
		}
		for _, record := range records {
			addresses, err := lookUp(ctx, record.Target)
			if err != nil {
				return "", err
			}
			answers = append(answers, fmt.Sprintf("%s:%d", strings.Join(addresses, ","), record.Port))
		}
	default:
		return "", fmt.Errorf("%q: must be A or SRV", kind)
	}
	if len(answers) == 0 {
		return "none", nil
	}
	slices.Sort(answers)
	return strings.Join(answers, " "), nil
}

func lookUp(ctx context.Context, name string) ([]string, error) {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", name)
	if err != nil && !notFound(err) {
		return nil, err
	}
	addresses := make([]string, 0, len(found))
	for _, address := range found {
		addresses = append(addresses, address.String())
	}
	return addresses, nil
}

func notFound(err error) bool {
	var failure *net.DNSError
	return errors.As(err, &failure) && failure.IsNotFound
}
