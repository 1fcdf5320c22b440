package cmd

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/loopback"
)

func newStatus(o *options) *cobra.Command {
	var drawn pageOptions
	c := &cobra.Command{
		Use:   "status",
		Short: "Show the lab's machines, addresses and files",
		Long: `status lists the machines of a lab with their tier, address and state, and says where the lab keeps its files
and how the cluster is reached. It changes nothing and may run while another command works.

With --html it asks the machines how they are, too, and draws the cluster into a file that any browser shows: machines by subnet and
fault domain, who leads, what runs where, which ports are open to whom, and what is broken on purpose. With --serve it shows that page
to browsers on this machine, as the cluster is now. ` + "`azswarm status`" + ` draws the same of any stack.`,
		Example: `  lab status
  lab status --name big
  lab status --serve=localhost:8090`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			lab, err := session.Find(o.name)
			if err != nil {
				return err
			}
			if err := lab.Require(); err != nil {
				return err
			}
			record, err := lab.Record()
			if err != nil {
				return err
			}
			outputs, err := access.Load(lab.AccessDir())
			if err != nil {
				return err
			}
			if drawn.wanted() {
				if err := requireMachines(lab); err != nil {
					return err
				}
				return drawn.draw(c.Context(), c.OutOrStdout(), lab, record, outputs)
			}
			list := listMachines
			if record.NoMachines {
				list = listPaper
			}
			machines, err := list(c.Context(), lab)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			fmt.Fprintf(w, "lab        %s\n", lab.Name)
			if record.NoMachines {
				fmt.Fprintln(w, "machines   none: a model of Azure alone")
			}
			fmt.Fprintf(w, "files      %s\n", lab.Dir)
			fmt.Fprintf(w, "project    %s, stack %s\n", orDash(record.Project), orDash(record.Stack))
			fmt.Fprintf(w, "operator   %s\n", record.Operator)
			fmt.Fprintf(w, "public     %s\n", record.PublicAddresses)
			fmt.Fprintf(w, "bastion    %s\n", orDash(outputs.Bastion.Host))
			fmt.Fprintf(w, "swarm      %s\n\n", orDash(outputs.SwarmEndpoint))
			if err := printMachines(w, machines, outputs); err != nil {
				return err
			}
			faults, err := listFaults(lab)
			if err != nil || len(faults) == 0 {
				return err
			}
			fmt.Fprintln(w, "\nbroken on purpose (`lab heal` ends it):")
			return printFaults(w, faults)
		},
	}
	c.Flags().StringVar(&drawn.html, "html", "", "draw the cluster into a `file`, and say nothing")
	c.Flags().StringVar(&drawn.serve, "serve", "", "show that page to browsers on this machine, at this `address`, until interrupted")
	c.Flags().Lookup("serve").NoOptDefVal = loopback.AnyPort
	c.MarkFlagsMutuallyExclusive("html", "serve")
	return c
}

// printMachines lists the machines there are, and the nodes that should be there and are not.
func printMachines(w io.Writer, machines []machine, outputs access.Outputs) error {
	nodes := map[string]access.Node{}
	for _, node := range outputs.Nodes {
		nodes[node.Address.String()] = node
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tTIER\tADDRESS\tSTATE\tCONTAINER")
	for _, m := range machines {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.12s\n", m.Name, orDash(nodes[m.Address].Tier), orDash(m.Address), m.State, m.Container)
		delete(nodes, m.Address)
	}
	for _, node := range outputs.Nodes {
		if _, absent := nodes[node.Address.String()]; absent {
			fmt.Fprintf(table, "%s\t%s\t%s\tmissing\t-\n", node.Name, node.Tier, node.Address)
		}
	}
	return table.Flush()
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
