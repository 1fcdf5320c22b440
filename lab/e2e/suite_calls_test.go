//go:build e2e

package e2e

import "testing"

// Each call to Azure fails once, on paper.

func TestEveryFailedCallToAzureIsNamedAndMended(t *testing.T) { survivesEveryFailure(t) }
