//go:build e2e

package e2e

import "testing"

// What the project promises, in the order it is tested. Tests up to TestDestroyLeavesNothing share the cluster of the stack
// "dev", which the first of them that runs brings up, those up to TestProdStackLeavesNothing one of "prod", and the two of the
// examples another, and so do the standalone Swarm's and those that break or change every machine; each may be run alone.

func TestInvalidConfigurationIsRefusedBeforeAnythingIsRegistered(t *testing.T) {
	refusesInvalidConfig(t)
}

func TestPreviewsNeedNoCredentialAndShowNoSecret(t *testing.T) { previewsWithoutCredentials(t) }

func TestPreviewsTellTheTruth(t *testing.T) { tellsTheTruth(t) }

func TestEveryFailedCallToAzureIsNamedAndMended(t *testing.T) { survivesEveryFailure(t) }

func TestResourcesDeletedBehindPulumiHeal(t *testing.T) { healsWhatIsDeleted(t) }

func TestInterruptedUpConverges(t *testing.T) { convergesAfterKills(t) }

func TestSecondUpChangesNothing(t *testing.T) { changesNothing(t) }

func TestWorkersHaveLabelsAndManagersAreDrained(t *testing.T) { hasTiers(t) }

func TestConsulDeniesByDefault(t *testing.T) { deniesByDefault(t) }

func TestContainersResolveThroughConsul(t *testing.T) { resolvesNames(t) }

func TestContainersUseConsul(t *testing.T) { containersUseConsul(t, discoverable(t)) }

func TestRegistratorHonoursMetadata(t *testing.T) { honoursMetadata(t, discoverable(t)) }

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

func TestLostWorkerIsReplacedAndPoolsScale(t *testing.T) { healsAndScales(t) }

func TestDestroyLeavesNothing(t *testing.T) { destroysEverything(t) }

func TestProdStackDeploysUnchanged(t *testing.T) { deploysProd(t) }

func TestSecurityGroupsLetInWhatTheTableSays(t *testing.T) { matchesTable(t) }

func TestNoUnauthenticatedAPIAnswers(t *testing.T) { hidesAPIs(t) }

func TestLoadBalancersTakeOutWhatFails(t *testing.T) { balances(t) }

func TestSubnetWithoutNATGatewayIsCutOff(t *testing.T) { needsGateway(t) }

func TestProdStackLeavesNothing(t *testing.T) { destroysProd(t) }

func TestImportedExampleDeploys(t *testing.T) { deploysImported(t) }

func TestAppsExampleDeploys(t *testing.T) { deploysApps(t) }

// The standalone Swarm. Its tests share a cluster too, and the demo of the first but one is used by those after it.

func TestClassicSwarmIsClosedToStrangers(t *testing.T) { isClosedClassic(t) }

func TestClassicSwarmRunsThePostsDemo(t *testing.T) { runsThePostsDemo(t) }

func TestClassicSwarmElectsAnotherPrimary(t *testing.T) { failsOver(t) }

func TestClassicWorkerSurvivesAReboot(t *testing.T) { survivesRebootClassic(t) }

func TestClassicSwarmServesDiscovery(t *testing.T) { discoversClassic(t) }

func TestClassicSwarmScalesAndRunsTheProgramsDemo(t *testing.T) { scalesClassic(t) }

func TestClassicRefusesAnEngineWithAnotherChecksum(t *testing.T) { refusesOtherEngine(t) }

func TestOrchestratorOfAClusterCannotBeChanged(t *testing.T) { refusesOtherOrchestrator(t) }

func TestClassicSwarmIsDestroyed(t *testing.T) { destroysClassic(t) }

func TestImageCacheCostsOneUpstreamPull(t *testing.T) { cachesImages(t) }

func TestFaultDomainIsLostWithoutHarm(t *testing.T) { losesFaultDomain(t) }

func TestSubnetsThatWereCutApartHeal(t *testing.T) { cutsSubnets(t) }

func TestConsulIsFormedAnewAfterItsLoss(t *testing.T) { losesConsul(t) }

func TestOtherSizesAndTagsReplaceNothing(t *testing.T) { resizesAndTags(t) }

func TestAllMachinesAreReplacedInOneUpdate(t *testing.T) { replacesEveryMachine(t) }

func TestCheckoutStaysAsItWas(t *testing.T) { keepsCheckout(t) }
