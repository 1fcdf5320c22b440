package command

import (
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/sshtest"
)

// notReplayed are recorded calls, by case and resource, that cannot be compared on another machine.
var notReplayed = map[string]string{
	"remote.Command: various runs/who": "prints the user, processes and environment of the recorded host",
}

// prepared cases need the world to be different, or their calls to carry what the recording left out.
var prepared = map[string]func(t *testing.T, w *world, calls []exchange){
	"remote.Command Diff/preview: connection.privateKey (n: no update command, u: update command)": func(t *testing.T, _ *world, calls []exchange) {
		other := sshtest.NewKey(t).PEM // the recording has no keys, so old and new look the same
		for _, call := range calls {
			connection(call.Request.Olds)["privateKey"] = map[string]any{secretMark: other}
		}
	},
	"dial: d_wrongkey2":  useWrongKey,
	"dial: d_wrongkey10": useWrongKey,
	"dial: d_pxtgtkey2":  useWrongKey,
	"dial: d_inf": func(t *testing.T, w *world, _ []exchange) {
		w.engine.onLog = func(message *pulumirpc.LogRequest) {
			if message.GetMessage() == "Dial 7/inf failed: retrying" {
				_, _ = w.Cancel(t.Context(), nil)
			}
		}
	},
	"local.Command: up cancel after 4": func(t *testing.T, w *world, _ []exchange) {
		w.engine.onLog = func(message *pulumirpc.LogRequest) {
			if message.GetMessage() == "b" {
				_, _ = w.Cancel(t.Context(), nil)
			}
		}
	},
}

func useWrongKey(t *testing.T, _ *world, calls []exchange) {
	for _, call := range calls {
		connection(call.Request.Properties)["privateKey"] = map[string]any{secretMark: sshtest.NewKey(t).PEM}
	}
}

func connection(properties map[string]any) map[string]any {
	return properties["connection"].(map[string]any)[secretMark].(map[string]any)
}

// The host keys of the recorded target and bastion.
const (
	recordedTargetKey  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN34FOCPV8bEykHrHeKmri75Hgd2ncF89LrsgmqZ4eLd"
	recordedBastionKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxTn9QKQVjvAZGxj6DPcyEOV5Ci1N9cTM4nsp3hWm8q"
)

// TestRealPluginExchanges plays what the engine once asked the real plugin and compares every answer.
func TestRealPluginExchanges(t *testing.T) {
	w := newWorld(t)
	sources := t.TempDir()
	prepareFiles(t, w, sources)
	prepareEnvironment(t)

	cases := readRecording(t, func(text string) string {
		return strings.NewReplacer(
			`"<KEY>"`, strconv.Quote(w.key.PEM),
			recordedTargetKey, w.target.HostKey,
			recordedBastionKey, w.bastion.HostKey,
			`"/src/`, `"`+sources+`/`,
			"sleep 5 ", "sleep 0.3 ", "sleep 49;", "sleep 0.3;", // real time, shorter
			recordedProject(t, text), sources, `"/project"`, `"`+sources+`"`,
			// The SSH library of these tests offers RSA in this order.
			"rsa-sha2-512 rsa-sha2-256", "rsa-sha2-256 rsa-sha2-512",
		).Replace(text)
	})
	w.Dir = sources

	replayed, left := 0, maps.Clone(notReplayed)
	for _, c := range cases {
		t.Run(strings.ReplaceAll(c.Case, "/", "|"), func(t *testing.T) {
			w.engine.onLog = nil
			if prepare, ok := prepared[c.Case]; ok {
				prepare(t, w, c.Calls)
			}
			for i, call := range c.Calls {
				name := c.Case + "/" + call.Request.Name
				if reason, ok := notReplayed[name]; ok {
					t.Logf("not replayed: %s %s", name, reason)
					delete(left, name)
					continue
				}
				replayed++
				compare(t, w, i, call)
			}
		})
	}
	total := 0
	for _, c := range cases {
		total += len(c.Calls)
	}
	if replayed != total-len(notReplayed) || len(cases) == 0 {
		t.Errorf("replayed %d of %d recorded calls; only %d are known not to be comparable", replayed, total, len(notReplayed))
	}
	for name := range left {
		t.Errorf("%s is not in the recording any more", name)
	}
}

// recordedProject is the directory the recording's local commands ran in: the answers name it, some requests have a
// placeholder.
func recordedProject(t *testing.T, text string) string {
	t.Helper()
	match := regexp.MustCompile(`"path": ?"([^"]*/o\.txt)"`).FindStringSubmatch(text)
	if match == nil {
		t.Fatal("the recording has no asset o.txt")
	}
	return path.Dir(match[1])
}

func prepareFiles(t *testing.T, w *world, sources string) {
	t.Helper()
	for _, name := range []string{"f.txt", "t.tgz", "dir/a.txt", "dir/sub/b.txt"} {
		putFile(t, filepath.Join(sources, name), name, name)
	}
	w.put(t, "/srv/c/exist/", "")
	w.put(t, "/srv/c/exist.txt", "old")
}

// prepareEnvironment leaves as many PULUMI_ variables as the recorded plugin had: a recorded command counts them.
func prepareEnvironment(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.Contains(variable, "PULUMI") {
			t.Setenv(name, value) // to be restored
			_ = os.Unsetenv(name)
		}
	}
	for i := range 11 {
		t.Setenv("PULUMI_TEST_"+strconv.Itoa(i), "x")
	}
}

func compare(t *testing.T, w *world, number int, call exchange) {
	t.Helper()
	got, err := ask(t, w, call)
	gotError := ""
	if err != nil {
		gotError = err.Error()
	}
	if sortLines(gotError) != sortLines(call.Error) {
		t.Errorf("call %d, %s %s: error\n got %q\nwant %q", number, call.Method, call.Request.Name, gotError, call.Error)
		return
	}
	want := call.Response
	if call.Method == "Create" {
		sameID(t, call, got, want)
	}
	for _, response := range []map[string]any{got, want} {
		if diffs, ok := response["diffs"].([]any); ok { // in no order
			slices.SortFunc(diffs, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("call %d, %s %s:\n got %s\nwant %s", number, call.Method, call.Request.Name, asJSON(t, got), asJSON(t, want))
	}
}

// sortLines orders what follows the first line of an error: the streams of a command are mixed as they arrive.
func sortLines(text string) string {
	first, rest, _ := strings.Cut(text, "\n")
	lines := strings.Split(rest, "\n")
	slices.Sort(lines)
	return first + "\n" + strings.Join(lines, "\n")
}

// sameID compares the shape of two ids and drops them.
func sameID(t *testing.T, call exchange, got, want map[string]any) {
	t.Helper()
	shape := regexp.MustCompile(`[0-9a-f]{8}$`)
	gotID, _ := got["id"].(string)
	wantID, _ := want["id"].(string)
	if shape.ReplaceAllString(gotID, "*") != shape.ReplaceAllString(wantID, "*") {
		t.Errorf("%s: id %q, recorded %q", call.Request.Name, gotID, wantID)
	}
	delete(got, "id")
	delete(want, "id")
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
