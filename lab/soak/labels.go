package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/client"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// label is the one that is written.
const label = "soak"

// requestLimit bounds a request to the managers.
const requestLimit = 8 * time.Second

// swarmAPI is the managers' API, through the load balancer, with the stack's client certificate.
func swarmAPI(outputs access.Outputs) (*client.Client, error) {
	pair, err := tls.X509KeyPair([]byte(outputs.SwarmClient.Cert), []byte(outputs.SwarmClient.Key))
	if err != nil {
		return nil, errors.New("stack output swarmClient: no certificate with its key")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(outputs.SwarmClient.CA)) {
		return nil, errors.New("stack output swarmClient: no certificate of an authority")
	}
	// Each request has a connection of its own, for which the load balancer chooses a manager.
	transport := &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}, DisableKeepAlives: true}
	return client.NewClientWithOpts(
		client.WithHTTPClient(&http.Client{Transport: transport}), client.WithHost(outputs.SwarmEndpoint), client.WithVersion("1.41"),
	)
}

// labels are what the writer of labels has written, and how it went.
type labels struct {
	mutex        sync.Mutex
	acknowledged int   // the last number that was
	possible     []int // that and those since then whose answer was lost, or has yet to come
}

// labelAPI is what the writer needs of the managers' API.
type labelAPI interface {
	ServiceInspectWithRaw(context.Context, string, swarm.ServiceInspectOptions) (swarm.Service, []byte, error)
	ServiceUpdate(context.Context, string, swarm.Version, swarm.ServiceSpec, swarm.ServiceUpdateOptions) (swarm.ServiceUpdateResponse, error)
}

// write sets the service's label to a number.
func (l *labels) write(ctx context.Context, api labelAPI, number int) outcome {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	service, _, err := api.ServiceInspectWithRaw(ctx, labelService, swarm.ServiceInspectOptions{})
	if err != nil {
		return refused
	}
	service.Spec.Labels = maps.Clone(service.Spec.Labels)
	if service.Spec.Labels == nil {
		service.Spec.Labels = map[string]string{}
	}
	service.Spec.Labels[label] = strconv.Itoa(number)
	l.mutex.Lock()
	l.possible = append(l.possible, number)
	l.mutex.Unlock()
	_, err = api.ServiceUpdate(ctx, service.ID, service.Version, service.Spec, swarm.ServiceUpdateOptions{})
	l.mutex.Lock()
	defer l.mutex.Unlock()
	switch {
	case err == nil:
		// The Swarm takes no update of an older version of the service any more.
		l.acknowledged, l.possible = number, []int{number}
		return acknowledged
	case errdefs.IsInvalidArgument(err), errdefs.IsConflict(err), errdefs.IsNotFound(err):
		l.possible = l.possible[:len(l.possible)-1]
		return refused
	}
	return unknown
}

// sure is the number that was the last to be acknowledged.
func (l *labels) sure() int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.acknowledged
}

// wrong tells what is wrong with the label's value, which was looked up when that number was the last to be acknowledged: it must
// be that number, or a later one that was acknowledged since, or whose answer was lost.
func (l *labels) wrong(acknowledged int, is string) []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return compareLabel(acknowledged, l.acknowledged, l.possible, is)
}

func compareLabel(then, now int, possible []int, is string) []string {
	number, err := strconv.Atoi(is)
	if is == "" {
		number, err = 0, nil
	}
	if err == nil && number >= then && (number <= now || slices.Contains(possible, number)) {
		return nil
	}
	return []string{fmt.Sprintf("service %s: its label is %q, and %d was acknowledged", labelService, is, then)}
}

// labelLoad writes a label of a service through the managers' API.
func labelLoad(l *labels, api labelAPI) *load {
	return &load{name: "labels", every: time.Second, request: func(ctx context.Context, number int) outcome {
		return l.write(ctx, api, number)
	}}
}
