package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestWhatAnAnswerSaysOfAWrite(t *testing.T) {
	for answer, want := range map[string]outcome{
		"0 true 200":              acknowledged,
		"0 false 200":             unknown,
		"0 No cluster leader 500": unknown,
		"0 rpc error: leadership lost while committing log 500": unknown,
		"0 Permission denied 403":                               refused,
		"0 429":                                                 refused,
		"7  000":                                                refused, // nobody listens
		"28  000":                                               unknown, // too late
		"52  000":                                               unknown, // nothing was answered
		"":                                                      unknown,
	} {
		if got := readWrite(answer); got != want {
			t.Errorf("%q is %d, want %d", answer, got, want)
		}
	}
}

func TestKeysAreCompared(t *testing.T) {
	acknowledged := map[string]string{"1": "a", "2": "b"}
	written := map[string]string{"1": "a", "2": "b", "3": "c"} // the answer to 3 was lost
	for name, c := range map[string]struct {
		there map[string]string
		want  string
	}{
		"all that was acknowledged":     {map[string]string{"1": "a", "2": "b"}, ""},
		"and what may have been done":   {map[string]string{"1": "a", "2": "b", "3": "c"}, ""},
		"one is gone":                   {map[string]string{"1": "a"}, "acknowledged and gone: key 2"},
		"one has another value":         {map[string]string{"1": "a", "2": "x"}, "with another value than was written: key 2"},
		"an unknown has another value":  {map[string]string{"1": "a", "2": "b", "3": "x"}, "with another value than was written: key 3"},
		"one was never written":         {map[string]string{"1": "a", "2": "b", "9": "z"}, "never written: key 9"},
		"a Consul that was formed anew": {nil, "acknowledged and gone: key 1; acknowledged and gone: key 2"},
	} {
		if got := strings.Join(compareKeys(acknowledged, written, c.there), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// agentServer is an agent that knows a token, and answers as it is told to.
type agentServer struct {
	mutex  sync.Mutex
	keys   map[string]string
	answer func(http.ResponseWriter)
}

func (a *agentServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if r.Header.Get("X-Consul-Token") != "the token" || r.Method != http.MethodPut {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	value, _ := io.ReadAll(r.Body)
	a.keys[strings.TrimPrefix(r.URL.Path, "/v1/kv/"+keyPrefix)] = string(value)
	a.answer(w)
}

// local are consoles of a script on this machine.
func local(environment, script string, first ...string) *consoles {
	return &consoles{
		limit: 2 * time.Second, opened: map[string]*console{}, machines: func() []string { return []string{"a", "b"} },
		open: func(ctx context.Context, _ string) (*console, error) {
			return openConsole(ctx, exec.Command("env", environment, "bash", "-c", script), first...)
		},
	}
}

func TestKeysAreWrittenAndRemembered(t *testing.T) {
	fine := func(w http.ResponseWriter) { _, _ = io.WriteString(w, "true") }
	a := &agentServer{keys: map[string]string{}, answer: fine}
	server := httptest.NewServer(a)
	through := local("AGENT="+server.URL, keyScript, "the token")
	defer through.close()
	k := newKeys()
	write := func(number int, want outcome) {
		t.Helper()
		if got := k.write(t.Context(), through, number); got != want {
			t.Errorf("write %d: %d, want %d", number, got, want)
		}
	}
	from := func(answer func(http.ResponseWriter)) {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		a.answer = answer
	}
	write(1, acknowledged)
	from(func(w http.ResponseWriter) { http.Error(w, "No cluster leader", http.StatusInternalServerError) })
	write(2, unknown)
	from(func(http.ResponseWriter) { panic(http.ErrAbortHandler) }) // the answer is lost
	write(3, unknown)
	from(fine)
	write(4, acknowledged)
	if got := k.wrong(k.sure(), a.keys); len(got) > 0 {
		t.Errorf("%v", got)
	}
	if sure := k.sure(); len(sure) != 2 || sure["4"] != value(4) {
		t.Errorf("acknowledged are %v", sure)
	}
	delete(a.keys, "1")
	if got := k.wrong(k.sure(), a.keys); len(got) != 1 {
		t.Errorf("one key was lost, and found is %v", got)
	}
	server.Close()
	write(5, refused)
}

func TestConsolesGoToTheNextMachineAfterAFailure(t *testing.T) {
	asked := ""
	c := &consoles{
		limit: 100 * time.Millisecond, opened: map[string]*console{}, machines: func() []string { return []string{"dead", "frozen", "fine"} },
		open: func(ctx context.Context, machine string) (*console, error) {
			asked += machine + " "
			script := map[string]string{
				"dead":   "exit 1",
				"frozen": "echo ready; sleep 60",
				"fine":   "echo ready; while read -r line; do echo $line $line; done",
			}[machine]
			return openConsole(ctx, exec.Command("bash", "-c", "exec 2>/dev/null; "+script))
		},
	}
	defer c.close()
	if _, err := c.ask(t.Context(), "x"); !errors.Is(err, errNotSent) {
		t.Errorf("a machine that doesn't run: %v, want that nothing was sent", err)
	}
	if _, err := c.ask(t.Context(), "x"); err == nil || errors.Is(err, errNotSent) {
		t.Errorf("a machine that hangs: %v, want that something may have been sent", err)
	}
	for range 2 {
		if answer, err := c.ask(t.Context(), "x"); answer != "x x" || err != nil {
			t.Errorf("%q, %v", answer, err)
		}
	}
	if asked != "dead frozen fine " {
		t.Errorf("opened were %s", asked)
	}
	// One that was given up is opened anew when its turn comes.
	_, _ = c.askOn(t.Context(), "frozen", "x")
	if asked != "dead frozen fine frozen " {
		t.Errorf("opened were %s", asked)
	}
}
