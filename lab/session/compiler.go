package session

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// compiler stands in front of go for the language host, which builds the program to a new file at every run. Linking takes most
// of that, and go skips it only where its output file is up to date: so each program gets a file that stays.
const compiler = `#!/bin/sh
# Passes everything on to go, but for what the language host asks: build -o FILE
set -eu
if [ "$#" -ne 3 ] || [ "$1 $2" != "build -o" ]; then
  exec @go@ "$@"
fi
kept=@programs@/$(pwd | sha256sum | cut -c1-16)
@go@ build -o "$kept"
ln -f "$kept" "$3"
`

// installCompiler puts the compiler where the CLI's PATH begins.
func (l *Lab) installCompiler() error {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil // a program in another language needs none, and one in Go says so itself
	}
	if path == l.path("bin", "go") {
		return nil // a command within `lab exec`: it is there, and must not lead to itself
	}
	text := strings.NewReplacer("@go@", shellQuote(path), "@programs@", shellQuote(l.programsDir())).Replace(compiler)
	if err := writeFile(l.path("bin", "go"), []byte(text), 0o755); err != nil {
		return fmt.Errorf("install the lab's compiler: %w", err)
	}
	return nil
}

// Compiled tells whether a program has been compiled in this lab before.
func (l *Lab) Compiled() bool {
	programs, err := os.ReadDir(l.programsDir())
	return err == nil && len(programs) > 0
}

func shellQuote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
