//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/containers/fabric"
)

// cacheWorkers is the number of workers that share an image cache.
const cacheWorkers = 8

// Who asks the registry that is Docker Hub to the lab.
const (
	byEngine = "docker/"    // begins the user agent of engines
	byCache  = "Go-http-cl" // and that of the cache
)

// fetch is a thing that was fetched from the lab's Docker Hub.
type fetch struct {
	image  string // its repository
	kind   string // "manifests", of which Docker Hub counts each as a pull, or "blobs"
	object string // tag or digest
	source string // address
	engine bool   // by an engine, not by a cache
}

// request is a line of the registry's log: source, path and user agent of what was served.
var request = regexp.MustCompile(`^(\S+) - - \[[^]]*\] "GET /v2/(\S+)/(manifests|blobs)/(\S+) HTTP/[^"]*" 200 \d+ "[^"]*" "([^"]*)"$`)

// fetches counts what the log says was fetched.
func fetches(log string) (map[fetch]int, error) {
	counts := map[fetch]int{}
	for line := range strings.Lines(log) {
		found := request.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue // HEAD, which is no pull, or another path
		}
		agent := found[5]
		if !strings.HasPrefix(agent, byEngine) && !strings.HasPrefix(agent, byCache) {
			return nil, fmt.Errorf("user agent %q: neither an engine nor a cache", agent)
		}
		counts[fetch{found[2], found[3], found[4], found[1], strings.HasPrefix(agent, byEngine)}]++
	}
	return counts, nil
}

// pulls counts how often the manifest of an image was fetched, of all and of those that which tells.
func pulls(counts map[fetch]int, image string, which func(fetch) bool) int {
	total := 0
	for f, count := range counts {
		if f.image == image && f.kind == "manifests" && which(f) {
			total += count
		}
	}
	return total
}

// upstream is what has been fetched from the lab's Docker Hub so far.
func (l *lab) upstream(t *testing.T) map[fetch]int {
	t.Helper()
	output, err := exec.Command("docker", "ps", "--quiet", "--filter", "label=azswarm.lab="+l.name, "--filter", "label=azswarm.kind=fabric").Output()
	if err != nil || len(bytes.Fields(output)) != 1 {
		t.Fatalf("the lab's fabric: %v %s", err, output)
	}
	log, err := exec.Command("docker", "exec", string(bytes.TrimSpace(output)), "cat", fabric.RegistryLog).Output()
	if err != nil {
		t.Fatalf("requests to the lab's Docker Hub: %v", err)
	}
	counts, err := fetches(string(log))
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// table shows counts by image and source, a number for each blob.
func table(counts map[fetch]int) string {
	type row struct{ image, source string }
	manifests, blobs := map[row]int{}, map[row][]int{}
	for f, count := range counts {
		by := " cache"
		if f.engine {
			by = " engine"
		}
		r := row{f.image, f.source + by}
		if f.kind == "manifests" {
			manifests[r] += count
		} else {
			manifests[r] += 0
			blobs[r] = append(blobs[r], count)
		}
	}
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nIMAGE\tFETCHED BY\tMANIFESTS\tEACH BLOB")
	for _, r := range slices.SortedFunc(maps.Keys(manifests), func(a, b row) int { return strings.Compare(a.image+a.source, b.image+b.source) }) {
		slices.Sort(blobs[r])
		fmt.Fprintf(w, "%s\t%s\t%d\t%v\n", r.image, r.source, manifests[r], blobs[r])
	}
	_ = w.Flush()
	return text.String()
}

// everywhere runs a script on all of these machines at the same time.
func (l *lab) everywhere(t *testing.T, machines []string, script string) {
	t.Helper()
	failures := make([]error, len(machines))
	var all sync.WaitGroup
	for i, machine := range machines {
		all.Go(func() { _, failures[i] = l.on(t.Context(), machine, script) })
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
}

// cachesImages expects what any number of workers pull to be fetched from Docker Hub once, and their pulls to need no cache.
func cachesImages(t *testing.T) {
	l := &lab{name: "e2e-cache", stack: "dev"}
	l.configure(t, fmt.Sprintf(`pulumi config set azswarm:network 10.90.0.0/16
		pulumi config set azswarm:demo false
		pulumi config set --path azswarm:consul.servers 1
		pulumi config set --path azswarm:consul.allowSingleServer true
		pulumi config set --path 'azswarm:workers[0].count' %d
		pulumi config set --path azswarm:images.cache registry:2`, cacheWorkers))
	l.up(t)
	var workers []string
	fromWorkers := map[string]bool{}
	for i := range cacheWorkers {
		workers = append(workers, fmt.Sprintf("web-%d", i))
		fromWorkers[l.address(t, l.container(t, workers[i])).String()] = true
	}
	byWorkers := func(f fetch) bool { return fromWorkers[f.source] }
	cached := func(f fetch) bool { return !f.engine }

	// The first worker pulls, then the others do at the same time.
	const pull = "docker pull --quiet nginx:1.28"
	l.ask(t, workers[0], pull)
	l.awaitKept(t, "library/nginx")
	l.everywhere(t, workers[1:], pull)
	counts := l.upstream(t)
	t.Logf("%d workers with the cache:%s", cacheWorkers, table(counts))
	for image, name := range map[string]string{"hashicorp/consul": "hashicorp/consul:1.22", "gliderlabs/registrator": "gliderlabs/registrator:v7", "library/nginx": "nginx:1.28"} {
		l.everywhere(t, workers, "docker image inspect "+name+" >/dev/null")
		if got := pulls(counts, image, byWorkers); got != 0 {
			t.Errorf("workers pulled %s from Docker Hub %d times themselves, want 0", image, got)
		}
		if got := pulls(counts, image, cached); got != 1 {
			t.Errorf("the cache pulled %s from Docker Hub %d times for %d workers, want once", image, got, cacheWorkers)
		}
	}
	for f, count := range counts {
		// The cache fetches a blob that it lacks once to pass it on, and once to keep it.
		if f.kind == "blobs" && (byWorkers(f) || count > 2) {
			t.Errorf("%+v was fetched %d times, want at most twice, and by the cache", f, count)
		}
	}
	l.expectHardenedCache(t)

	// Without any cache that answers, a worker asks Docker Hub.
	l.ask(t, "managers-0", "docker kill image_cache >/dev/null")
	const other = "swarm:1.2.9"
	l.ask(t, workers[3], "docker pull --quiet "+other)
	after := l.upstream(t)
	if got := pulls(after, "library/swarm", byWorkers); got != 1 {
		t.Errorf("with the cache dead, a worker pulled %s from Docker Hub %d times, want once", other, got)
	}
	t.Logf("with the cache dead, %s pulled %s from Docker Hub:%s", workers[3], other, table(only(after, "library/swarm")))

	// With the option removed nothing of it is left, and each worker pulls for itself.
	l.configure(t, "pulumi config rm azswarm:images")
	l.up(t)
	l.everywhere(t, workers, `test "$(docker info --format '{{json .RegistryConfig.Mirrors}}')" = '[]' -o "$(docker info --format '{{json .RegistryConfig.Mirrors}}')" = null
		test "$(grep --count registry-mirrors /etc/docker/daemon.json)" = 0
		test ! -e /etc/docker/certs.d/10.90.2.4:5000 && test ! -e /var/lib/azswarm/image-mirrors`)
	l.ask(t, "managers-0", `test "$(docker ps --all --format '{{.Names}}')" = consul
		test -z "$(docker volume ls --quiet --filter name=azswarm-image-cache)" && test ! -e /etc/azswarm/image-cache`)
	l.everywhere(t, workers, "docker pull --quiet "+other) // but for the one that has it already
	without := l.upstream(t)
	t.Logf("%d workers without the cache:%s", cacheWorkers, table(only(without, "library/swarm")))
	if got := pulls(without, "library/swarm", byWorkers); got != cacheWorkers {
		t.Errorf("without the cache, %d workers pulled %s from Docker Hub %d times: the counts above prove nothing", cacheWorkers, other, got)
	}
	l.run(t, "down")
}

// only are the counts of one image.
func only(counts map[fetch]int, image string) map[fetch]int {
	counts = maps.Clone(counts)
	maps.DeleteFunc(counts, func(f fetch, _ int) bool { return f.image != image })
	return counts
}

// awaitKept waits until the cache has written all that it has fetched of an image.
func (l *lab) awaitKept(t *testing.T, image string) {
	t.Helper()
	blobs := map[string]bool{}
	for f := range only(l.upstream(t), image) {
		blobs[f.object] = f.kind == "blobs" || blobs[f.object]
	}
	maps.DeleteFunc(blobs, func(_ string, blob bool) bool { return !blob })
	eventually(t, "the cache keeps "+image, time.Minute, func() error {
		const layers = "/var/lib/docker/volumes/azswarm-image-cache/_data/docker/registry/v2/repositories/%s/_layers/sha256"
		kept, err := l.on(t.Context(), "managers-0", fmt.Sprintf("ls "+layers, image))
		if err == nil && len(strings.Fields(kept)) < len(blobs) {
			err = fmt.Errorf("it has %d of %d blobs", len(strings.Fields(kept)), len(blobs))
		}
		return err
	})
}

// expectHardenedCache expects the cache to serve its authority's clients TLS, to take nothing, and to have few rights.
func (l *lab) expectHardenedCache(t *testing.T) {
	t.Helper()
	got := l.ask(t, "managers-0", `docker inspect --format '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.RestartPolicy.Name}}' image_cache
		stat -c '%a %U' /etc/azswarm/image-cache/server.key`)
	if want := "true [ALL] [no-new-privileges] always\n600 root"; got != want {
		t.Errorf("the cache is %q, want %q", got, want)
	}
	const curl = `curl --silent --output /dev/null --write-out '%{http_code} ' --max-time 10 `
	got = l.ask(t, "web-0", curl+`--cacert /etc/docker/certs.d/10.90.2.4:5000/azswarm.crt https://10.90.2.4:5000/v2/ || true
		`+curl+`https://10.90.2.4:5000/v2/ || true
		`+curl+`http://10.90.2.4:5000/v2/ || true
		`+curl+`--cacert /etc/docker/certs.d/10.90.2.4:5000/azswarm.crt --request POST https://10.90.2.4:5000/v2/library/nginx/blobs/uploads/ || true`)
	// With the authority, with any other, without TLS, and a push.
	if want := "200 000 400 405"; got != want {
		t.Errorf("the cache answers %q, want %q", got, want)
	}
}
