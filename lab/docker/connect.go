package docker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/docker/docker/client"
	"github.com/docker/go-connections/sockets"
)

// connect returns a client for the configured host. It contacts nobody yet.
func (s settings) connect() (*client.Client, error) {
	if strings.HasPrefix(s.endpoint(), "ssh://") {
		command, err := sshCommand(s.endpoint(), s.sshOpts)
		if err != nil {
			return nil, err
		}
		return client.NewClientWithOpts(
			client.WithAPIVersionNegotiation(),
			client.WithHost("http://docker.example.com"),
			client.WithDialContext(func(context.Context, string, string) (net.Conn, error) { return startCommand(command) }),
		)
	}
	return s.dial(s.endpoint())
}

// dial returns a client for a host reached by socket, with TLS if there are materials.
func (s settings) dial(host string) (*client.Client, error) {
	opts := []client.Opt{client.WithAPIVersionNegotiation()}
	if s.ca != "" {
		config, err := s.tls()
		if err != nil {
			return nil, err
		}
		address, err := client.ParseHostURL(host)
		if err != nil {
			return nil, err
		}
		transport := &http.Transport{TLSClientConfig: config, IdleConnTimeout: 30 * time.Second}
		if err := sockets.ConfigureTransport(transport, address.Scheme, address.Host); err != nil {
			return nil, fmt.Errorf("host %s of the docker provider: %w", host, err)
		}
		opts = append(opts, client.WithHTTPClient(&http.Client{Transport: transport}), client.WithScheme("https"))
	}
	return client.NewClientWithOpts(append(opts, client.WithHost(host))...)
}

// tls builds the TLS configuration from the PEM texts; nothing is written to disk.
func (s settings) tls() (*tls.Config, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(s.ca)) {
		return nil, errors.New("could not add RootCA pem")
	}
	pair, err := tls.X509KeyPair([]byte(s.cert), []byte(s.key))
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, Certificates: []tls.Certificate{pair}}, nil
}
