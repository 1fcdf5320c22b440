package cmd

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

// kernelFeatures are what Swarm needs of the kernel that all machines of a lab share, and what goes wrong, silently, without.
var kernelFeatures = []struct {
	module, trace string // trace exists where the module is in use
	without       string
}{
	{"ip_vs", "/proc/net/ip_vs",
		"no IPVS: virtual IPs of services and the routing mesh don't work; use dnsrr and ports published in host mode"},
	{"esp4", "/sys/module/esp4",
		"no ESP: overlay networks with encryption drop their traffic"},
}

// warnOfKernel says what this machine's kernel lacks.
func warnOfKernel(w io.Writer) {
	for _, feature := range kernelFeatures {
		if _, err := os.Stat(feature.trace); err == nil {
			continue
		}
		// Docker loads modules that are there to be loaded.
		if exec.Command("modprobe", "--dry-run", "--quiet", feature.module).Run() == nil {
			continue
		}
		fmt.Fprintf(w, "this kernel has %s\n", feature.without)
	}
}
