// Package vmsize knows the Azure VM sizes azswarm can run on, so that a size
// that cannot work is refused in a preview and not after minutes of deploying.
//
// Whether a size can be had in a region, a zone or a subscription is not known here: it
// changes daily and only Azure can tell. Neither is which sizes fit availability sets or
// zones: Azure publishes no such list.
package vmsize

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// refusals say why whole groups of sizes cannot be used. Sources, on Microsoft
// Learn: "Retired Azure VM size series", "Trusted Launch for Azure virtual machines",
// "Support for Generation 2 VMs on Azure" and "Azure virtual machine sizes naming conventions".
var refusals = []struct {
	names   *regexp.Regexp
	why     string
	instead string
}{
	{regexp.MustCompile(`^Basic_A\d+$|^Standard_A\d+$`),
		"was retired on 2024-08-31", DefaultControl},
	{regexp.MustCompile(`^Standard_NC\d+r?s_v3$`),
		"was retired on 2025-09-30", "Standard_D4as_v5"},
	{regexp.MustCompile(`^Standard_[A-Z]+\d+(-\d+)?[a-z]*p[a-z]*_v\d+$`),
		"is an Arm64 machine, and the images are x64", "Standard_D2as_v5"},
	{regexp.MustCompile(`^Standard_A\d+m?_v2$|^Standard_D\d+_v2$|^Standard_[DE]\d+i?_v3$`),
		"boots only generation 1 images, and Trusted Launch needs generation 2", "Standard_D2as_v5"},
	{regexp.MustCompile(`^Standard_[DE]C\d`),
		"is for confidential computing, which excludes Trusted Launch", "Standard_D2as_v5"},
}

// Check returns why a size cannot be used and which one could. Names are
// compared as Azure writes them, upper and lower case included.
func Check(name string) error {
	if _, ok := known[name]; ok {
		return nil
	}
	for _, r := range refusals {
		if r.names.MatchString(name) {
			return fmt.Errorf("VM size %s: %s; use one such as %s", name, r.why, r.instead)
		}
	}
	name = name[:min(len(name), maxTypo)]
	return fmt.Errorf("VM size %q: is not among the x64 sizes with Trusted Launch and Premium SSDs that azswarm knows; the closest is %s", name, closest(name))
}

// Memory returns the memory of a size in GiB, or 0 for a size that [Check] refuses.
func Memory(name string) float64 { return known[name].memory }

// VCPUs returns the number of virtual CPUs of a size, or 0 for a size that
// [Check] refuses.
func VCPUs(name string) int { return known[name].vcpus }

// Hardware returns the kind of hardware a size is on: a machine gets only sizes of its own kind, another one takes a new machine.
// It is "" for SCSI disks and none of them local, "local" with a local disk for temporary data, and "nvme" for NVMe disks.
func Hardware(name string) string { return known[name].hardware }

// maxTypo bounds how much of an unknown name is compared and repeated: sizes
// have at most 20 characters.
const maxTypo = 64

// closest returns the known size fewest edits away, the first in order of name
// where several are.
func closest(name string) string {
	name = strings.ToLower(name)
	names := make([]string, 0, len(known))
	for candidate := range known {
		names = append(names, candidate)
	}
	sort.Strings(names)
	best, fewest := "", maxTypo+1
	for _, candidate := range names {
		if n := edits(name, strings.ToLower(candidate)); n < fewest {
			best, fewest = candidate, n
		}
	}
	return best
}

// edits counts the insertions, deletions and substitutions that turn a into b
// (Levenshtein distance).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
