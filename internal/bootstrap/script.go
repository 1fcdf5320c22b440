// Package bootstrap renders the shell scripts that make a machine a member of the cluster.
//
// A script reaches a machine in two parts. Its command is one short line and shows everywhere: in previews, errors and process
// lists. It says what to call, with which parameters. Its input is read from standard input and shows nowhere: the text of the
// script, the values of long parameters, and the secrets as one JSON object.
package bootstrap

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

//go:embed scripts/*.sh
var scripts embed.FS

// longest is the length of a value that a command still shows, in bytes. Of longer ones, which nobody reads in an error, and of
// which Linux takes 128 KiB in a command, it shows a fingerprint.
const longest = 60

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
// sudo. It expects [Script.Input] and then the secrets, one line, on standard input. It changes with everything but them.
func (s Script) Command(call string) string {
	words := []string{"exec sudo -n bash -s --", word(call)}
	for _, parameter := range s.Parameters {
		value := parameter.Value
		if parameter.long() {
			value = "sha256:" + fingerprint(value)
		}
		words = append(words, parameter.Name+"="+word(value))
	}
	return strings.Join(append(words, "SCRIPT="+fingerprint(s.body())), " ")
}

// Input returns what the shell reads first. It runs nothing before it has read all of it.
func (s Script) Input() string {
	var long []Parameter
	for _, parameter := range s.Parameters {
		if parameter.long() {
			long = append(long, parameter)
		}
	}
	return "{\nfor parameter in \"${@:2}\"; do declare \"$parameter\"; done\n" + assignments(long) + s.body() + "main \"$1\"\nexit\n}\n"
}

// Relay returns what the bastion's shell reads first where the script is one of another machine. It expects the bastion's own
// secrets, one line, and then the script's input and secrets, which it passes on. The command stays the same.
func Relay(parameters ...Parameter) string {
	return "{\n" + assignments(parameters) + Script{Files: []string{"peers", "relay"}}.body() + "relay \"$@\"\nexit\n}\n"
}

func assignments(parameters []Parameter) string {
	var text strings.Builder
	for _, parameter := range parameters {
		fmt.Fprintf(&text, "%s=%s\n", parameter.Name, Quote(parameter.Value))
	}
	return text.String()
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

func (p Parameter) long() bool {
	return len(p.Value) > longest || strings.ContainsAny(p.Value, "\n\r")
}

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// plain is a word that means itself to a shell.
var plain = regexp.MustCompile(`^[a-zA-Z0-9@%+:,./_-]+$`)

// word returns value as one word of a POSIX shell, quoted only where it has to be.
func word(value string) string {
	if plain.MatchString(value) {
		return value
	}
	return Quote(value)
}

// Quote returns value as one word of a POSIX shell.
func Quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
