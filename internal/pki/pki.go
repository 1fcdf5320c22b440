// Package pki makes the private certificate authorities of a cluster and the
// certificates they issue: ECDSA P-256, as PEM text ready for a file or a
// stack's state.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"time"
)

const (
	// CAValidity is how long an authority lives. Replacing it touches every
	// machine, so it outlives many generations of leaves.
	CAValidity = 10 * 365 * 24 * time.Hour

	// LeafValidity is how long an issued certificate lives: 825 days, the most
	// that Apple's TLS accepts from a private authority, so operators' Macs can
	// talk to the Swarm API (support.apple.com/103769). Shorter would mean more
	// outages by expiry, as nothing renews but a `pulumi up`.
	LeafValidity = 825 * 24 * time.Hour

	// clockSkew backdates certificates for machines whose clock runs behind
	// that of whoever runs Pulumi.
	clockSkew = time.Hour
)

// KeyPair is a certificate and its private key, each a PEM block.
type KeyPair struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"` // PKCS #8, secret
}

// Request describes a certificate to issue.
type Request struct {
	CommonName string       // required; shown to operators, never used to match hosts
	DNSNames   []string     // names a server is reached by
	IPs        []netip.Addr // addresses a server is reached by
	Server     bool         // may identify a TLS server; needs a DNS name or an address
	Client     bool         // may identify a TLS client
	Lasting    bool         // lives as long as the authority: for holders whose certificate cannot be exchanged
}

func (r Request) validate() error {
	var errs []error
	if r.CommonName == "" {
		errs = append(errs, errors.New("CommonName is empty: must name the holder"))
	}
	if !r.Server && !r.Client {
		errs = append(errs, errors.New("neither Server nor Client is set: at least one must be"))
	}
	if r.Server && len(r.DNSNames) == 0 && len(r.IPs) == 0 {
		errs = append(errs, errors.New("a server certificate needs a DNS name or an address: clients ignore the CommonName"))
	}
	for _, ip := range r.IPs {
		if !ip.IsValid() {
			errs = append(errs, errors.New("IPs holds the zero address: every address must be valid"))
		}
	}
	return errors.Join(errs...)
}

// NewCA makes a self-signed authority that may issue leaves but no further
// authorities.
func NewCA(name string, now time.Time) (KeyPair, error) {
	if name == "" {
		return KeyPair{}, errors.New("certificate authority: name is empty, must say what it certifies")
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(CAValidity),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate authority %s: generate key: %w", name, err)
	}
	pair, err := sign(template, template, key, key)
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate authority %s: %w", name, err)
	}
	return pair, nil
}

// Issue signs a certificate for a new key. It lives for [LeafValidity] unless it
// is Lasting, and never longer than the authority itself.
func Issue(ca KeyPair, r Request, now time.Time) (KeyPair, error) {
	if err := r.validate(); err != nil {
		return KeyPair{}, fmt.Errorf("certificate %q: %w", r.CommonName, err)
	}
	parent, parentKey, err := parseCA(ca)
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate %q: authority: %w", r.CommonName, err)
	}
	if now.After(parent.NotAfter) {
		return KeyPair{}, fmt.Errorf("certificate %q: authority %s expired on %s: it must be rotated first",
			r.CommonName, parent.Subject.CommonName, parent.NotAfter.Format(time.DateOnly))
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: r.CommonName},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              earlier(now.Add(LeafValidity), parent.NotAfter),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		DNSNames:              r.DNSNames,
	}
	if r.Lasting {
		template.NotAfter = parent.NotAfter
	}
	if r.Server {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	if r.Client {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	for _, ip := range r.IPs {
		template.IPAddresses = append(template.IPAddresses, net.IP(ip.AsSlice()))
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate %q: generate key: %w", r.CommonName, err)
	}
	pair, err := sign(template, parent, key, parentKey)
	if err != nil {
		return KeyPair{}, fmt.Errorf("certificate %q: %w", r.CommonName, err)
	}
	return pair, nil
}

// sign creates the certificate of key, signed by parentKey in parent's name.
func sign(template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) (KeyPair, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return KeyPair{}, fmt.Errorf("generate serial number: %w", err)
	}
	// RFC 5280 wants a positive serial number.
	template.SerialNumber = serial.Add(serial, big.NewInt(1))
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		return KeyPair{}, fmt.Errorf("sign: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return KeyPair{}, fmt.Errorf("encode key: %w", err)
	}
	return KeyPair{Certificate: encode("CERTIFICATE", der), Key: encode("PRIVATE KEY", keyDER)}, nil
}

// parseCA reads an authority back from its PEM text. Its errors never quote the
// text: it holds the key.
func parseCA(ca KeyPair) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	pair, err := tls.X509KeyPair([]byte(ca.Certificate), []byte(ca.Key))
	if err != nil {
		return nil, nil, fmt.Errorf("must be a PEM certificate and its PEM key: %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, nil, fmt.Errorf("key is %T, must be ECDSA", pair.PrivateKey)
	}
	if !pair.Leaf.IsCA {
		return nil, nil, fmt.Errorf("%s is not an authority: its certificate may not sign others", pair.Leaf.Subject.CommonName)
	}
	return pair.Leaf, key, nil
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
