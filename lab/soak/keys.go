package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// keyPrefix is where applications may write, and the soak writes.
const keyPrefix = "app/soak/"

// agent is where a node's agent listens, on the node.
const agent = "http://127.0.0.1:8500"

// keyScript writes the keys and values that it reads, and says curl's exit code, Consul's answer, and its status. The token is
// the first line that it reads: it shows in no list of processes.
const keyScript = `IFS= read -r token
echo ` + ready + `
while read -r key value; do
	code=0
	answer=$(curl --silent --max-time 4 --header @<(printf 'X-Consul-Token: %s\n' "$token") --request PUT --data "$value" \
		--write-out ' %{http_code}' "$AGENT/v1/kv/` + keyPrefix + `$key") || code=$?
	printf '%s %s\n' "$code" "${answer//$'\n'/ }"
done`

// keys are what the writer of keys has written, and how it went.
type keys struct {
	mutex        sync.Mutex
	acknowledged map[string]string
	written      map[string]string // with those whose answer was lost
}

func newKeys() *keys { return &keys{acknowledged: map[string]string{}, written: map[string]string{}} }

// value is what a key of this number holds.
func value(number int) string { return fmt.Sprintf("value-%d", number) }

// write writes the next key through the agent of a node.
func (k *keys) write(ctx context.Context, through *consoles, number int) outcome {
	key := strconv.Itoa(number)
	k.mutex.Lock()
	k.written[key] = value(number)
	k.mutex.Unlock()
	answer, err := through.ask(ctx, key+" "+value(number))
	of := unknown
	switch {
	case errors.Is(err, errNotSent):
		of = refused
	case err == nil:
		if of = readWrite(answer); of != acknowledged {
			through.next()
		}
	}
	if of == acknowledged {
		k.mutex.Lock()
		k.acknowledged[key] = value(number)
		k.mutex.Unlock()
	}
	return of
}

// readWrite tells from an answer of keyScript what became of a write. Of a server's errors, nobody knows.
func readWrite(answer string) outcome {
	const cantConnect = "7" // curl's exit code
	code, said, _ := strings.Cut(answer, " ")
	fields := strings.Fields(said)
	switch {
	case code == "0" && len(fields) == 2 && fields[0] == "true" && fields[1] == "200":
		return acknowledged
	case code == cantConnect:
		return refused
	case code == "0" && len(fields) > 0 && strings.HasPrefix(fields[len(fields)-1], "4"):
		return refused
	}
	return unknown
}

// sure are the keys that are acknowledged by now.
func (k *keys) sure() map[string]string {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return maps.Clone(k.acknowledged)
}

// wrong tells what is wrong with the keys that are there, and were looked up when these were acknowledged.
func (k *keys) wrong(acknowledged, there map[string]string) []string {
	k.mutex.Lock()
	written := maps.Clone(k.written)
	k.mutex.Unlock()
	return compareKeys(acknowledged, written, there)
}

func compareKeys(acknowledged, written, there map[string]string) []string {
	var gone, wrong, foreign []string
	for key, value := range acknowledged {
		if is, found := there[key]; !found {
			gone = append(gone, key)
		} else if is != value {
			wrong = append(wrong, key)
		}
	}
	for key, value := range there {
		if was, found := written[key]; !found {
			foreign = append(foreign, key)
		} else if _, sure := acknowledged[key]; !sure && was != value {
			wrong = append(wrong, key)
		}
	}
	return joinErrors(
		several(gone, "acknowledged and gone: key %s"),
		several(wrong, "with another value than was written: key %s"),
		several(foreign, "never written: key %s"),
	)
}

// keyLoad writes numbered keys through the agents of managers and workers.
func keyLoad(k *keys, through *consoles) *load {
	return &load{name: "keys", every: 250 * time.Millisecond, request: func(ctx context.Context, number int) outcome {
		return k.write(ctx, through, number)
	}}
}
