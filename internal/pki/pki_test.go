package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newCA(t *testing.T, at time.Time) KeyPair {
	t.Helper()
	ca, err := NewCA("azswarm test", at)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func issue(t *testing.T, ca KeyPair, r Request, at time.Time) KeyPair {
	t.Helper()
	pair, err := Issue(ca, r, at)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func parse(t *testing.T, pair KeyPair) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	certificate, err := tls.X509KeyPair([]byte(pair.Certificate), []byte(pair.Key))
	if err != nil {
		t.Fatal(err)
	}
	return certificate, certificate.Leaf
}

func roots(ca KeyPair) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(ca.Certificate))
	return pool
}

func TestNewCAMaySignLeavesOnly(t *testing.T) {
	_, ca := parse(t, newCA(t, now))
	if !ca.IsCA || !ca.BasicConstraintsValid || ca.MaxPathLen != 0 || !ca.MaxPathLenZero {
		t.Errorf("IsCA %t, MaxPathLen %d", ca.IsCA, ca.MaxPathLen)
	}
	if ca.KeyUsage&x509.KeyUsageCertSign == 0 {
		t.Error("may not sign certificates")
	}
	if years := ca.NotAfter.Sub(now).Hours() / 24 / 365; years != 10 {
		t.Errorf("lives %v years, want 10", years)
	}
	if key, ok := ca.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		t.Errorf("key is %T, want ECDSA P-256", ca.PublicKey)
	}
}

func TestIssuedCertificatesChainToTheirAuthorityForTheirPurpose(t *testing.T) {
	ca, other := newCA(t, now), newCA(t, now)
	address := netip.MustParseAddr("10.20.1.4")
	for _, c := range []struct {
		name           string
		request        Request
		server, client bool
	}{
		{"server", Request{CommonName: "s", DNSNames: []string{"consul.local"}, IPs: []netip.Addr{address}, Server: true}, true, false},
		{"client", Request{CommonName: "c", Client: true}, false, true},
		{"both", Request{CommonName: "b", DNSNames: []string{"consul.local"}, Server: true, Client: true}, true, true},
	} {
		_, leaf := parse(t, issue(t, ca, c.request, now))
		for usage, want := range map[x509.ExtKeyUsage]bool{x509.ExtKeyUsageServerAuth: c.server, x509.ExtKeyUsageClientAuth: c.client} {
			_, err := leaf.Verify(x509.VerifyOptions{Roots: roots(ca), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}})
			if (err == nil) != want {
				t.Errorf("%s, usage %d: %v, want accepted %t", c.name, usage, err, want)
			}
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots(other), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
			t.Errorf("%s: another authority accepts it", c.name)
		}
		if leaf.IsCA {
			t.Errorf("%s: is an authority", c.name)
		}
	}
}

func TestLeafValidity(t *testing.T) {
	ca := newCA(t, now)
	_, root := parse(t, ca)
	request := Request{CommonName: "c", Client: true}
	for _, c := range []struct {
		issued, until time.Time
	}{
		{now, now.Add(825 * 24 * time.Hour)},
		{root.NotAfter.Add(-24 * time.Hour), root.NotAfter},
	} {
		_, leaf := parse(t, issue(t, ca, request, c.issued))
		if !leaf.NotAfter.Equal(c.until) {
			t.Errorf("issued on %s: lives until %s, want %s", c.issued, leaf.NotAfter, c.until)
		}
		if !leaf.NotBefore.Before(c.issued) {
			t.Errorf("issued on %s: not yet valid for a clock that runs behind", c.issued)
		}
	}
	if _, err := Issue(ca, request, root.NotAfter.Add(time.Second)); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an expired authority: %v", err)
	}
}

func TestIssueRefuses(t *testing.T) {
	ca := newCA(t, now)
	leaf := issue(t, ca, Request{CommonName: "c", Client: true}, now)
	other := newCA(t, now)
	client := Request{CommonName: "c", Client: true}
	for _, c := range []struct {
		name    string
		ca      KeyPair
		request Request
		reason  string
	}{
		{"no name", ca, Request{Client: true}, "CommonName is empty"},
		{"no purpose", ca, Request{CommonName: "c"}, "neither Server nor Client"},
		{"server without name", ca, Request{CommonName: "c", Server: true}, "needs a DNS name or an address"},
		{"zero address", ca, Request{CommonName: "c", Server: true, IPs: []netip.Addr{{}}}, "zero address"},
		{"leaf as authority", leaf, client, "is not an authority"},
		{"key of another", KeyPair{ca.Certificate, other.Key}, client, "authority"},
		{"no PEM", KeyPair{"x", "secret-text"}, client, "PEM"},
	} {
		_, err := Issue(c.ca, c.request, now)
		if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want an error about %q", c.name, err, c.reason)
		}
		if err != nil && (strings.Contains(err.Error(), "secret-text") || strings.Contains(err.Error(), "PRIVATE KEY")) {
			t.Errorf("%s: the error quotes the key", c.name)
		}
	}
	if _, err := NewCA("", now); err == nil {
		t.Error("an authority without a name is made")
	}
}

// handshake runs mutual TLS over a connection and returns what either side says.
func handshake(t *testing.T, server, client *tls.Config) (serverErr, clientErr error) {
	t.Helper()
	// A listener and not net.Pipe: a refusing side must be able to write its alert.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	result := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			result <- err
			return
		}
		defer conn.Close()
		result <- tls.Server(conn, server).Handshake()
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	clientErr = tls.Client(conn, client).Handshake()
	return <-result, clientErr
}

func TestMutualTLS(t *testing.T) {
	at := time.Now()
	ca, other := newCA(t, at), newCA(t, at)
	server, _ := parse(t, issue(t, ca, Request{
		CommonName: "manager", DNSNames: []string{"swarm.example"}, IPs: []netip.Addr{netip.MustParseAddr("10.20.2.4")}, Server: true,
	}, at))
	request := Request{CommonName: "operator", Client: true}
	client, _ := parse(t, issue(t, ca, request, at))
	stranger, _ := parse(t, issue(t, other, request, at))

	for _, c := range []struct {
		name               string
		reach              string
		client             tls.Certificate
		trust              KeyPair
		serverOK, clientOK bool
	}{
		{name: "by address", reach: "10.20.2.4", client: client, trust: ca, serverOK: true, clientOK: true},
		{name: "by name", reach: "swarm.example", client: client, trust: ca, serverOK: true, clientOK: true},
		{name: "by an address it does not have", reach: "10.20.2.5", client: client, trust: ca},
		{name: "by its common name", reach: "manager", client: client, trust: ca},
		{name: "client of another authority", reach: "10.20.2.4", client: stranger, trust: ca, clientOK: true},
		{name: "server of another authority", reach: "10.20.2.4", client: client, trust: other},
		{name: "server certificate as client", reach: "10.20.2.4", client: server, trust: ca, clientOK: true},
	} {
		serverErr, clientErr := handshake(t,
			&tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots(ca)},
			&tls.Config{RootCAs: roots(c.trust), ServerName: c.reach, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				return &c.client, nil
			}})
		if (serverErr == nil) != c.serverOK || (clientErr == nil) != c.clientOK {
			t.Errorf("%s: server says %v, client says %v", c.name, serverErr, clientErr)
		}
	}
}

func TestLastingCertificatesLiveAsLongAsTheirAuthority(t *testing.T) {
	now := time.Now()
	ca, err := NewCA("test", now)
	if err != nil {
		t.Fatal(err)
	}
	for lasting, want := range map[bool]time.Duration{false: LeafValidity, true: CAValidity} {
		pair, err := Issue(ca, Request{CommonName: "x", Client: true, Lasting: lasting}, now)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode([]byte(pair.Certificate))
		leaf, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if got := leaf.NotAfter.Sub(now).Round(time.Minute); got != want {
			t.Errorf("lasting %v: lives %v, want %v", lasting, got, want)
		}
	}
}
