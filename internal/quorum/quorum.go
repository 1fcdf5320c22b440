// Package quorum knows whether the rest of a tier is a majority when Azure loses a fault domain.
package quorum

import "fmt"

// Check refuses a number of voters that Azure spreads over so few fault domains that the loss of one takes the majority
// with it. Azure fills the domains of an availability set evenly, so the fullest one holds the quotient rounded up. A single
// voter survives nothing in any case, and is for others to refuse.
func Check(voters, domains int) error {
	lost := (voters + domains - 1) / domains
	left, majority := voters-lost, voters/2+1
	if voters <= 1 || left >= majority {
		return nil
	}
	return fmt.Errorf("of %d over %d fault domains, one domain holds %d: when it fails, %d left of %d are no majority", voters, domains, lost, left, voters)
}
