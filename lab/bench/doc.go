// Package bench measures what azswarm costs: how long it takes to make a cluster, next to a script and a playbook that make the same
// one of equal machines (BenchmarkUp), and to add a worker (BenchmarkWorkerMore); and, on paper, what it adds to Pulumi as the workers
// grow, next to a program that registers the same resources one by one (BenchmarkWorkers). Run it with `make bench`.
package bench
