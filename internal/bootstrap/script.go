// Package bootstrap renders the shell scripts that make a machine a member of the cluster.
//
// A script reaches a machine in two parts. Its command is short and shows everywhere: in previews, errors and process
// lists. It has the parameters, what to call, and a fingerprint of the rest. Its input is read from standard input and shows
// nowhere: the text of the script, and the secrets as one JSON object.
package bootstrap

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

//go:embed scripts/*.sh
var scripts embed.FS

// end closes the quoted part of a command; no parameter may contain it as a line.
const end = "AZSWARM"

// Parameter is a variable of a script. It shows in previews and process lists: never a secret.
type Parameter struct {
	Name  string // shell variable name
	Value string
}

// Script is a program for a machine: parameters, and the embedded files it is made of (without ".sh"; "lib" always comes
// first). The files only define functions.
type Script struct {
	Parameters []Parameter
	Files      []string
}

// Command returns the command that calls functions of the script, for the login shell of an administrator with passwordless
// sudo. It expects [Script.Input] and then the secrets on standard input.
func (s Script) Command(call string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "exec sudo -n bash -c \"$(cat <<'%s'\n", end)
	for _, parameter := range s.Parameters {
		fmt.Fprintf(&text, "%s=%s\n", parameter.Name, Quote(parameter.Value))
	}
	sum := sha256.Sum256([]byte(s.body()))
	fmt.Fprintf(&text, "# %s, version %s\n", strings.Join(s.Files, " "), hex.EncodeToString(sum[:6]))
	text.WriteString("read -r script\neval \"$(base64 -d <<<\"$script\")\"\n")
	fmt.Fprintf(&text, "%s\n%s\n)\"\n", call, end)
	return text.String()
}

// Input returns the first line of the command's standard input. The rest are the secrets.
func (s Script) Input() string {
	return base64.StdEncoding.EncodeToString([]byte(s.body())) + "\n"
}

// body is the text of the files. It panics if one does not exist, which is a mistake in the program.
func (s Script) body() string {
	var text strings.Builder
	for _, file := range append([]string{"lib"}, s.Files...) {
		body, err := scripts.ReadFile("scripts/" + file + ".sh")
		if err != nil {
			panic(err)
		}
		text.Write(body)
	}
	return text.String()
}

// Quote returns value as one word of a POSIX shell.
func Quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
