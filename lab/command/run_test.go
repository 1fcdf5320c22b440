package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestRemoteCommandResults(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		inputs         map[string]any
		stdout, stderr string
		err            string
		code           codes.Code
	}{
		"streams":             {inputs: map[string]any{"create": "echo out; echo err >&2"}, stdout: "out", stderr: "err"},
		"one newline trimmed": {inputs: map[string]any{"create": `printf 'a\n\n\n'; printf 'e \n\n' >&2`}, stdout: "a\n\n", stderr: "e \n"},
		"stdin as it is":      {inputs: map[string]any{"create": "cat; echo '<end>'", "stdin": "l1\nl2"}, stdout: "l1\nl2<end>"},
		"no stdin":            {inputs: map[string]any{"create": "wc -c"}, stdout: "0"},
		"empty stdin":         {inputs: map[string]any{"create": "wc -c", "stdin": ""}, stdout: "0"},
		"empty command":       {inputs: map[string]any{"create": ""}},
		"NUL bytes":           {inputs: map[string]any{"create": `printf 'a\000b'`}, stdout: "a\x00b"},
		"accepted variable":   {inputs: map[string]any{"create": "echo $LC_X", "environment": map[string]any{"LC_X": "v"}}, stdout: "v"},
		"secrets are opened": {
			inputs: map[string]any{"create": map[string]any{secretMark: "cat"}, "stdin": map[string]any{secretMark: "s"}}, stdout: "s",
		},
		"not UTF-8": {
			inputs: map[string]any{"create": `printf '\377'`},
			err:    "grpc: error while marshaling: string field contains invalid UTF-8", code: codes.Internal,
		},
		"status": {
			inputs: map[string]any{"create": "echo \"a\"\nexit 3", "stdin": "hidden", "logging": "none"},
			err:    "Process exited with status 3: running \"echo \\\"a\\\"\\nexit 3\":\na\n", code: codes.Unknown,
		},
		"killed": {
			inputs: map[string]any{"create": "kill -9 $$"},
			err:    "Process exited with status 137 from signal KILL: running \"kill -9 $$\":\n", code: codes.Unknown,
		},
		"unknown command": {
			inputs: map[string]any{"create": "nosuchcmd"},
			err:    "Process exited with status 127: running \"nosuchcmd\":\nbash: line 1: nosuchcmd: command not found\n", code: codes.Unknown,
		},
		"refused variable": {
			inputs: map[string]any{"create": "touch ran", "environment": map[string]any{"FOO": "x"}},
			err:    `could not set environment variable "FOO": ssh: setenv failed`, code: codes.Unknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			state, err := w.create(t, commandURN, nil, test.inputs)
			if status.Convert(err).Message() != test.err || status.Code(err) != test.code {
				t.Fatalf("error %v, want %v: %q", err, test.code, test.err)
			}
			if err == nil && (state["stdout"] != test.stdout || state["stderr"] != test.stderr) {
				t.Errorf("stdout %q, stderr %q; want %q, %q", state["stdout"], state["stderr"], test.stdout, test.stderr)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(w.target.Root, "root", "ran")); err == nil {
		t.Error("the command ran although its environment was refused")
	}
}

func TestLoggingDecidesWhatIsShown(t *testing.T) {
	w := newWorld(t)
	for logging, want := range map[string][]string{
		"":                {"status E", "status O1", "status O2"},
		"stdoutAndStderr": {"status E", "status O1", "status O2"},
		"stdout":          {"status O1", "status O2"},
		"stderr":          {"status E"},
		"none":            nil,
		"loud":            nil,
	} {
		t.Run("logging "+logging, func(t *testing.T) {
			inputs := map[string]any{"create": "echo O1; printf O2; echo E >&2"}
			if logging != "" {
				inputs["logging"] = logging
			}
			if _, err := w.create(t, commandURN, nil, inputs); err != nil {
				t.Fatal(err)
			}
			messages := w.engine.take()
			slices.Sort(messages) // the order of the streams is not kept
			if !slices.Equal(messages, want) {
				t.Errorf("messages %q, want %q", messages, want)
			}
		})
	}
}

// TestLongLinesDoNotHang is where the stand-in is better than the plugin.
func TestLongLinesDoNotHang(t *testing.T) {
	w := newWorld(t)
	state, err := w.create(t, commandURN, nil, map[string]any{"create": "head -c 200000 /dev/zero | tr '\\0' x; echo; echo end"})
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(w.engine.take(), "")
	if got := strings.Count(shown, "x"); got != 200000 || !strings.HasSuffix(shown, "status end") {
		t.Errorf("shown %d x, ending in %q", got, shown[len(shown)-20:])
	}
	if len(state["stdout"].(string)) != 200004 {
		t.Errorf("stdout has %d bytes, want 200004", len(state["stdout"].(string)))
	}
}

func TestRefusedVariablesAreReported(t *testing.T) {
	w := newWorld(t)
	const refused = "Unable to set '%s'. This only works if your SSH server is configured to accept\n\tthese variables via AcceptEnv. "
	_, _ = w.create(t, commandURN, nil, map[string]any{"create": "echo", "environment": map[string]any{"FOO": "hidden"}})
	if messages := w.engine.take(); len(messages) != 1 || !strings.HasPrefix(messages[0], "error "+fmt.Sprintf(refused, "FOO")) {
		t.Errorf("messages %q, want one error about FOO", messages)
	}
	for name, test := range map[string]struct {
		inputs map[string]any
		olds   map[string]any
		want   []string
	}{
		"previous output":          {nil, map[string]any{"stdout": "o", "stderr": "e"}, []string{"PULUMI_COMMAND_STDOUT", "PULUMI_COMMAND_STDERR"}},
		"no previous stderr":       {nil, map[string]any{"stdout": "o", "stderr": ""}, []string{"PULUMI_COMMAND_STDOUT"}},
		"previous output unwanted": {map[string]any{"addPreviousOutputInEnv": false}, map[string]any{"stdout": "o", "stderr": "e"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inputs := map[string]any{"create": "echo so=$PULUMI_COMMAND_STDOUT", "logging": "none"}
			for key, value := range test.inputs {
				inputs[key] = value
			}
			response, err := w.client.Update(t.Context(), &pulumirpc.UpdateRequest{
				Urn: commandURN, Olds: w.inputs(t, nil, test.olds), News: w.inputs(t, nil, inputs),
			})
			if err != nil {
				t.Fatal(err)
			}
			if stdout := response.GetProperties().AsMap()["stdout"]; stdout != "so=" {
				t.Errorf("stdout %q, want so=", stdout)
			}
			messages := w.engine.take()
			if len(messages) != len(test.want) {
				t.Fatalf("messages %q, want warnings about %v", messages, test.want)
			}
			for i, name := range test.want {
				if !strings.HasPrefix(messages[i], "warning "+fmt.Sprintf(refused, name)) {
					t.Errorf("message %q, want a warning about %s", messages[i], name)
				}
			}
		})
	}
}

func TestNothingIsDialledWithoutACommand(t *testing.T) {
	w := newWorld(t)
	olds := w.inputs(t, nil, map[string]any{"create": "echo a", "stdout": "a", "stderr": ""})
	if _, err := w.create(t, commandURN, nil, map[string]any{"update": "echo u", "delete": "echo d"}); err != nil {
		t.Error(err)
	}
	if _, err := w.client.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: commandURN, Properties: olds}); err != nil {
		t.Error(err)
	}
	response, err := w.client.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: commandURN, Olds: olds, News: w.inputs(t, nil, nil)})
	if err != nil || response.GetProperties().AsMap()["stdout"] != "a" {
		t.Errorf("update without a command: stdout %v, error %v; want the old one", response.GetProperties().AsMap()["stdout"], err)
	}
	if _, err := w.client.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: commandURN, Preview: true, Properties: w.inputs(t, nil, map[string]any{"create": "echo a"}),
	}); err != nil {
		t.Error(err)
	}
	if len(w.dials) != 0 {
		t.Errorf("dialled %v", w.dials)
	}
}

// TestCancelLeavesRemoteCommandsAlone: one interrupt of the CLI waits for them and keeps their result.
func TestCancelLeavesRemoteCommandsAlone(t *testing.T) {
	w := newWorld(t)
	w.engine.onLog = func(message *pulumirpc.LogRequest) {
		if message.GetMessage() == "started" {
			_, _ = w.Cancel(context.Background(), nil)
			w.put(t, "/root/go", "")
		}
	}
	state, err := w.create(t, commandURN, nil, map[string]any{"create": "echo started; until [ -e go ]; do sleep 0.01; done; echo ended"})
	if err != nil || state["stdout"] != "started\nended" {
		t.Errorf("stdout %q, error %v; want the command to run to its end", state["stdout"], err)
	}
}

func TestManyCommandsRunAtOnce(t *testing.T) {
	w := newWorld(t)
	const nodes = 100
	var group sync.WaitGroup
	for i := range nodes {
		group.Go(func() {
			connection := map[string]any{"proxy": w.through(nil)}
			state, err := w.create(t, commandURN, connection, map[string]any{"create": fmt.Sprintf("echo %d", i), "logging": "none"})
			if err != nil || state["stdout"] != fmt.Sprint(i) {
				t.Errorf("command %d: stdout %v, error %v", i, state["stdout"], err)
			}
		})
	}
	group.Wait()
	if got := w.target.Connections.Load(); got != nodes {
		t.Errorf("%d connections to the target, want one for each of %d commands", got, nodes)
	}
}

func TestSecretsAreNotLogged(t *testing.T) {
	w := newWorld(t)
	_, _ = w.create(t, commandURN, map[string]any{"port": 2222.0, "password": "hidden-password"}, map[string]any{"create": "cat", "stdin": "hidden-stdin"})
	_, _ = w.create(t, commandURN, nil, map[string]any{"create": "cat >/dev/null; exit 1", "stdin": "hidden-stdin", "environment": map[string]any{"LC_X": "hidden-environment"}})
	for _, message := range w.engine.take() {
		if strings.Contains(message, "hidden") || strings.Contains(message, "PRIVATE KEY") {
			t.Errorf("message shows a secret: %q", message)
		}
	}
}

func TestEngineThatIsGoneDoesNotFailCommands(t *testing.T) {
	w := newWorld(t)
	if _, err := w.client.Attach(t.Context(), &pulumirpc.PluginAttach{Address: "127.0.0.1:1"}); err != nil {
		t.Fatal(err)
	}
	state, err := w.create(t, commandURN, nil, map[string]any{"create": "echo a; echo b"})
	if err != nil || state["stdout"] != "a\nb" {
		t.Errorf("stdout %v, error %v", state["stdout"], err)
	}
}
