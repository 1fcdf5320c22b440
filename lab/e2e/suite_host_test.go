//go:build e2e

package e2e

import "testing"

// What all other suites leave behind: nothing.

func TestCheckoutStaysAsItWas(t *testing.T) { keepsCheckout(t) }

func TestMachineStaysAsItWas(t *testing.T) { keepsHost(t) }
