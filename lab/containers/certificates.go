package containers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Files of the TLS identity of the registry and the downloads.
const (
	caCertificate     = "ca.crt"
	serverCertificate = "server.crt"
	serverKey         = "server.key"
)

// certificateLife outlasts any lab; a CA whose key nobody keeps can't be misused after all.
const certificateLife = 10 * 365 * 24 * time.Hour

func (s store) registryFile(name string) string {
	return filepath.Join(s.registryDir(), name)
}

// certificatesMutex keeps two machines created at once from making two CAs.
var certificatesMutex sync.Mutex

// ensureCertificates makes the CA and the server certificate exist, and returns the path of the CA. The CA's key is thrown
// away once it has signed that one certificate.
func (s store) ensureCertificates() (string, error) {
	certificatesMutex.Lock()
	defer certificatesMutex.Unlock()
	ca := s.registryFile(caCertificate)
	if _, err := os.Stat(ca); err == nil {
		return ca, nil
	}
	files, err := makeCertificates([]string{hub, DownloadsHost}, time.Now())
	if err != nil {
		return "", fmt.Errorf("server certificate: %w", err)
	}
	for _, name := range []string{serverKey, serverCertificate, caCertificate} { // the CA last: it says all are there
		if err := writeFile(s.registryFile(name), files[name]); err != nil {
			return "", fmt.Errorf("server certificate: %w", err)
		}
	}
	return ca, nil
}

// makeCertificates makes a CA and a server certificate for these hosts, as PEM by file name.
func makeCertificates(hosts []string, now time.Time) (map[string][]byte, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	caTemplate := template("azswarm lab CA", now)
	caTemplate.IsCA, caTemplate.BasicConstraintsValid = true, true
	caTemplate.KeyUsage = x509.KeyUsageCertSign
	caTemplate.PermittedDNSDomains = hosts // nodes trust it for nothing else
	caTemplate.PermittedDNSDomainsCritical = true
	ca, err := x509.CreateCertificate(rand.Reader, caTemplate, caTemplate, caKey.Public(), caKey)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	server := template(hosts[0], now)
	server.DNSNames = hosts
	server.KeyUsage = x509.KeyUsageDigitalSignature
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	certificate, err := x509.CreateCertificate(rand.Reader, server, caTemplate, key.Public(), caKey)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		caCertificate:     pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca}),
		serverCertificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		serverKey:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	}, nil
}

func template(name string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(certificateLife),
	}
}
