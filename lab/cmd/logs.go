package cmd

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// cloudInitLog is where cloud-init keeps what the boot scripts said.
const cloudInitLog = "/var/log/cloud-init-output.log"

func newLogs(o *options) *cobra.Command {
	var lines int
	var follow bool
	c := &cobra.Command{
		Use:   "logs [flags] NODE [UNIT]",
		Short: "Show a machine's journal, or that of one of its units",
		Long: `logs reads the journal of a machine's current boot, of one systemd unit if one is named; the unit "cloud-init"
stands for what the boot scripts printed. It works on machines that can't be reached by SSH.`,
		Example: `  lab logs managers-0
  lab logs managers-0 docker --follow
  lab logs workers-1 cloud-init`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			if lines < 1 {
				return fmt.Errorf("--lines %d: must be at least 1", lines)
			}
			lab, err := session.Find(o.name)
			if err != nil {
				return err
			}
			if err := requireMachines(lab); err != nil {
				return err
			}
			machine, err := findMachine(c.Context(), lab, args[0])
			if err != nil {
				return err
			}
			return dockerExec(machine.Container, logCommand(args[1:], lines, follow)...)
		},
	}
	c.Flags().IntVarP(&lines, "lines", "n", 200, "how many of the last lines to show")
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on showing what is added")
	return c
}

func logCommand(unit []string, lines int, follow bool) []string {
	command := []string{"journalctl", "--boot", "--no-pager", "--lines", strconv.Itoa(lines)}
	switch {
	case len(unit) == 0:
	case unit[0] == "cloud-init":
		command = []string{"tail", "--lines", strconv.Itoa(lines), cloudInitLog}
	default:
		command = append(command, "--unit", unit[0])
	}
	if follow {
		command = append(command, "--follow")
	}
	return command
}
