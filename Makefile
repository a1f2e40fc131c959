# The commands of this repository. `make` alone lists them; CI runs these and nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is new enough. Everything else runs in .venv, which it makes.
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$name"; break; }; done)

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer is needed and not in PATH. Install the packages python3 and python3-venv." >&2; exit 1; }

.PHONY: setup
setup: python ## Set everything up for `make run`, without starting it
	@"$(PYTHON)" -m tools.prepare run

.PHONY: setup-check
setup-check: python
	@"$(PYTHON)" -m tools.prepare check

.PHONY: setup-test
setup-test: python
	@"$(PYTHON)" -m tools.prepare test

.PHONY: setup-conformance
setup-conformance: python
	@"$(PYTHON)" -m tools.prepare conformance

.PHONY: setup-firefox
setup-firefox: python
	@"$(PYTHON)" -m tools.prepare firefox

.PHONY: setup-proxy
setup-proxy: python
	@"$(PYTHON)" -m tools.prepare proxy

.PHONY: run
run: setup ## Set everything up, then start OpenRooms with a demo room (SERVE="--json ..." adds options)
	@exec .venv/bin/openrooms serve --demo $(SERVE)

.PHONY: test
test: setup-test ## Set everything up, then all checks and suites: what CI runs, within 20 minutes
	@.venv/bin/python -m tools.suites

.PHONY: check
check: setup-check ## Format, lint, types, imports, sizes, docs: seconds
	@.venv/bin/python -m tools.check

.PHONY: unit
unit: setup-check ## The tests of each part by itself, with coverage
	@.venv/bin/python -m tools.suites python python-calls coverage postgresql postgresql-calls browser

.PHONY: e2e
e2e: setup-test ## The whole product with real browsers and the official SDKs
	@.venv/bin/python -m tools.suites e2e-whole wire-whole

.PHONY: composite
composite: setup-test ## The call page: Azure's React composite, unchanged, in each kind of call, role and end
	@.venv/bin/python -m tools.suites composite

.PHONY: calls
calls: setup-test ## Each capability in each kind of call, and what happens when, through the browser SDK
	@.venv/bin/python -m tools.suites calls

.PHONY: packages
packages: setup-test ## What the npm packages hold; apps of each style install them by URL, are built, and join a call
	@.venv/bin/python -m tools.suites packages

.PHONY: soak
soak: setup-test ## Hundreds of calls in one page (JOINS=300), then days of a server's life in an hour: nothing may be left of them
	@JOINS="$(or $(JOINS),300)" MINUTES="$(or $(MINUTES),60)" STORE="$(or $(STORE),sqlite)" .venv/bin/python -m tools.suites soak soak-server

.PHONY: soak-server
soak-server: setup-test ## Days of a server's life in an hour, alone (MINUTES=60, STORE=sqlite or postgresql)
	@MINUTES="$(or $(MINUTES),60)" STORE="$(or $(STORE),sqlite)" .venv/bin/python -m tools.suites soak-server

.PHONY: types
types: setup-check ## Code for the Azure Calling SDK, and the React library, compile against the browser SDK: the compiler says so
	@.venv/bin/python -m tools.suites types

.PHONY: proxy
proxy: setup-proxy ## Requests and calls through nginx, set as docs/network.md says; a server in the production profile
	@.venv/bin/python -m tools.suites proxy

.PHONY: firefox
firefox: setup-firefox ## Calls between people in Firefox, and between Firefox and Chromium
	@.venv/bin/python -m tools.suites firefox

.PHONY: conformance
conformance: setup-conformance ## The official SDKs, unchanged, against a really started server (Java: here only)
	@.venv/bin/python -m tools.suites conformance java

.PHONY: recordings
recordings: setup-check ## Hold the table of exchanges against recorded answers (RECORDINGS=FOLDER, not in the repository)
	@PYTHONPATH=tests .venv/bin/python -m support.recordings "$(RECORDINGS)"

.PHONY: inputs
inputs: setup-test ## Bad inputs of every class against a really started server, on both databases
	@.venv/bin/python -m tools.suites inputs volume

.PHONY: model
model: setup-check ## Random interleavings of all that happens to calls, and races, on both databases (MODEL_RUNS=300, MODEL_SEED=N)
	@MODEL_RUNS="$(or $(MODEL_RUNS),300)" MODEL_SEED="$(or $(MODEL_SEED),$(shell date +%s))"; export MODEL_RUNS MODEL_SEED; echo "seed: $$MODEL_SEED"; .venv/bin/python -m tools.suites model

.PHONY: hostile
hostile: setup-test ## Clients that lie to the gate and the engine; then each guard taken out once, which must show
	@.venv/bin/python -m tools.suites hostile-whole guards

.PHONY: fault
fault: setup-test ## Kill, cut the power, fill the disk, take PostgreSQL or the engine away, spoil networks: what was promised stays (45 minutes)
	@.venv/bin/python -m tools.suites fault

.PHONY: fuzz
fuzz: setup-test ## Generated inputs against a started server (FUZZ_SECONDS=300, FUZZ_SEED=1, SPECS=FOLDER: more descriptions)
	@FUZZ_SECONDS="$(or $(FUZZ_SECONDS),300)" FUZZ_SEED="$(or $(FUZZ_SEED),1)" SPECS="$(abspath $(SPECS))" .venv/bin/python -m tools.suites fuzz

.PHONY: build
build: setup ## Build the engine, the browser SDK's tarball and the pages
	@ls -l engine/src/openrooms_engine/bin server/src/openrooms/static/sdk server/src/openrooms/static/pages

.PHONY: bench
bench: setup-test ## Measure really started servers against their bars (BENCH="rest ...": some groups)
	@PYTHONPATH=tests .venv/bin/python -m bench.main $(BENCH)

.PHONY: load
load: setup-test ## A room of 350 through the service: sound, processor time, memory, against their bars (PEOPLE=350)
	@PYTHONPATH=tests .venv/bin/python -m bench.crowd.main $(PEOPLE)

.PHONY: picture
picture: setup-test ## Take the README's picture anew, from a real call
	@.venv/bin/python -m tools.picture

.PHONY: fresh
fresh: setup-test ## Clone HEAD into an empty folder with empty caches, run both commands of the README, time them
	@PYTHONPATH=tests .venv/bin/python -m tools.fresh $(FRESH)

.PHONY: format
format: setup-check ## Format all code
	@.venv/bin/ruff check --quiet --fix .
	@.venv/bin/ruff format --quiet .
	@npx --no-install biome check --write --log-level=error .

.PHONY: schemas
schemas: setup-check ## Write specs/ anew from the server's types: OpenAPI documents, messages of the agent socket
	@PYTHONPATH=server/src .venv/bin/python -m tools.schemas

.PHONY: specs
specs: setup-check ## Hold our OpenAPI documents against the published descriptions (SPECS=FOLDER, not in the repository)
	@PYTHONPATH=server/src .venv/bin/python -m tools.published "$(SPECS)"

.PHONY: lock
lock: setup-check ## Write the lock files anew after a change of dependencies (UPGRADE=1: newest versions)
	@.venv/bin/python -m tools.lock $(if $(UPGRADE),--upgrade)

.PHONY: hooks
hooks: setup-check ## Let git run the quick checks before each commit
	@.venv/bin/prek install

.PHONY: clean
clean: ## Delete what was built and installed here; data folders stay
	@rm -rf .venv node_modules tests/postgresql/node_modules tests/conformance/javascript/node_modules sdk/calling/node_modules web/node_modules .build engine/src/openrooms_engine/bin server/src/openrooms/static
