package cmd

import (
	"net/netip"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
)

// subscriptionKey is the configuration key of the Azure subscription.
const subscriptionKey = "azure-native:subscriptionId"

// openAzure opens the stand-in for the azure-native plugin, with the real cloud behind its model.
func (a *attached) openAzure() (*azure.Provider, error) {
	cloud, err := newCloud(a.Lab, a.record, a.set)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, cloud.Close)
	restore, err := hideEnvironment() // only now: the cloud has found its Docker engine
	a.closers = append(a.closers, restore)
	if err != nil {
		return nil, err
	}
	return azure.New(azure.Options{
		StateDir:       a.Lab.AzureDir(),
		Cloud:          cloud,
		SubscriptionID: a.ConfigText(subscriptionKey),
		// A quarter, 59 addresses: the cloud keeps the rest for its routers and its way out.
		PublicAddresses: netip.PrefixFrom(a.record.PublicAddresses.Addr(), a.record.PublicAddresses.Bits()+2),
	})
}
