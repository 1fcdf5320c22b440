// Package distribution writes images into the storage of a Docker registry (the "distribution" project's file
// system driver, layout version 2), so that a registry can serve them without anything having been pushed.
// The same input gives the same digests.
package distribution
