//go:build e2e

package e2e

import "testing"

// A cluster that is broken and changed, with a machine of each tier in each fault domain.

func TestFaultDomainIsLostWithoutHarm(t *testing.T) { losesFaultDomain(t) }

func TestSubnetsThatWereCutApartHeal(t *testing.T) { cutsSubnets(t) }

func TestConsulIsFormedAnewAfterItsLoss(t *testing.T) { losesConsul(t) }

func TestOtherSizesAndTagsReplaceNothing(t *testing.T) { resizesAndTags(t) }

func TestAllMachinesAreReplacedInOneUpdate(t *testing.T) { replacesEveryMachine(t) }
