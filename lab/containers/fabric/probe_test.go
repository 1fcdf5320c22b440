package fabric

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

func TestProberFlipsAfterThresholdResultsInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var up atomic.Bool
		up.Store(true)
		p := newProber(func(context.Context, target) error {
			if up.Load() {
				return nil
			}
			return errors.New("refused")
		})
		watched := target{machine1, cloud.Probe{Protocol: "Tcp", Port: 80, IntervalSeconds: 5, Threshold: 2}}
		expect := func(when string, want bool) {
			t.Helper()
			synctest.Wait()
			if got := p.isHealthy(watched); got != want {
				t.Errorf("%s: healthy is %t, want %t", when, got, want)
			}
		}
		p.watch(ctx, []target{watched})
		time.Sleep(time.Second) // from here on, between two probes
		expect("after the first success", false)
		time.Sleep(5 * time.Second)
		expect("after the second", true)
		<-p.changed

		up.Store(false)
		time.Sleep(5 * time.Second)
		expect("after one failure", true)
		up.Store(true)
		time.Sleep(5 * time.Second)
		up.Store(false)
		time.Sleep(5 * time.Second)
		expect("after failures that are not in a row", true)
		time.Sleep(5 * time.Second)
		expect("after two failures in a row", false)
		<-p.changed

		up.Store(true)
		time.Sleep(10 * time.Second)
		p.watch(ctx, []target{watched, {machine2, watched.probe}})
		expect("when watched together with another", true)
		p.watch(ctx, nil)
		expect("when no longer watched", false)
	})
}

func TestCheck(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthy":
		case "/moved":
			http.Redirect(w, r, "/healthy", http.StatusFound)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	plain, encrypted := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer encrypted.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, protocol, path string
		address              net.Addr
		healthy              bool
	}{
		{"open port", "Tcp", "", plain.Listener.Addr(), true},
		{"closed port", "Tcp", "", closed, false},
		{"200", "Http", "/healthy", plain.Listener.Addr(), true},
		{"path without slash", "Http", "healthy", plain.Listener.Addr(), true},
		{"503", "Http", "/", plain.Listener.Addr(), false},
		{"redirect", "Http", "/moved", plain.Listener.Addr(), false},
		{"any certificate", "Https", "/healthy", encrypted.Listener.Addr(), true},
		{"no TLS", "Https", "/healthy", plain.Listener.Addr(), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := netip.MustParseAddrPort(test.address.String())
			probed := target{address.Addr(), cloud.Probe{Protocol: test.protocol, Port: int(address.Port()), Path: test.path}}
			if err := checkFrom(t.Context(), &net.Dialer{}, probed); (err == nil) != test.healthy {
				t.Errorf("check: %v, want healthy %t", err, test.healthy)
			}
		})
	}
}
