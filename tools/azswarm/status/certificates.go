package status

import (
	"crypto/x509"
	"encoding/pem"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

// kinds are the certificates of machines, by file.
var kinds = map[string]Certificate{
	"/etc/docker/tls/server.pem":                        {Kind: "Swarm API"},
	"/etc/docker/tls/ca.pem":                            {Kind: "Swarm API, authority"},
	"/etc/azswarm/swarm-tls/server.pem":                 {Kind: "classic Swarm"},
	"/etc/azswarm/image-cache/server.pem":               {Kind: "image cache"},
	"/etc/consul.d/server.pem":                          {Kind: "Consul"},
	"/etc/consul.d/ca.pem":                              {Kind: "Consul, authority"},
	"/var/lib/docker/swarm/certificates/swarm-node.crt": {Kind: "Swarm node", renewing: true},
}

// clientKind is the operator's certificate.
const clientKind = "Swarm API, client"

// readCertificates reads those of the machines and of the stack's outputs.
func (r *Report) readCertificates(answers []gather.Answer, client access.TLS) {
	r.Certificates = []Certificate{}
	if c, ok := readCertificate(client.Cert); ok {
		c.Kind = clientKind
		r.Certificates = append(r.Certificates, c)
	}
	for _, answer := range answers {
		for _, part := range strings.Split("\n"+answer.Sections["certificates"], "\nfile ")[1:] {
			path, text, _ := strings.Cut(part, "\n")
			c, ok := readCertificate(text)
			if !ok {
				continue
			}
			c.Kind, c.renewing = kinds[path].Kind, kinds[path].renewing
			c.Machine = answer.Node.Name
			r.Certificates = append(r.Certificates, c)
		}
	}
}

func readCertificate(text string) (Certificate, bool) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return Certificate{}, false
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return Certificate{}, false
	}
	return Certificate{
		Made: parsed.NotBefore,
		Ends: parsed.NotAfter,
	}, true
}
