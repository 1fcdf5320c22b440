//go:build e2e

package e2e

import "testing"

// The standalone Swarm. The demo of the second test is used by those after it.

func TestClassicSwarmIsClosedToStrangers(t *testing.T) { isClosedClassic(t) }

func TestClassicSwarmRunsThePostsDemo(t *testing.T) { runsThePostsDemo(t) }

func TestClassicSwarmElectsAnotherPrimary(t *testing.T) { failsOver(t) }

func TestClassicWorkerSurvivesAReboot(t *testing.T) { survivesRebootClassic(t) }

func TestClassicSwarmServesDiscovery(t *testing.T) { discoversClassic(t) }

func TestClassicSwarmScalesAndRunsTheProgramsDemo(t *testing.T) { scalesClassic(t) }

func TestClassicRefusesAnEngineWithAnotherChecksum(t *testing.T) { refusesOtherEngine(t) }

func TestOrchestratorOfAClusterCannotBeChanged(t *testing.T) { refusesOtherOrchestrator(t) }

func TestClassicSwarmIsDestroyed(t *testing.T) { destroysClassic(t) }
