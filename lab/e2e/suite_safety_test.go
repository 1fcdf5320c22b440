//go:build e2e

package e2e

import "testing"

// A cluster whose Swarm somebody, or something, is about to lose.

func TestManagerStaysWhileOthersNeedIt(t *testing.T) { keepsMajority(t) }

func TestLockedManagersUnlock(t *testing.T) { unlocksManagers(t) }

func TestMembersThatLeftComeBack(t *testing.T) { bringsBack(t) }

func TestMachinesJoinWithTodaysTokens(t *testing.T) { joinsAfterRotation(t) }

func TestOnlyManagerIsReplacedWithItsSwarm(t *testing.T) { keepsOnlyManagersSwarm(t) }

func TestOnlyManagerIsLost(t *testing.T) { losesOnlyManager(t) }
