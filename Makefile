# Osc: build, test, show. Every target does all that it needs on a Debian machine with the .NET 10 SDK.

CONFIGURATION := Release
# What "make fuzz" fuzzes, names separated by commas (all: empty), and for how long.
TARGETS ?=
MINUTES ?= 60
# Longer property tests: how many times the usual number of cases "make check" tries.
OSC_TEST_SCALE ?= 10

VERSION := $(shell sed -n 's|.*<VersionPrefix>\(.*\)</VersionPrefix>.*|\1|p' Directory.Build.props)
NEXT_VERSION := $(VERSION)+1
ARCHITECTURE = $(shell dpkg --print-architecture)

RUNTIME := linux-$(if $(filter aarch64,$(shell uname -m)),arm64,x64)

export CONFIGURATION
export DOTNET_NOLOGO := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_ROOT ?= $(shell dirname "$$(readlink -f "$$(command -v dotnet)")")
# No build process stays behind to hold a pipeline open.
export MSBUILDDISABLENODEREUSE := 1

.PHONY: help setup restore compile build test demo bench bench-peers check fuzz deb deb-trial xen format verify-format clean

help:
	@echo 'make build    programs in bin/: osc, osc-controller, osc-agent, osc-standalone'
	@echo 'make demo     two hosts, real switches, real packets; ONCE=1 makes it end by itself,'
	@echo '              SETS="telco multi-tenant-cluster" shows other policy sets'
	@echo 'make test     everything: unit tests, real switches, real broker'
	@echo 'make check    the same with $(OSC_TEST_SCALE) times the random cases (OSC_TEST_SCALE)'
	@echo 'make fuzz     inputs that nobody has tried, for MINUTES=$(MINUTES), into TARGETS="a,b" (docs/fuzzing.md)'
	@echo 'make bench    measurements;  make bench-peers: beside OVN, which it fetches from Debian'
	@echo 'make deb      the agent as a Debian package, in out/;  make deb-trial: install, upgrade and'
	@echo '              remove it under systemd while packets flow, and count them'
	@echo 'make xen      the agent in a driver domain of a real Xen, in QEMU (docs/xen.md)'
	@echo 'make format   put the sources in order;  make clean: remove what was built'

setup:
	@scripts/setup

restore: setup
	dotnet restore Osc.sln -v q

compile: restore
	dotnet build Osc.sln -c $(CONFIGURATION) --no-restore -v q

# bin/NAME points to where the compiler left the program; the agent is one native file.
build: compile
	dotnet publish src/Osc.Agent -c $(CONFIGURATION) -r $(RUNTIME) --no-restore -v q -o out/osc-agent
	@mkdir -p bin
	@ln -sfn ../out/osc-agent/osc-agent bin/osc-agent
	@ln -sfn ../src/Osc.Cli/bin/$(CONFIGURATION)/net10.0/osc bin/osc
	@ln -sfn ../src/Osc.Controller/bin/$(CONFIGURATION)/net10.0/osc-controller bin/osc-controller
	@ln -sfn ../src/Osc.Standalone/bin/$(CONFIGURATION)/net10.0/osc-standalone bin/osc-standalone

verify-format: restore
	dotnet format Osc.sln --verify-no-changes --no-restore

test: build verify-format
	@scripts/test

check: build verify-format
	@OSC_TEST_SCALE=$(OSC_TEST_SCALE) OSC_TEST_ORDER=$${OSC_TEST_ORDER:-$$(date +%s)} OSC_TEST_LIMIT=14400 scripts/test
	@ONCE=1 integration/Osc.Demo/bin/$(CONFIGURATION)/net10.0/osc-demo three-tier-shop multi-tenant-cluster telco

fuzz: compile
	@nice -n 15 tests/Osc.Fuzz/bin/$(CONFIGURATION)/net10.0/Osc.Fuzz --targets '$(TARGETS)' --minutes $(MINUTES)

demo: build
	@exec integration/Osc.Demo/bin/$(CONFIGURATION)/net10.0/osc-demo $(SETS)

bench: build
	dotnet run --project tests/Osc.Benchmarks -c $(CONFIGURATION) --no-build

bench-peers: build
	@scripts/setup-peers
	dotnet run --project tests/Osc.Benchmarks -c $(CONFIGURATION) --no-build -- peers

deb: build
	@packaging/osc-agent/build

# The same package again as a later version, so that there is something to upgrade to.
deb-trial: deb
	@packaging/osc-agent/build $(NEXT_VERSION)
	@integration/Osc.PackageTrial/bin/$(CONFIGURATION)/net10.0/osc-package-trial out/osc-agent_$(VERSION)_$(ARCHITECTURE).deb out/osc-agent_$(NEXT_VERSION)_$(ARCHITECTURE).deb

xen: build
	@exec integration/Osc.DriverDomain/bin/$(CONFIGURATION)/net10.0/osc-driver-domain

format: restore
	dotnet format Osc.sln --no-restore

clean:
	rm -rf bin out build
	find src tests integration -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
