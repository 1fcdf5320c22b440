package containers

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

func TestNewNamesEveryWrongOption(t *testing.T) {
	_, err := New(Options{Lab: "My Lab", Executable: t.TempDir(), Public: prefix("203.0.113.0/27")})
	if err == nil {
		t.Fatal("New accepts nonsense")
	}
	for _, want := range []string{`Lab "My Lab"`, "StateDir is empty", "NodeImage is empty", "is no file", "Public 203.0.113.0/27"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q:\n%v", want, err)
		}
	}
}

func TestCheckMachine(t *testing.T) {
	good := cloud.Machine{VMID: "1", ComputerName: "a", AdminUser: "u", Addresses: []netip.Addr{addr("10.20.0.4")}}
	tests := []struct {
		name   string
		change func(*cloud.Machine)
		want   string
	}{
		{"good", func(*cloud.Machine) {}, ""},
		{"no name", func(m *cloud.Machine) { m.ComputerName = "" }, `ComputerName ""`},
		{"no address", func(m *cloud.Machine) { m.Addresses = nil }, "no private address"},
		{"foreign address", func(m *cloud.Machine) { m.Addresses = []netip.Addr{addr("10.30.0.4")} }, "private address 10.30.0.4"},
		{"the router's address", func(m *cloud.Machine) { m.Addresses = []netip.Addr{addr("10.20.0.2")} }, "above 10.20.0.3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			machine := good
			test.change(&machine)
			err := checkMachine(machine, prefix("10.20.0.0/16"))
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("checkMachine: %v, want %q", err, test.want)
			}
		})
	}
}

func TestCertificateIsForWhatTheFabricServesAndStays(t *testing.T) {
	s := store{t.TempDir()}
	ca, err := s.ensureCertificates()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(s.registryFile(serverCertificate), s.registryFile(serverKey))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	pem := mustRead(t, ca)
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", ca)
	}
	for _, host := range []string{hub, DownloadsHost} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: time.Now()}); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.ensureCertificates(); err != nil {
		t.Fatal(err)
	}
	if again := mustRead(t, ca); string(again) != string(pem) {
		t.Error("the CA changed: machines that trust the first one can't pull any more")
	}
}

func TestStoreKeepsNetworksAndEdgeUntilCleared(t *testing.T) {
	s := store{t.TempDir()}
	if _, err := s.network(networkA.ID); err == nil || !strings.Contains(err.Error(), "virtual network /rg/a does not exist") {
		t.Errorf("network: %v", err)
	}
	if err := s.saveNetwork(networkA); err != nil {
		t.Fatal(err)
	}
	if err := s.saveEdge(cloud.Edge{Outbound: []cloud.Outbound{{SubnetID: "/rg/a/subnets/open"}}}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.network("/RG/A"); err != nil || len(n.Subnets) != 2 {
		t.Errorf("network: %v, %v", n, err)
	}
	if e, err := s.edge(); err != nil || len(e.Outbound) != 1 {
		t.Errorf("edge: %v, %v", e, err)
	}
	if err := s.clear(); err != nil {
		t.Fatal(err)
	}
	if all, err := s.networks(); err != nil || len(all) != 0 {
		t.Errorf("networks after clear: %v, %v", all, err)
	}
	if left, _ := filepath.Glob(s.path("*")); len(left) != 0 {
		t.Errorf("left after clear: %v", left)
	}
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
