# Everything a new machine with Go needs: `make` lists the commands. What they use they build themselves, from sources pinned
# by a go.sum, into bin/; nothing is downloaded as a binary.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The installed Go is used as it is: a go directive must not fetch another toolchain.
export GOTOOLCHAIN := local
# Without cgo the binaries are static and no C compiler is needed. One set of flags for building, testing and checking means
# that the dependencies are compiled once, not three times.
export CGO_ENABLED ?= 0
export GOFLAGS += -trimpath -buildvcs=false

VERSION    ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)
GO_BUILD   := go build -ldflags '-s -w -X main.version=$(VERSION)'
# Not from the cache: the tests in e2e run the built binaries, whose changes the cache does not always see.
TEST_FLAGS ?= -count=1
COMPOSE    ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)

MODULES := . tools tools/compose-check tools/golangci-lint tools/temporal

##@ Use

.PHONY: demo
demo: build bin/temporal ## three tickets with three fates, on a real Temporal server
	go run ./e2e/demo

.PHONY: dev
dev: build bin/temporal ## the same, and leave the servers running
	go run ./e2e/demo --keep

.PHONY: up
up: ## Temporal, simulator and worker in containers
	$(COMPOSE) up --build --detach

.PHONY: down
down: ## stop the containers (`docker compose down --volumes` removes their data too)
	$(COMPOSE) down

##@ Build

# Always asked, because Go itself knows best what has changed.
.PHONY: build
build: ## the three binaries into bin/
	$(GO_BUILD) -o bin/patchproof ./starter
	$(GO_BUILD) -o bin/patchproof-worker ./worker
	$(GO_BUILD) -o bin/patchproof-simulator ./simulator

.PHONY: tools
tools: bin/temporal bin/golangci-lint bin/gofumpt bin/workflowcheck bin/mockgen bin/compose-check ## the pinned tools into bin/

.PHONY: clean
clean: ## remove what was built and the state of the dev servers
	rm -rf bin .dev

# A tool is built again when its module changes: $(call build-tool,folder,package,more linker flags).
# The touch is for the day on which Go finds the binary up to date and leaves it alone.
build-tool = cd $(1) && go build -ldflags "-s -w $(3)" -o '$(CURDIR)/$@' $(2) && touch '$(CURDIR)/$@'

bin/temporal: TEMPORAL := github.com/temporalio/cli
bin/temporal: tools/temporal/go.mod tools/temporal/go.sum
	@echo 'building $@ (three minutes the first time)'
	@$(call build-tool,tools/temporal,$(TEMPORAL)/cmd/temporal,-X $(TEMPORAL)/temporalcli.Version=$$(go list -m -f '{{slice .Version 1}}' $(TEMPORAL)))

bin/golangci-lint: tools/golangci-lint/go.mod tools/golangci-lint/go.sum
	@echo 'building $@ (a minute the first time)'
	@$(call build-tool,tools/golangci-lint,github.com/golangci/golangci-lint/v2/cmd/golangci-lint)

bin/compose-check: $(addprefix tools/compose-check/,go.mod go.sum main.go)
	@echo 'building $@'
	@$(call build-tool,tools/compose-check,.)

bin/gofumpt:       TOOL := mvdan.cc/gofumpt
bin/workflowcheck: TOOL := go.temporal.io/sdk/contrib/tools/workflowcheck
bin/mockgen:       TOOL := go.uber.org/mock/mockgen
bin/gofumpt bin/workflowcheck bin/mockgen: tools/go.mod tools/go.sum
	@echo 'building $@'
	@$(call build-tool,tools,$(TOOL))

##@ Test

.PHONY: test
test: build bin/temporal ## every test that needs no network, those on the real Temporal server included
	go test $(TEST_FLAGS) ./...

# Without e2e: there the work is done by the binaries, which the detector would not see.
.PHONY: race
race: ## the tests inside our processes again, under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race $(TEST_FLAGS) $$(go list ./... | grep -v /e2e)

.PHONY: bench
bench: build ## the client beside the reader one would write, as ratios (two minutes; docs/performance.md)
	go run ./bench

.PHONY: record-history
record-history: build bin/temporal ## record the histories that the replay test reads
	go run ./e2e/record

.PHONY: test-compose
test-compose: bin/temporal bin/compose-check ## one verification through the containers, on stand-ins for the images of others
	deploy/test-compose.sh

##@ Check

.PHONY: check
check: check-format check-lint check-workflows check-tidy check-generated check-compose ## all of the following

.PHONY: fmt
fmt: bin/gofumpt ## format the code
	bin/gofumpt -w .

.PHONY: check-format
check-format: bin/gofumpt ## gofumpt has nothing to change
	@unformatted=$$(bin/gofumpt -l .) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt does it):"; echo "$$unformatted"; exit 1; fi
	@echo 'format: clean'

.PHONY: check-lint
check-lint: bin/golangci-lint ## golangci-lint, import rules and bans included (.golangci.yml)
	@bin/golangci-lint config verify
	bin/golangci-lint run ./...

.PHONY: check-workflows
check-workflows: bin/workflowcheck ## nothing non-deterministic is reachable from a workflow
	bin/workflowcheck -config workflowcheck.config.yaml ./worker ./workflows
	@echo 'workflowcheck: clean'

.PHONY: check-tidy
check-tidy: ## go.mod and go.sum of every module are tidy
	@for module in $(MODULES); do (cd $$module && go mod tidy -diff) || { echo "$$module: run go mod tidy"; exit 1; }; done
	@echo 'go.mod: tidy'

# Generated files are compared with themselves before and after, not with git, so that the check works in the middle of a change.
# The schema is JSON and cannot say of itself that it is one.
generated = { find . -name '*.go' -not -path './.*' -exec grep -l '^// Code generated .* DO NOT EDIT\.$$' {} +; echo docs/request.schema.json; } | sort | xargs -r cksum

.PHONY: check-generated
check-generated: bin/mockgen ## generated code is what its generator would write
	@before=$$($(generated)); PATH="$(CURDIR)/bin:$$PATH" go generate ./... || exit 1; after=$$($(generated)); \
	if [ "$$before" != "$$after" ]; then echo 'generated code was out of date; it is written anew:'; git status --short; exit 1; fi
	@echo 'generated code: up to date'

.PHONY: check-compose
check-compose: bin/compose-check ## docker-compose.yml is valid
	@bin/compose-check docker-compose.yml
	@echo 'docker-compose.yml: valid'

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
