// Package bench measures what azswarm costs on top of Pulumi: the time of previews and updates and the size of the state, as
// the workers grow, next to a program that registers the same resources one by one. Run it with `make bench`.
package bench
