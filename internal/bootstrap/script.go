// Package bootstrap renders the shell scripts that make a machine a member of the cluster.
//
// A rendered script is one text for a remote shell: parameters on top, where a reviewer of a preview sees them,
// then the scripts. It reads its secrets as one JSON object from standard input.
package bootstrap

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed scripts/*.sh
var scripts embed.FS

// end closes the quoted script; no script may contain it as a line.
const end = "AZSWARM_SCRIPT"

// Parameter is a variable of a script. It shows in previews and process lists: never a secret.
type Parameter struct {
	Name  string // shell variable name
	Value string
}

// Script is a text to run on a machine: parameters, the embedded files it is made of (without ".sh"; "lib" always
// comes first), and a last line that calls a function of theirs, where the files only define functions.
type Script struct {
	Parameters []Parameter
	Files      []string
	Call       string
}

// Render returns the script as a command for the login shell of an administrator with passwordless sudo.
// It panics if a file does not exist, which is a mistake in the program.
func (s Script) Render() string {
	var text strings.Builder
	// The shell gets the text as an argument, so that standard input stays free for the secrets.
	text.WriteString("exec sudo -n bash -c \"$(cat <<'" + end + "'\n")
	for _, parameter := range s.Parameters {
		fmt.Fprintf(&text, "%s=%s\n", parameter.Name, Quote(parameter.Value))
	}
	for _, file := range append([]string{"lib"}, s.Files...) {
		body, err := scripts.ReadFile("scripts/" + file + ".sh")
		if err != nil {
			panic(err)
		}
		text.Write(body)
	}
	if s.Call != "" {
		text.WriteString(s.Call + "\n")
	}
	text.WriteString(end + "\n)\"\n")
	return text.String()
}

// Quote returns value as one word of a POSIX shell.
func Quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
