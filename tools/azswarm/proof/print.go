package proof

import (
	"fmt"
	"io"
	"strings"
)

// Print writes results for people to read.
func Print(w io.Writer, results []Result) {
	for _, result := range results {
		mark := "ok    "
		if result.Err != nil {
			mark = "FAILED"
		}
		fmt.Fprintf(w, "%s  %s\n", mark, result.Title)
		if result.Command != "" {
			fmt.Fprintf(w, "        $ %s\n", result.Command)
		}
		for line := range strings.Lines(result.Output) {
			fmt.Fprintf(w, "        %s\n", strings.TrimRight(line, "\n"))
		}
		if result.Err != nil {
			fmt.Fprintf(w, "        %v\n", result.Err)
		}
		fmt.Fprintln(w)
	}
}
