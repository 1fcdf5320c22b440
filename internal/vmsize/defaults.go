package vmsize

// Sizes the stacks use where the configuration names none: current AMD burstable
// sizes, the cheapest with enough memory for the tier.
const (
	DefaultBastion = "Standard_B2ats_v2" // 1 GiB: sshd alone
	DefaultControl = "Standard_B2als_v2" // 4 GiB: Consul servers and Swarm managers
	DefaultWorker  = "Standard_B2as_v2"  // 8 GiB: applications
)
