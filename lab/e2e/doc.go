// Package e2e tests the whole: the unchanged program, under the real Pulumi engine, on machines in containers, driven by
// the lab command as a user drives it. Its tests have the build tag e2e. Those that share a cluster are a suite, in a file
// suite_NAME_test.go that says what the project promises; suites run side by side, in processes of their own.
package e2e
