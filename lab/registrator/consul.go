package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"
)

const (
	defaultCheckInterval = "10s"
	consulTimeout        = 10 * time.Second // of one request; the agent is on this host
)

// registry is where services are registered.
type registry interface {
	ping(context.Context) error
	register(context.Context, service) error
	deregister(ctx context.Context, id string) error
	services(context.Context) ([]string, error) // ids
}

// consul is the registry of a Consul agent.
type consul struct {
	client *api.Client
}

// newConsul makes a client from a URI with one of the schemes consul, consul-tls and consul-unix. Token and
// certificates come from the environment, under the names that Consul and the original use.
func newConsul(registryURI string) (consul, error) {
	uri, err := url.Parse(registryURI)
	if err != nil {
		return consul{}, fmt.Errorf("registry URI %q: %w", registryURI, err)
	}
	config := api.DefaultConfig()
	switch uri.Scheme {
	case "consul":
		if uri.Host != "" {
			config.Address = uri.Host
		}
	case "consul-tls":
		config.Scheme, config.Address = "https", uri.Host
		config.TLSConfig = api.TLSConfig{
			CAFile:   os.Getenv("CONSUL_CACERT"),
			CertFile: os.Getenv("CONSUL_TLSCERT"),
			KeyFile:  os.Getenv("CONSUL_TLSKEY"),
		}
	case "consul-unix":
		config.Address = "unix://" + uri.Path
	default:
		return consul{}, fmt.Errorf("registry URI %q: the lab's stand-in knows the schemes consul, consul-tls and consul-unix only", registryURI)
	}
	client, err := api.NewClient(config)
	if err != nil {
		return consul{}, fmt.Errorf("registry URI %q: %w", registryURI, err)
	}
	return consul{client: client}, nil
}

// query bounds one request.
func query(ctx context.Context) (*api.QueryOptions, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, consulTimeout)
	return (&api.QueryOptions{}).WithContext(ctx), cancel
}

// ping succeeds when the agent answers.
func (c consul) ping(ctx context.Context) error {
	q, cancel := query(ctx)
	defer cancel()
	leader, err := c.client.Status().LeaderWithQueryOptions(q)
	if err != nil {
		return err
	}
	log.Printf("consul: current leader %s", leader)
	return nil
}

// registration is what is sent for a service, with the fields that the original knows.
type registration struct {
	ID, Name, Address string
	Port              int
	Tags              []string
	Check             *healthCheck `json:",omitempty"`
}

// healthCheck is a check as the original asks for it: one kind of it, and with HTTP, TCP and Script an interval.
type healthCheck struct {
	HTTP     string `json:",omitempty"`
	TCP      string `json:",omitempty"`
	TTL      string `json:",omitempty"`
	Script   string `json:",omitempty"` // since its version 1.0 Consul takes none, and refuses the whole service
	Interval string `json:",omitempty"`
	Timeout  string `json:",omitempty"`
}

func (c consul) register(ctx context.Context, s service) error {
	q, cancel := query(ctx)
	defer cancel()
	wanted := registration{ID: s.id, Name: s.name, Address: s.address, Port: s.port, Tags: s.tags, Check: check(s)}
	_, err := c.client.Raw().Write("/v1/agent/service/register", wanted, nil, (&api.WriteOptions{}).WithContext(q.Context()))
	return err
}

func (c consul) deregister(ctx context.Context, id string) error {
	q, cancel := query(ctx)
	defer cancel()
	return c.client.Agent().ServiceDeregisterOpts(id, q)
}

func (c consul) services(ctx context.Context) ([]string, error) {
	q, cancel := query(ctx)
	defer cancel()
	registered, err := c.client.Agent().ServicesWithFilterOpts("", q)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(registered))
	for id := range registered {
		ids = append(ids, id)
	}
	return ids, nil
}

// check is the health check that a service's metadata asks for, nil where it asks for none. Only what version 7 of the
// original knows counts: CHECK_HTTPS, CHECK_INITIAL_STATUS and CHECK_DEREGISTER_AFTER came after it.
func check(s service) *healthCheck {
	endpoint := net.JoinHostPort(s.address, strconv.Itoa(s.port))
	interval := cmp.Or(s.attrs["check_interval"], defaultCheckInterval)
	timeout := s.attrs["check_timeout"]
	switch {
	case s.attrs["check_http"] != "":
		return &healthCheck{HTTP: "http://" + endpoint + s.attrs["check_http"], Interval: interval, Timeout: timeout}
	case s.attrs["check_cmd"] != "":
		return &healthCheck{Script: strings.Join([]string{"check-cmd", short(s.container), s.exposed, s.attrs["check_cmd"]}, " "), Interval: interval}
	case s.attrs["check_script"] != "":
		values := strings.NewReplacer("$SERVICE_IP", s.address, "$SERVICE_PORT", strconv.Itoa(s.port))
		return &healthCheck{Script: values.Replace(s.attrs["check_script"]), Interval: interval}
	case s.attrs["check_ttl"] != "":
		return &healthCheck{TTL: s.attrs["check_ttl"]}
	case s.attrs["check_tcp"] != "":
		return &healthCheck{TCP: endpoint, Interval: interval, Timeout: timeout}
	default:
		return nil
	}
}
