// Package suites runs the end-to-end tests as suites side by side: tests that share a cluster are a suite, run in the order of
// their file, in a process of its own. Whatever a suite does, even if it panics or hangs, the others go on.
package suites
