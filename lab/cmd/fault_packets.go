package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/containers"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// longestDelay is more than any network's.
const longestDelay = 10 * time.Second

// newPacketFaults are the faults of the network between machines.
func newPacketFaults(o *options) []*cobra.Command {
	var oneWay bool
	cut := &cobra.Command{
		Use:   "cut SUBNET SUBNET",
		Short: "Cut a subnet off from another",
		Long: `cut keeps packets between two subnets of a virtual network from arriving, in both directions or, with --one-way, only those from
the first to the second. Nobody is told: packets get lost. A subnet cut from itself has machines that don't reach each other.

SUBNET is the name of a subnet, such as workers, with its virtual network's name and a slash before it where several have that name.`,
		Example: `  lab fault cut workers consul
  lab fault cut managers managers
  lab fault cut --one-way consul managers
  lab heal cut/consul/workers`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return withCloud(o, func(_ *session.Lab, cloud *containers.Cloud) error {
				from, err := cloud.Subnet(args[0])
				if err != nil {
					return err
				}
				to, err := cloud.Subnet(args[1])
				if err != nil {
					return err
				}
				return breakIt(c, cloud, fault.Fault{Kind: fault.Cut, Subnet: from, To: to, OneWay: oneWay})
			})
		},
	}
	cut.Flags().BoolVar(&oneWay, "one-way", false, "only packets from the first to the second get lost")
	lose := &cobra.Command{
		Use:   "lose PERCENT TARGET…",
		Short: "Lose packets of machines or subnets",
		Long: `lose drops that part of the packets which a machine, or each machine of a subnet, sends or receives: 1% to 100%, at random.
TARGET is the name of a machine or a subnet.`,
		Example: `  lab fault lose 20% workers
  lab fault lose 100% managers-0          # cut off from everybody
  lab heal lose/workers lose/managers-0`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			percent, err := strconv.Atoi(strings.TrimSuffix(args[0], "%"))
			if err != nil || percent < 1 || percent > 100 {
				return fmt.Errorf("part of the packets %q: must be 1%% to 100%%, as a whole number", args[0])
			}
			return disturb(c, o, fault.Fault{Kind: fault.Lose, Percent: percent}, args[1:])
		},
	}
	delay := &cobra.Command{
		Use:   "delay TIME TARGET…",
		Short: "Delay packets of machines or subnets",
		Long: `delay holds back what a machine, or each machine of a subnet, sends, for 1ms to 10s: the way there and back takes as much longer.
TARGET is the name of a machine or a subnet. It needs a kernel with netem (sch_netem).`,
		Example: `  lab fault delay 150ms workers
  lab heal delay/workers`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			delay, err := time.ParseDuration(args[0])
			if err != nil || delay < time.Millisecond || delay > longestDelay || delay != delay.Truncate(time.Millisecond) {
				return fmt.Errorf("delay %q: must be 1ms to %s, in whole milliseconds", args[0], longestDelay)
			}
			return disturb(c, o, fault.Fault{Kind: fault.Delay, Milliseconds: int(delay.Milliseconds())}, args[1:])
		},
	}
	return []*cobra.Command{cut, lose, delay}
}

// disturb puts a fault of packets in force for machines and subnets.
func disturb(c *cobra.Command, o *options, f fault.Fault, targets []string) error {
	return withCloud(o, func(lab *session.Lab, cloud *containers.Cloud) error {
		var faults []fault.Fault
		for _, target := range targets {
			of := f
			m, noMachine := findMachine(c.Context(), lab, target)
			if noMachine == nil {
				of.Machine = m.ID
			} else if subnet, err := cloud.Subnet(target); err == nil {
				of.Subnet = subnet
			} else {
				return fmt.Errorf("%q is neither a machine nor a subnet: %w; %w", target, noMachine, err)
			}
			faults = append(faults, of)
		}
		return breakIt(c, cloud, faults...)
	})
}
