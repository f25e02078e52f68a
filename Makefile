# The two that a stranger needs are `make run` and `make test`; `make help` lists all.

GO       ?= go
DATA     ?= ./data
PKG      ?= ./...
FUZZTIME ?= 30s

MODULE    := github.com/rosterhq/roster
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

VERSION = $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)
LDFLAGS = -s -w -X $(MODULE)/internal/app.version=$(VERSION)
BUILD   = CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'
TOOL    = $(GO) tool -modfile=tools/go.mod

.PHONY: help run test race check lint fmt fuzz bench build dist clean setup

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 8

run: build ## build, and serve the demo on embedded SQLite in DATA=./data
	bin/roster serve --demo --data $(DATA)

test: check race ## check, then every test on both databases; installs what is missing

# One PostgreSQL serves all packages, and ends with the tests, however they end.
race: setup ## the tests of PKG=./... on both databases, with the race detector
	CGO_ENABLED=1 $(GO) run ./internal/pgtest/withpostgres \
		$(GO) test -race -shuffle=on -timeout 20m $(PKG)

check: ## formatting and go vet
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { \
		echo "Not formatted, run make fmt:"; echo "$$unformatted"; exit 1; } >&2
	$(GO) vet ./...

lint: ## golangci-lint with every linter that .golangci.yml does not except
	$(TOOL) golangci-lint run

fmt: ## format the code
	$(TOOL) gofumpt -w .

fuzz: ## each fuzz target for FUZZTIME=30s
	scripts/fuzz.sh $(FUZZTIME)

bench: build ## measure, and write docs/benchmarks.md
	$(GO) run ./bench

build: ## build bin/roster
	$(BUILD) -o bin/roster ./cmd/roster

dist: ## static binaries for all platforms, with checksums, in dist/
	rm -rf dist
	set -eu; for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; \
		case $$os in windows) suffix=.exe;; *) suffix=;; esac; \
		GOOS=$$os GOARCH=$$arch $(BUILD) -o dist/roster-$$os-$$arch$$suffix ./cmd/roster; \
	done
	cd dist && sha256sum roster-* >SHA256SUMS

clean: ## remove bin/ and dist/, never the data
	rm -rf bin dist

setup:
	@scripts/setup.sh
