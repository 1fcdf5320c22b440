module github.com/seed-3bc5c20b/azswarm/tools/swarm

go 1.26.0

tool github.com/docker/swarm

require (
	github.com/coreos/etcd v3.3.27+incompatible
	github.com/docker/distribution v2.7.1+incompatible
	github.com/docker/docker v17.12.0-ce-rc1.0.20180412203414-a422774e593b+incompatible
	github.com/docker/go-connections v0.4.0
	github.com/docker/go-events v0.1.0
	github.com/docker/go-units v0.3.3
	github.com/docker/leadership v0.1.0
	github.com/docker/libkv v0.2.1
	github.com/docker/swarm v1.2.9
	github.com/docker/swarmkit v1.12.1-0.20180726190244-7567d47988d8
	github.com/gorilla/mux v1.4.0
	github.com/hashicorp/consul v1.0.7
	github.com/opencontainers/image-spec v1.0.1
	github.com/opencontainers/runc v0.1.1
	github.com/samuel/go-zookeeper v0.0.0-20180130194729-c4fab1ac1bec
	github.com/sirupsen/logrus v1.10.2
	github.com/skarademir/naturalsort v0.0.0-20150715044055-69a5d87bef62
	github.com/urfave/cli v1.19.1
)

require (
	github.com/coreos/go-semver v0.3.1 // indirect
	github.com/gogo/protobuf v1.3.2 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-immutable-radix v1.3.1 // indirect
	github.com/hashicorp/go-metrics v0.7.0 // indirect
	github.com/hashicorp/go-rootcerts v1.1.0 // indirect
	github.com/hashicorp/golang-lru v1.0.2 // indirect
	github.com/hashicorp/serf v0.11.0 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/modern-go/concurrent v0.0.0-20180228061459-e0a39a4cb421 // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
