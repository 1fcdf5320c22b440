package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// dropped are inherited variables that the CLI, the program and the providers must not see.
var dropped = []string{
	// They'd point the CLI at another backend, or at other credentials, than the lab's.
	"PULUMI_ACCESS_TOKEN", "PULUMI_API", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_STACK", "PULUMI_SKIP_CHECKPOINTS",
	// The command provider offers the agent's keys even on connections that carry one; if the socket is stale,
	// every connection fails.
	"SSH_AUTH_SOCK",
	// The docker provider pings this daemon instead of the one it was configured with, and then gives up.
	"DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT",
}

// environment is what the CLI (and any command next to it) runs with.
func (s *Session) environment(stack, configFile string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(dropped, name)
	})
	set := map[string]string{
		"PATH":                          strings.Join([]string{s.Lab.path("bin"), s.tools, ownDir(), os.Getenv("PATH")}, string(os.PathListSeparator)),
		"PULUMI_HOME":                   s.Lab.pulumiHome(),
		"PULUMI_BACKEND_URL":            "file://" + s.Lab.backendDir(),
		"PULUMI_CONFIG_PASSPHRASE_FILE": s.Lab.path("passphrase"),
		// A stack's encryption is found in its state, where the configuration doesn't tell.
		"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
		// The lab runs where there is no network to ask.
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK":    "true",
		"GOFLAGS": s.goFlags,
		// The language host leaves the compiled program, 60 MB, behind when it is killed.
		"TMPDIR": s.Lab.tempDir(),
		// Flags' defaults: commands without --stack and --config-file act on the lab's stack and its copy of
		// the configuration (see stackFile).
		"PULUMI_OPTION_STACK":       stack,
		"PULUMI_OPTION_CONFIG_FILE": configFile,
	}
	if s.paper {
		// A checkpoint after every resource makes a thousand of them take minutes. What it would save, a run that is
		// killed, costs nothing here.
		set["PULUMI_SKIP_CHECKPOINTS"] = "true"
	}
	for name, value := range set {
		env = setVariable(env, name, value)
	}
	if s.attach != "" {
		name, value, _ := strings.Cut(s.attach, "=")
		env = setVariable(env, name, value)
	}
	return env
}

// ownDir is where this program is, and in a clone the operators' program beside it.
func ownDir() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Dir(self)
}

func setVariable(env []string, name, value string) []string {
	env = slices.DeleteFunc(env, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
	return append(env, name+"="+value)
}

func lookup(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// compilerFlags adds to the user's GOFLAGS what makes the language host's compilation, which every run waits for, shorter:
// linking without symbols and debug information saves a third of it.
func compilerFlags() string {
	// Asked of go, as the flags may come from its own configuration, which the variable replaces.
	output, err := exec.Command("go", "env", "GOFLAGS").Output()
	flags := strings.TrimSpace(string(output))
	if err != nil || strings.Contains(flags, "-ldflags") {
		return flags
	}
	return strings.TrimSpace(flags + " -ldflags=-s")
}
