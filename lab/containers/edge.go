package containers

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/containers/fabric"
)

// Route gives every network's fabric its part of the edge, and returns when all have put it in force. An edge with a
// mistake changes nothing.
func (c *Cloud) Route(ctx context.Context, e cloud.Edge) error {
	c.edge.Lock()
	defer c.edge.Unlock()
	networks, err := c.store.networks()
	if err != nil {
		return fmt.Errorf("route: %w", err)
	}
	if err := checkEdge(e, networks, c.options.Public); err != nil {
		return fmt.Errorf("route: %w", err)
	}
	if err := c.store.saveEdge(e); err != nil {
		return fmt.Errorf("route: %w", err)
	}
	failed := make([]error, len(networks))
	for i, n := range networks {
		failed[i] = c.ensureFabric(ctx, n, e)
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("route: %w", err)
	}
	return nil
}

// checkEdge says everything in the edge that no fabric could make real.
func checkEdge(e cloud.Edge, networks []cloud.Network, public netip.Prefix) error {
	var wrong []error
	find := func(what, id string) cloud.Network {
		for _, n := range networks {
			if strings.EqualFold(n.ID, id) {
				return n
			}
		}
		wrong = append(wrong, fmt.Errorf("%s: virtual network %s does not exist", what, id))
		return cloud.Network{}
	}
	first, last := PublicRange(public)
	usable := func(a netip.Addr) bool { return a.Compare(first) >= 0 && a.Compare(last) <= 0 }
	for _, ip := range e.PublicIPs {
		find("public IP "+ip.Address.String(), ip.NetworkID)
		if !usable(ip.Address) {
			wrong = append(wrong, fmt.Errorf("public IP %s: want one from %s to %s", ip.Address, first, last))
		}
	}
	for _, out := range e.Outbound {
		for _, address := range out.Addresses {
			if !usable(address) {
				wrong = append(wrong, fmt.Errorf("NAT gateway of subnet %s: address %s: want one from %s to %s", out.SubnetID, address, first, last))
			}
		}
	}
	for _, lb := range e.LoadBalancers {
		n := find("load balancer "+lb.ID, lb.NetworkID)
		internal := slices.ContainsFunc(n.Prefixes, func(p netip.Prefix) bool { return p.Contains(lb.Address) })
		if !usable(lb.Address) && !internal {
			wrong = append(wrong, fmt.Errorf("load balancer %s: frontend %s: want one from %s to %s, or one of its virtual network's",
				lb.ID, lb.Address, first, last))
		}
		for _, rule := range lb.Rules {
			if !strings.EqualFold(rule.Protocol, "Tcp") && !strings.EqualFold(rule.Protocol, "Udp") {
				wrong = append(wrong, fmt.Errorf("load balancer %s: rule %s: protocol %q: want Tcp or Udp", lb.ID, rule.Name, rule.Protocol))
			}
			if p := rule.Probe; p != nil && !slices.Contains([]string{"tcp", "http", "https"}, strings.ToLower(p.Protocol)) {
				wrong = append(wrong, fmt.Errorf("load balancer %s: rule %s: probe protocol %q: want Tcp, Http or Https", lb.ID, rule.Name, p.Protocol))
			}
		}
	}
	return errors.Join(wrong...)
}

// partition is the part of the edge that is one network's.
func partition(e cloud.Edge, n cloud.Network) fabric.Config {
	var c fabric.Config
	for _, ip := range e.PublicIPs {
		if strings.EqualFold(ip.NetworkID, n.ID) {
			c.PublicIPs = append(c.PublicIPs, ip)
		}
	}
	for _, lb := range e.LoadBalancers {
		if strings.EqualFold(lb.NetworkID, n.ID) {
			c.LoadBalancers = append(c.LoadBalancers, lb)
		}
	}
	for _, subnet := range n.Subnets {
		i := slices.IndexFunc(e.Outbound, func(out cloud.Outbound) bool { return strings.EqualFold(out.SubnetID, subnet.ID) })
		for _, prefix := range subnet.Prefixes {
			if i >= 0 && prefix.Addr().Is4() {
				c.Outbound = append(c.Outbound, fabric.Outbound{Prefix: prefix, Addresses: e.Outbound[i].Addresses})
			}
		}
	}
	return c
}
