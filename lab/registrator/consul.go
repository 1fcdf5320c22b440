package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/url"
	"os"
	"strconv"
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

func (c consul) register(ctx context.Context, s service) error {
	q, cancel := query(ctx)
	defer cancel()
	registration := &api.AgentServiceRegistration{
		ID: s.id, Name: s.name, Address: s.address, Port: s.port, Tags: s.tags, Check: check(s),
	}
	return c.client.Agent().ServiceRegisterOpts(registration, api.ServiceRegisterOpts{}.WithContext(q.Context()))
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

// check is the health check that a service's metadata asks for, nil where it asks for none.
func check(s service) *api.AgentServiceCheck {
	endpoint := net.JoinHostPort(s.address, strconv.Itoa(s.port))
	interval := s.attrs["check_interval"]
	if interval == "" {
		interval = defaultCheckInterval
	}
	c := &api.AgentServiceCheck{
		Status:                         s.attrs["check_initial_status"],
		DeregisterCriticalServiceAfter: s.attrs["check_deregister_after"],
	}
	switch {
	case s.attrs["check_http"] != "":
		c.HTTP, c.Interval, c.Timeout = "http://"+endpoint+s.attrs["check_http"], interval, s.attrs["check_timeout"]
	case s.attrs["check_https"] != "":
		c.HTTP, c.Interval, c.Timeout = "https://"+endpoint+s.attrs["check_https"], interval, s.attrs["check_timeout"]
	case s.attrs["check_cmd"] != "" || s.attrs["check_script"] != "":
		// Consul runs no scripts unless its agent was told to, and such an agent runs anybody's.
		log.Printf("%s: SERVICE_CHECK_SCRIPT and SERVICE_CHECK_CMD are refused: registered without a check", s.id)
		return nil
	case s.attrs["check_ttl"] != "":
		c.TTL = s.attrs["check_ttl"]
	case s.attrs["check_tcp"] != "":
		c.TCP, c.Interval, c.Timeout = endpoint, interval, s.attrs["check_timeout"]
	default:
		return nil
	}
	return c
}
