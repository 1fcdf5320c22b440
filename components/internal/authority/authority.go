// Package authority keeps certificate authorities in the stack's state, and issues certificates of them.
package authority

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/pki"
)

// New makes a certificate authority, as fields "certificate" and "key".
func New(name string) func() (map[string]string, error) {
	return func() (map[string]string, error) {
		ca, err := pki.NewCA(name, time.Now())
		return map[string]string{"certificate": ca.Certificate, "key": ca.Key}, err
	}
}

// Issue makes a certificate, as fields "certificate" and "key".
func Issue(ca pulumi.StringMapOutput, request pki.Request) pulumi.StringMapOutput {
	return ca.ApplyT(func(ca map[string]string) (map[string]string, error) {
		leaf, err := pki.Issue(pki.KeyPair{Certificate: ca["certificate"], Key: ca["key"]}, request, time.Now())
		return map[string]string{"certificate": leaf.Certificate, "key": leaf.Key}, err
	}).(pulumi.StringMapOutput)
}
