//go:build e2e

package e2e

import "testing"

// What Azure, its policies and people change behind Pulumi's back, and what Azure can't change, on paper.

func TestARefreshReplacesNothing(t *testing.T) { staysWhatItIs(t) }

func TestWhatAzureCannotChangeRollsOrIsRefused(t *testing.T) { rollsOrRefuses(t) }
