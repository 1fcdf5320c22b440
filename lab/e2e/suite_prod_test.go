//go:build e2e

package e2e

import "testing"

// The unchanged stack prod.

func TestProdStackDeploysUnchanged(t *testing.T) { deploysProd(t) }

func TestSecurityGroupsLetInWhatTheTableSays(t *testing.T) { matchesTable(t) }

func TestNoUnauthenticatedAPIAnswers(t *testing.T) { hidesAPIs(t) }

func TestLoadBalancersTakeOutWhatFails(t *testing.T) { balances(t) }

func TestSubnetWithoutNATGatewayIsCutOff(t *testing.T) { needsGateway(t) }

func TestProdStackLeavesNothing(t *testing.T) { destroysProd(t) }
