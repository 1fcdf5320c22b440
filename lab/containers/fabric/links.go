package fabric

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
)

// findLinks finds the interfaces of the fabric's networks by the addresses Docker gave them.
func findLinks(c Config) (links, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return links{}, fmt.Errorf("fabric: list interfaces: %w", err)
	}
	byPrefix := map[netip.Prefix]link{}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil {
			return links{}, fmt.Errorf("fabric: addresses of %s: %w", i.Name, err)
		}
		for _, a := range addresses {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				byPrefix[prefix.Masked()] = link{i.Name, prefix.Addr()}
			}
		}
	}
	l := links{byPrefix[c.VNet], byPrefix[c.Internet], byPrefix[c.Uplink]}
	if l.vnet.name == "" || l.internet.name == "" || l.uplink.name == "" {
		return links{}, fmt.Errorf("fabric: needs an interface in each of %s, %s, %s; has %v", c.VNet, c.Internet, c.Uplink, byPrefix)
	}
	return l, nil
}

// prepare makes a router of the container.
func prepare(ctx context.Context, c Config, l links) error {
	for _, setting := range []struct{ name, value, why string }{
		{"ip_forward", "1", "it is a router"},
		{"conf/all/send_redirects", "0", "traffic that turns around here must keep doing so"},
		{"conf/" + l.vnet.name + "/send_redirects", "0", "the same: the kernel takes either"},
		{"conf/all/rp_filter", "0", "machines answer probes through addresses of other interfaces"},
		{"conf/" + l.vnet.name + "/rp_filter", "0", "the same: the kernel takes the stricter"},
	} {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+setting.name, []byte(setting.value), 0o644); err != nil {
			return fmt.Errorf("fabric: set net.ipv4.%s (%s): %w", setting.name, setting.why, err)
		}
	}
	return run(ctx, "", "ip", "route", "replace", "default", "via", c.Gateway.String(), "dev", l.uplink.name)
}

// addresses returns the addresses the fabric answers for beyond those Docker gave it, each with its interface.
func addresses(c Config, l links) map[netip.Addr]string {
	wanted := map[netip.Addr]string{ProbeSource: "lo"}
	if c.Registry.IsValid() {
		wanted[c.Registry] = l.vnet.name
	}
	for _, out := range c.Outbound {
		for _, address := range out.Addresses {
			wanted[address] = l.internet.name
		}
	}
	for _, ip := range c.PublicIPs {
		wanted[ip.Address] = l.internet.name
	}
	for _, lb := range c.LoadBalancers {
		if c.VNet.Contains(lb.Address) {
			wanted[lb.Address] = l.vnet.name
		} else {
			wanted[lb.Address] = l.internet.name
		}
	}
	return wanted
}

// assign gives the interfaces these addresses and takes away others it gave them before. Ours are told from Docker's by
// their prefix: a single address.
func assign(ctx context.Context, wanted map[netip.Addr]string) error {
	interfaces, err := net.Interfaces()
	if err != nil {
		return fmt.Errorf("fabric: list interfaces: %w", err)
	}
	present := map[netip.Addr]string{}
	for _, i := range interfaces {
		all, err := i.Addrs()
		if err != nil {
			return fmt.Errorf("fabric: addresses of %s: %w", i.Name, err)
		}
		for _, a := range all {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.IsSingleIP() && prefix.Addr().Is4() {
				present[prefix.Addr()] = i.Name
			}
		}
	}
	for address, link := range present {
		if wanted[address] == link {
			continue
		}
		if err := run(ctx, "", "ip", "address", "delete", address.String()+"/32", "dev", link); err != nil {
			return err
		}
	}
	for address, link := range wanted {
		if present[address] == link {
			continue
		}
		if err := run(ctx, "", "ip", "address", "replace", address.String()+"/32", "dev", link); err != nil {
			return err
		}
		if link == "lo" {
			continue
		}
		go announce(ctx, link, address)
	}
	return nil
}

// announce tells neighbours who has the address now: they may remember a fabric that had it before. arping sends at
// once and then lingers, which nobody should wait for.
func announce(ctx context.Context, link string, address netip.Addr) {
	if err := run(ctx, "", "arping", "-q", "-U", "-c", "1", "-I", link, address.String()); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// run runs a command, with its output in the error.
func run(ctx context.Context, stdin string, name string, args ...string) error {
	command := exec.CommandContext(ctx, name, args...)
	command.Stdin = strings.NewReader(stdin)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("fabric: %s: %w: %s", strings.Join(command.Args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
