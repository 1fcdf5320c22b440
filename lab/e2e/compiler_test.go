//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// compiler stands in front of go for all labs' commands. The language host compiles the program at every run, which takes
// seconds of looking at each file of Azure's SDK even where nothing has changed; and while the tests run nothing changes (one of
// them sees to that). So each program is compiled once a run of the tests, and linked once for all labs.
const compiler = `#!/bin/sh
set -eu
if [ "$#" -ne 3 ] || [ "$1 $2" != "build -o" ]; then
  exec '@go@' "$@"
fi
kept='@programs@'/$(pwd | sha256sum | cut -c1-16)
exec 9>"$kept.lock"
flock 9
[ -e "$kept" ] || { '@go@' build -o "$kept.new" && mv "$kept.new" "$kept"; }
ln -f "$kept" "$3"
`

func compilerDir() string { return filepath.Join(shelf, "bin") }

// installCompiler puts it in place, with nothing compiled yet.
func installCompiler() error {
	path, err := exec.LookPath("go")
	if err != nil {
		return err
	}
	programs := filepath.Join(shelf, "programs")
	if err := os.RemoveAll(programs); err != nil {
		return err
	}
	for _, dir := range []string{programs, compilerDir()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	text := strings.NewReplacer("@go@", path, "@programs@", programs).Replace(compiler)
	if err := os.WriteFile(filepath.Join(compilerDir(), "go"), []byte(text), 0o700); err != nil {
		return fmt.Errorf("install the compiler: %w", err)
	}
	return nil
}
