// Package loopback serves what is for this machine alone, as it asks nobody who they are.
package loopback

import (
	"fmt"
	"net"
	"net/http"
)

// AnyPort is an address with a port that is free.
const AnyPort = "localhost:0"

// Listen opens a TCP port of the loopback interface. Addresses that others could reach are an error.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address %q: must be HOST:PORT, as in localhost:8080: %w", address, err)
	}
	if !own(host) {
		return nil, fmt.Errorf("address %q: must be of the loopback interface, as in localhost:8080; from elsewhere, forward it over SSH", address)
	}
	return net.Listen("tcp", address)
}

// Only refuses requests for other names: a page of somebody else's may have its name resolved to this machine.
func Only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host // without a port
		}
		if !own(host) {
			http.Error(w, "ask for localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func own(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
