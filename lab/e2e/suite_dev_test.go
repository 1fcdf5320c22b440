//go:build e2e

package e2e

import "testing"

// The unchanged stack dev, whose cluster the first of them that runs brings up and the last one destroys.

func TestInterruptedUpConverges(t *testing.T) { convergesAfterKills(t) }

func TestSecondUpChangesNothing(t *testing.T) { changesNothing(t) }

// Before others configure services that nothing serves.
func TestOperatorsProgramServes(t *testing.T) { servesOperators(t) }

func TestPageShowsAKilledMachine(t *testing.T) { drawsTheCluster(t) }

func TestWorkersHaveLabelsAndManagersAreDrained(t *testing.T) { hasTiers(t) }

func TestConsulDeniesByDefault(t *testing.T) { deniesByDefault(t) }

func TestContainersResolveThroughConsul(t *testing.T) { resolvesNames(t) }

func TestContainersUseConsul(t *testing.T) { containersUseConsul(t, discoverable(t)) }

func TestRegistratorHonoursMetadata(t *testing.T) { honoursMetadata(t, discoverable(t)) }

func TestContainersDontReachAzuresHost(t *testing.T) { keepsContainersFromThePlatform(t) }

func TestFailingServiceLeavesDNS(t *testing.T) { failingServiceLeaves(t, discoverable(t)) }

func TestServicesOfStoppedContainersGo(t *testing.T) { stoppedContainersGo(t, discoverable(t)) }

func TestNodeServicesAreRegistered(t *testing.T) {
	p := discoverable(t)
	configureNodeServices(t, p)
	manager := p.address(t, p.manager)
	nodeServicesAreRegistered(t, p, map[string]string{
		"SRV docker-api.service.consul": manager + ":2376", "SRV swarm-manager.service.consul": manager + ":2377",
	})
}

func TestServicesOfDeadNodesGo(t *testing.T) {
	p := discoverable(t)
	configureNodeServices(t, p)
	deadNodesGo(t, p, forgottenAfter)
}

func TestSwarmEndpointWantsAClientCertificate(t *testing.T) { wantsCertificate(t) }

func TestSecretsShowNowhere(t *testing.T) { hidesSecrets(t) }

func TestDroppedConnectionsFailNoUpdate(t *testing.T) { survivesDroppedConnections(t) }

func TestLostWorkerIsReplacedAndPoolsScale(t *testing.T) { healsAndScales(t) }

func TestDestroyLeavesNothing(t *testing.T) { destroysEverything(t) }
