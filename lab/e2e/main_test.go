//go:build e2e

package e2e

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// Flags of the tests, after -args.
var (
	sideBySide = flag.String("suites", "auto", "how many suites run at a time: a number, or auto for what cores and memory carry")
	quick      = flag.Bool("quick", false, "run what is done in a few minutes: everything on paper, and one cluster")
	onlySuite  = flag.String("suite", "", "run the tests of this suite in this process, as the process that runs all suites does")
)

func TestMain(m *testing.M) {
	flag.Parse()
	var code int
	var err error
	if *onlySuite != "" {
		code, err = runSuite(m, *onlySuite)
	} else {
		code, err = runSuites()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}
