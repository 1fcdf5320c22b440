package cmd

import (
	"cmp"
	"net/netip"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// subscriptionKey is the configuration key of the Azure subscription.
const subscriptionKey = "azure-native:subscriptionId"

// openAzure opens the stand-in for the azure-native plugin, with a cloud behind its model: machines, or none.
func (a *attached) openAzure() (*azure.Provider, error) {
	var behind cloud.Cloud = cloud.NewPaper()
	if !a.record.NoMachines {
		machines, err := newCloud(a.Lab, a.record, a.set)
		if err != nil {
			return nil, err
		}
		a.closers = append(a.closers, machines.Close)
		behind = machines
	}
	restore, err := hideEnvironment() // only now: the cloud has found its Docker engine
	a.closers = append(a.closers, restore)
	if err != nil {
		return nil, err
	}
	return azure.New(azure.Options{
		StateDir:       a.Lab.AzureDir(),
		Cloud:          behind,
		SubscriptionID: cmp.Or(a.subscription, a.ConfigText(subscriptionKey)),
		// A quarter, 59 addresses: the cloud keeps the rest for its routers and its way out.
		PublicAddresses: netip.PrefixFrom(a.record.PublicAddresses.Addr(), a.record.PublicAddresses.Bits()+2),
	})
}
