// Package e2e tests the whole: the unchanged program, under the real Pulumi engine, on machines in containers, driven by
// the lab command as a user drives it. Its tests have the build tag e2e; suite_test.go lists them.
package e2e
