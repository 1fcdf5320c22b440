// Command probe tries what gets through, for tests. "probe send" reads a JSON list of packets, which open connections, and
// ends when all are sent; whether they arrive is for the receiver to say. "probe ask" reads a list of URLs, and says which of
// them answer.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"syscall"
)

// packet is one packet to send.
type packet struct {
	Source   netip.Addr // invalid: whichever the machine takes
	Target   netip.Addr
	Protocol string // tcp, udp, icmp, esp or ah
	Port     int    // of tcp and udp
}

// raw are the numbers of the protocols that have no ports.
var raw = map[string]int{"icmp": syscall.IPPROTO_ICMP, "esp": syscall.IPPROTO_ESP, "ah": syscall.IPPROTO_AH}

func main() {
	do := map[string]func() error{"send": sendAll, "ask": ask}[strings.Join(os.Args[1:], " ")]
	if do == nil {
		fmt.Fprintln(os.Stderr, "usage: probe send|ask")
		os.Exit(2)
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func sendAll() error {
	var packets []packet
	if err := json.NewDecoder(os.Stdin).Decode(&packets); err != nil {
		return err
	}
	for _, p := range packets {
		if err := send(p); err != nil {
			return err
		}
	}
	return nil
}

func send(p packet) error {
	kind, number := syscall.SOCK_RAW, raw[p.Protocol]
	switch p.Protocol {
	case "tcp":
		kind = syscall.SOCK_STREAM
	case "udp":
		kind = syscall.SOCK_DGRAM
	}
	fd, err := syscall.Socket(syscall.AF_INET, kind|syscall.SOCK_NONBLOCK, number)
	if err != nil {
		return fmt.Errorf("%+v: socket: %w", p, err)
	}
	defer func() { _ = syscall.Close(fd) }() // a connection that is not there yet has nothing to lose
	if p.Source.IsValid() {
		if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: p.Source.As4()}); err != nil {
			return fmt.Errorf("%+v: bind: %w", p, err)
		}
	}
	target := &syscall.SockaddrInet4{Addr: p.Target.As4(), Port: p.Port}
	if p.Protocol == "tcp" {
		if err := syscall.Connect(fd, target); err != nil && err != syscall.EINPROGRESS && err != syscall.ECONNREFUSED {
			return fmt.Errorf("%+v: connect: %w", p, err)
		}
		return nil
	}
	if err := syscall.Sendto(fd, payload(p.Protocol), 0, target); err != nil {
		return fmt.Errorf("%+v: send: %w", p, err)
	}
	return nil
}

// payload is what a packet carries: for ICMP an echo request of a conversation of its own, for others nothing of meaning.
func payload(protocol string) []byte {
	if protocol != "icmp" {
		return make([]byte, 16)
	}
	echo := []byte{8, 0, 0, 0, 0, 0, 0, 1}
	binary.BigEndian.PutUint16(echo[4:], uint16(rand.Uint32()))
	sum := uint32(0)
	for i := 0; i < len(echo); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(echo[i:]))
	}
	binary.BigEndian.PutUint16(echo[2:], ^uint16(sum+sum>>16))
	return echo
}
