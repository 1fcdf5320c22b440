# What can be done in this clone; `make help` lists it.
# STACK, RUN, BENCH, ROUNDS, SUITES, NAME, FUZZTIME, MINUTES, SEED, STEPS, STATE, MARKDOWN, CORES and EXAMPLE may be set on the command line: make lab STACK=prod NAME=big

STACK ?= dev
NAME ?= azswarm
RUN ?= .
BENCH ?= .
ROUNDS ?= 3
SUITES ?= auto
FUZZTIME ?= 20s
MINUTES ?= 10
SEED ?= 1
STEPS ?= 0
STATE ?=
MARKDOWN ?=
CORES ?= 0
EXAMPLE ?= examples/typescript

# The Azure SDK compiles for minutes. Only what needs it waits for it.
LIGHT := ./internal/...
# Modules besides the library's own: each has its dependencies for itself.
MODULES := tools/azswarm lab examples/imported examples/apps tools/provider
LAB := .lab/bin/lab
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.7.0
ACTIONLINT := go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.7

MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

.DEFAULT_GOAL := help
.PHONY: help setup setup-checks lab lab-down lab-status preview check test unit graph e2e e2e-quick fuzz soak sdk screenshot record bench lint gofmt vet staticcheck shellcheck actionlint mutants docs FORCE

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  settings: STACK=$(STACK) NAME=$(NAME) (of the lab) RUN=$(RUN) (pattern of e2e tests) BENCH=$(BENCH) (of benchmarks) ROUNDS=$(ROUNDS) (of theirs)"
	@echo "            SUITES=$(SUITES) (of e2e at a time) FUZZTIME=$(FUZZTIME) MINUTES=$(MINUTES) SEED=$(SEED) STEPS=$(STEPS) (of soak; 0: as time allows)"

setup: ## install what a Debian machine lacks for the lab
	@lab/setup.sh

setup-checks: ## install what it lacks for the checks, too: shellcheck, a browser, and Node.js
	@lab/setup.sh --ci

# Static, as the lab runs it inside its containers too. Go's own cache knows whether there is anything to do. The operators' program
# goes beside it, where `lab exec` finds it.
$(LAB): FORCE
	@mkdir -p $(@D)
	@cd lab && CGO_ENABLED=0 go build -o ../$@ .
	@cd tools/azswarm && CGO_ENABLED=0 go build -o ../../$(@D)/azswarm .

lab: setup $(LAB) ## bring up the cluster of STACK on a simulated Azure
	@$(LAB) up --stack $(STACK) --name $(NAME)

lab-down: $(LAB) ## remove that cluster and all that belongs to it
	@$(LAB) down --name $(NAME)

lab-status: $(LAB) ## show its machines and how to reach them
	@$(LAB) status --name $(NAME)

preview: $(LAB) ## show what an update of STACK would do, and what Azure would refuse, without Azure (from an export: STATE=file)
	@$(LAB) preview --stack $(STACK) --cores $(CORES) $(if $(STATE),--from-state '$(STATE)') $(if $(MARKDOWN),--markdown '$(MARKDOWN)')

check: lint unit graph e2e-quick ## check a change in minutes: lint, units, the graph, everything on paper, and one cluster with its proof

test: unit graph e2e ## run all tests

unit: ## run the tests that need no Azure SDK and no machines
	go test $(LIGHT)
	cd tools/azswarm && go test ./...
	cd lab && go test ./...
	cd examples/apps && go test ./...

graph: ## run the tests of the components and stacks against Pulumi's mocks, and of the package for other languages
	go test $$(go list ./... | grep -v /internal/)
	cd tools/provider && go test ./...

e2e: setup-checks $(LAB) ## run the end-to-end tests whose names match RUN, on real machines in containers, SUITES at a time
	cd lab && go test -tags e2e -count 1 -timeout 90m -v -run '$(RUN)' ./e2e -args -suites '$(SUITES)'

e2e-quick: setup-checks $(LAB)
	cd lab && go test -tags e2e -count 1 -timeout 90m -v ./e2e -args -suites '$(SUITES)' -quick

fuzz: ## run every fuzz test for FUZZTIME
	@for module in . lab; do \
		cd "$(CURDIR)/$$module"; \
		{ grep -rl --include='*_test.go' '^func Fuzz' . || true; } | xargs -r -n 1 dirname | sort -u | while read -r package; do \
			for name in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
				echo "$$package $$name"; \
				go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package"; \
			done; \
		done; \
	done

soak: setup ## break a cluster while it is in use, as SEED says, for MINUTES or STEPS operations, and see that it holds
	@mkdir -p .lab/bin
	@cd lab && go build -o ../.lab/bin/soak ./soak
	@.lab/bin/soak --minutes '$(MINUTES)' --seed '$(SEED)' --steps '$(STEPS)'

sdk: ## make azswarm's package for TypeScript from this clone, and install what EXAMPLE asks for
	@cd tools/provider && go run ./sdk '$(abspath $(EXAMPLE))/sdks/azswarm'
	@cd '$(EXAMPLE)' && npm ci --no-audit --no-fund --loglevel error

screenshot: setup-checks $(LAB) ## draw docs/status.png, README's picture of a cluster, from the lab NAME
	@$(LAB) status --name $(NAME) --html .lab/status.html
	@profile=$$(mktemp --directory); trap 'rm -rf "$$profile"' EXIT; \
	chromium --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --no-first-run --hide-scrollbars \
		--user-data-dir="$$profile" --window-size=1280,1150 --screenshot=docs/status.png "file://$(CURDIR)/.lab/status.html" 2>/dev/null

# Nothing can read what is encrypted, which is most of it, and where a resource's line of code was is of no use.
record: export KEPT := walk(if type == "object" then (if has("ciphertext") then .ciphertext = "" else . end | del(.sourcePosition, .stackTrace)) else . end)
record: $(LAB) ## record what this version leaves behind, for later ones to be previewed on: once, before it is released
	@version=$$(go run ./internal/version/print); mkdir -p "lab/e2e/releases/$$version"; for stack in dev prod; do \
		$(LAB) up --no-machines --name record --stack "$$stack"; \
		$(LAB) exec --no-machines --name record --stack "$$stack" -- pulumi stack export | jq --compact-output "$$KEPT" | gzip --best --no-name >"lab/e2e/releases/$$version/$$stack.json.gz"; \
		$(LAB) down --name record; \
	done

bench: setup ## measure updates next to a script, a playbook and a bare program, and what workers cost (some 50 minutes; BENCH=Up a part)
	@lab/bench/setup.sh
	cd lab && go test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 120m ./bench -rounds '$(ROUNDS)'

lint: gofmt vet staticcheck shellcheck actionlint ## check formatting, code, scripts and workflows

gofmt:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt: not formatted:"; echo "$$unformatted"; exit 1; fi

vet:
	go vet ./...
	@for module in $(MODULES); do echo "go vet $$module"; (cd $$module && go vet -tags e2e ./...); done

staticcheck:
	$(STATICCHECK) ./...
	@for module in $(MODULES); do echo "staticcheck $$module"; (cd $$module && $(STATICCHECK) -tags e2e ./...); done

shellcheck:
	shellcheck --external-sources $$(find . -name '*.sh' -not -path './.lab/*') .ci/run .ci/notes

actionlint:
	$(ACTIONLINT) .github/workflows/*.yml examples/*/*.yml

mutants: ## take every refusal of the lab's Azure out in turn, and see a test fail
	cd lab && go test -tags mutants -count 1 -timeout 60m -v -run '^TestEveryRefusalIsNoticed$$' ./azure

docs: ## write the parts of the documentation that come from the code
	go generate ./...
	cd lab && go generate ./...
