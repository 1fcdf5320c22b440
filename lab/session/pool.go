package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// pools are the ranges a lab's public addresses come from: all /24 of 198.18.0.0/15, which RFC 2544 sets aside for
// tests between networks. The ranges for documentation (RFC 5737) would read better, but sandboxes and training
// environments tend to live in them, and a lab on top of them would cut their machines off.
func pools() []netip.Prefix {
	var ranges []netip.Prefix
	for n := range 2 * 256 {
		ranges = append(ranges, netip.PrefixFrom(netip.AddrFrom4([4]byte{198, byte(18 + n/256), byte(n), 0}), 24))
	}
	return ranges
}

// AnyPool is a range that fits where none is going to be used.
func AnyPool() netip.Prefix { return pools()[0] }

// choosePool returns the first range that overlaps nothing in use.
func choosePool(used []netip.Prefix) (netip.Prefix, error) {
	for _, pool := range pools() {
		if !slices.ContainsFunc(used, pool.Overlaps) {
			return pool, nil
		}
	}
	return netip.Prefix{}, errors.New("no range is left for the lab's public addresses: all of 198.18.0.0/15 " +
		"overlaps networks of this machine or other labs (`lab down --name …` frees one)")
}

// reservePool reserves the first range that overlaps nothing in use, and that nobody takes meanwhile.
func reservePool(used []netip.Prefix, reserve func(netip.Prefix) (bool, error)) (netip.Prefix, error) {
	for {
		pool, err := choosePool(used)
		if err != nil {
			return netip.Prefix{}, err
		}
		ours, err := reserve(pool)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("reserve %s for the lab's public addresses: %w", pool, err)
		}
		if ours {
			return pool, nil
		}
		used = append(used, pool)
	}
}

// usedNetworks lists what a new lab's public addresses must stay clear of: networks of Docker and of this machine,
// the ranges of other labs, and the operator's own address.
func (l *Lab) usedNetworks(ctx context.Context, operator netip.Addr) ([]netip.Prefix, error) {
	used := []netip.Prefix{netip.PrefixFrom(operator, operator.BitLen())}
	networks, err := dockerNetworks(ctx)
	if err != nil {
		return nil, err
	}
	used = append(used, networks...)
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list this machine's addresses: %w", err)
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			used = append(used, prefix.Masked())
		}
	}
	names, err := Names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if name == l.Name {
			continue
		}
		other, err := Find(name)
		if err != nil {
			return nil, err
		}
		// A record that can't be read reserves nothing: a broken lab must not keep others from starting.
		if record, err := other.Record(); err == nil && record.PublicAddresses.IsValid() && !record.NoMachines {
			used = append(used, record.PublicAddresses)
		}
	}
	return used, nil
}

func dockerNetworks(ctx context.Context) ([]netip.Prefix, error) {
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, fmt.Errorf("connect to Docker (DOCKER_HOST is %q): %w", os.Getenv("DOCKER_HOST"), err)
	}
	defer func() { _ = docker.Close() }()
	list, err := docker.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list Docker's networks: %w", err)
	}
	var prefixes []netip.Prefix
	for _, item := range list {
		for _, config := range item.IPAM.Config {
			if prefix, err := netip.ParsePrefix(config.Subnet); err == nil {
				prefixes = append(prefixes, prefix)
			}
		}
	}
	return prefixes, nil
}
