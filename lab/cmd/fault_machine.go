package cmd

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/containers"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// newMachineFaults are the faults of one machine each.
func newMachineFaults(o *options) []*cobra.Command {
	var commands []*cobra.Command
	for _, kind := range []struct {
		kind        fault.Kind
		short, long string
	}{
		{fault.Stop, "Shut machines down", `stop shuts machines down in order: their services end, and members leave as far as they do when they end.`},
		{fault.Kill, "Take machines' power away", `kill takes the power away: nothing on the machines gets to end in order. What they had written to
their disks is there again when they are healed; of what a real machine loses in such a case, all that is not yet written, nothing
is lost.`},
		{fault.Freeze, "Make machines hang", `freeze makes machines hang: they don't answer, but keep their memory and their connections, as when a host is
overloaded or a VM is being moved. Clocks go on meanwhile.`},
	} {
		commands = append(commands, &cobra.Command{
			Use:     string(kind.kind) + " MACHINE…",
			Short:   kind.short,
			Long:    kind.long + "\n\nMACHINE is a name that \"lab status\" lists. A machine that is replaced has none of the faults of the one before.",
			Example: fmt.Sprintf("  lab fault %s managers-0\n  lab heal %s/managers-0", kind.kind, kind.kind),
			Args:    machinesNeeded,
			RunE: func(c *cobra.Command, args []string) error {
				return withCloud(o, func(lab *session.Lab, cloud *containers.Cloud) error {
					var faults []fault.Fault
					for _, name := range args {
						m, err := findMachine(c.Context(), lab, name)
						if err != nil {
							return err
						}
						faults = append(faults, fault.Fault{Kind: kind.kind, Machine: m.ID})
					}
					return breakIt(c, cloud, faults...)
				})
			},
		})
	}
	return commands
}

// newFaultDropSSH is a fault of machines by their name, which may be yet to come.
func newFaultDropSSH(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "drop-ssh COUNT MACHINE…",
		Short: "Drop the first SSH connections to machines",
		Long: `drop-ssh makes sshd (port 22) of machines take the first COUNT connections and drop them before a word is said, as one does that is
booting or has too many unfinished logins. It counts from when the fault is made, and anew whenever the machine starts.

MACHINE is the name of a machine, which need not exist yet: one that is replaced, or created later under that name, drops its first
connections as well.`,
		Example: `  lab fault drop-ssh 3 managers-0 web-2
  lab heal drop-ssh/managers-0 drop-ssh/web-2`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			count, err := strconv.Atoi(args[0])
			if err != nil || count < 1 || count > maxDropped {
				return fmt.Errorf("connections %q: must be a number, 1 to %d", args[0], maxDropped)
			}
			for _, name := range args[1:] {
				if !machineName.MatchString(name) {
					return fmt.Errorf("machine %q: must be the name of one, such as managers-0", name)
				}
			}
			return withCloud(o, func(lab *session.Lab, cloud *containers.Cloud) error {
				var faults []fault.Fault
				for _, name := range args[1:] {
					if m, err := findMachine(c.Context(), lab, name); err == nil {
						name = m.VM // it may go by a shorter one
					}
					faults = append(faults, fault.Fault{Kind: fault.DropSSH, Machine: name, Connections: count})
				}
				return breakIt(c, cloud, faults...)
			})
		},
	}
}

// maxDropped is more connections than anybody makes.
const maxDropped = 1_000_000

var machineName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)

func machinesNeeded(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("name a machine, as in `%s managers-0` (`lab status` lists them)", c.CommandPath())
	}
	return nil
}

// newPlaceFaults are the faults of places that have machines.
func newPlaceFaults(o *options) []*cobra.Command {
	var set string
	domain := &cobra.Command{
		Use:   "domain NUMBER",
		Short: "Fail a fault domain of the availability sets",
		Long: `domain takes the power from a fault domain, which is a rack: from all machines that Azure has placed in it. Fault domains are
numbered from 0 in each availability set. Without --set the one of this number fails in every set. No machine can be created in
it until it is healed.`,
		Example: `  lab fault domain 1
  lab fault domain 0 --set managers
  lab heal domain/1 domain/0/managers`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := strconv.Atoi(args[0])
			if err != nil || number < 0 {
				return fmt.Errorf("fault domain %q: must be a number, from 0", args[0])
			}
			return withCloud(o, func(_ *session.Lab, cloud *containers.Cloud) error {
				return breakIt(c, cloud, fault.Fault{Kind: fault.Domain, Domain: number, Set: set})
			})
		},
	}
	domain.Flags().StringVar(&set, "set", "", "name of the availability set; default all")
	zone := &cobra.Command{
		Use:   "zone NUMBER",
		Short: "Fail an availability zone",
		Long: `zone takes the power from all machines of an availability zone, 1 to 3, which is a data centre. No machine can be created in it
until it is healed.`,
		Example: `  lab fault zone 2
  lab heal zone/2`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withCloud(o, func(_ *session.Lab, cloud *containers.Cloud) error {
				return breakIt(c, cloud, fault.Fault{Kind: fault.Zone, Zone: args[0]})
			})
		},
	}
	return []*cobra.Command{domain, zone}
}

// fillable are the directories below which a machine keeps what it writes.
var fillable = []string{"/var/", "/srv/", "/opt/", "/home/"}

func newFaultFill(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "fill MACHINE [DIRECTORY]",
		Short: "Fill the disk of a machine's directory",
		Long: `fill leaves a directory without space: writing there fails with "No space left on device", reading does not. DIRECTORY is an
absolute path below ` + strings.Join(fillable, ", ") + `; by default /var/lib/docker, where images and containers are.

All machines share the disk of this one, which stays as empty as it is: the directory is first moved to a disk of its own, of 8 GiB,
where it stays until the machine is replaced. For that, the machine's engine and containers restart once.`,
		Example: `  lab fault fill web-0
  lab fault fill consul-1 /var/lib/consul
  lab heal fill/web-0/var/lib/docker`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			directory := "/var/lib/docker"
			if len(args) > 1 {
				directory = args[1]
			}
			if err := checkFillable(directory); err != nil {
				return err
			}
			return withCloud(o, func(lab *session.Lab, cloud *containers.Cloud) error {
				m, err := findMachine(c.Context(), lab, args[0])
				if err != nil {
					return err
				}
				if m.State != "running" {
					return fmt.Errorf("machine %s is %s: its disk can't be filled", m.Name, m.State)
				}
				return breakIt(c, cloud, fault.Fault{Kind: fault.Fill, Machine: m.ID, Directory: directory})
			})
		},
	}
}

func checkFillable(directory string) error {
	if path.Clean(directory) == directory {
		for _, above := range fillable {
			if strings.HasPrefix(directory, above) {
				return nil
			}
		}
	}
	return errors.New("directory " + strconv.Quote(directory) + ": must be an absolute path below one of " + strings.Join(fillable, ", "))
}
