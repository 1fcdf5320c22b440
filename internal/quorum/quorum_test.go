package quorum

import "testing"

// TestOneDomainMayFail goes through every number of voters a tier can have, and counts the machines of each domain as Azure
// places them: one after the other into the emptiest.
func TestOneDomainMayFail(t *testing.T) {
	for _, voters := range []int{1, 3, 5, 7} {
		for _, domains := range []int{1, 2, 3} {
			filled := make([]int, domains)
			for i := range voters {
				filled[i%domains]++
			}
			survives := voters == 1
			if left := voters - filled[0]; left > voters/2 {
				survives = true
			}
			if err := Check(voters, domains); (err == nil) != survives {
				t.Errorf("%d voters over %d domains %v: %v, want it accepted: %t", voters, domains, filled, err, survives)
			}
		}
	}
	const want = "of 3 over 2 fault domains, one domain holds 2: when it fails, 1 left of 3 are no majority"
	if err := Check(3, 2); err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}
