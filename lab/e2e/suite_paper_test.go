//go:build e2e

package e2e

import "testing"

// Input mistakes and previews: nothing here needs a machine.

func TestInvalidConfigurationIsRefusedBeforeAnythingIsRegistered(t *testing.T) {
	refusesInvalidConfig(t)
}

func TestPreviewsNeedNoCredentialAndShowNoSecret(t *testing.T) { previewsWithoutCredentials(t) }

func TestPreviewsTellTheTruth(t *testing.T) { tellsTheTruth(t) }

func TestResourcesDeletedBehindPulumiHeal(t *testing.T) { healsWhatIsDeleted(t) }

func TestProgramsInOtherLanguagesMakeTheSameCluster(t *testing.T) { languagesMakeTheSameCluster(t) }

func TestNewProjectOfTheRepositoryPreviews(t *testing.T) { makesNewProject(t) }

func TestStacksOfEarlierReleasesKeepEverything(t *testing.T) { upgradesRecordedStacks(t) }

func TestPolicyPackSeesThePlan(t *testing.T) { enforcesPolicies(t) }

func TestPoolsScaleByCommand(t *testing.T) { scalesByCommand(t) }
