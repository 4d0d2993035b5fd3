# Every task a person needs; `make` or `make help` lists them. The scripts behind them are in manifests/machine and manifests/kind.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

MACHINE := manifests/machine
CLUSTER := manifests/kind/cluster
UV      := $(MACHINE)/python uv
RUN     := .venv/bin
PYTHON  := erp operator tests manifests/demo manifests/postgres
REPORTS := build/reports
CACHE   := $(or $(VALEO_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/valeo-erp)
# More words for pytest, e.g. make test-unit ARGS="-k numbering -x"
ARGS    ?=

# pytest TIER: the tests of one folder, with a report that the closing lines are made from. No test at all is a failure.
pytest = $(RUN)/pytest tests/$(1) --junitxml=$(REPORTS)/$(1).xml $(ARGS)

##@ Try it

.PHONY: demo demo-local
demo: cluster load ## The whole thing: cluster, images, operator, an installation with a seeded trader
	@$(CLUSTER) exclusively manifests/demo/run

demo-local: python ## The ERP alone on its own PostgreSQL, without a container engine (ARGS="--port 8090" …)
	@docker info >/dev/null 2>&1 || echo "No container engine answers: this is the ERP alone. Operator and releases need Docker, or root: make demo"
	@$(MACHINE)/install postgresql print
	@$(RUN)/valeo-erp demo $(ARGS)

##@ Check it

.PHONY: test lint types test-unit test-integration test-python313 test-apiserver test-cluster test-browser
test: ## Every tier, cheapest first; stops at the first that fails (TIERS="lint types" for some)
	@tests/tiers $(TIERS)

lint: python ## Style, import contracts, shell scripts
	$(RUN)/ruff check $(PYTHON)
	$(RUN)/ruff format --check $(PYTHON)
	$(RUN)/lint-imports
	tests/scripts-parse

types: python ## Strict types
	$(RUN)/mypy $(PYTHON)

test-unit: python ## Pure rules: no network, no disk, no clock
	$(call pytest,unit)

test-integration: python ## The ERP against a real PostgreSQL
	@$(MACHINE)/install postgresql print spreadsheet
	$(call pytest,integration)

test-python313: engine ## Unit and integration tests on Python 3.13 and PostgreSQL 17, in a container, without the longest
	@$(MACHINE)/images python313
	@install -d -m 1777 $(REPORTS)
	@rm -f $(REPORTS)/python313.xml
	docker run --rm --volume "$(CURDIR)/$(REPORTS):/reports" valeo-tests:python313 $(ARGS)

test-apiserver: python cluster ## Definitions, defaults and refusals on the real API server
	$(CLUSTER) exclusively $(call pytest,apiserver)

test-cluster: python cluster load helm ## The operator and the ERP as a user installs them
	$(CLUSTER) exclusively $(call pytest,cluster) -m "not load and not long"

test-browser: python ## The page in a real browser
	@$(MACHINE)/install postgresql print browser
	$(call pytest,browser)

.PHONY: test-long chaos bench coverage
test-long: python cluster load helm ## What takes minutes of the cluster more: points in time, replaced signing keys
	$(CLUSTER) exclusively $(RUN)/pytest tests/cluster -m long --junitxml=$(REPORTS)/long.xml $(ARGS)

chaos: python cluster load helm ## Releases under 50 requests a second and 100 streams, on a machine that does nothing else
	$(CLUSTER) exclusively $(RUN)/pytest tests/cluster -m load -s --junitxml=$(REPORTS)/chaos.xml $(ARGS)

coverage: python ## What unit and integration tests reach, with branches; the pages are in build/coverage
	@$(MACHINE)/install postgresql print spreadsheet
	$(RUN)/pytest tests/unit tests/integration --cov --cov-report=term --cov-report=html:build/coverage $(ARGS)

bench: python ## Measure, beside a yardstick of the same machine
	@$(MACHINE)/install postgresql print
	$(RUN)/python -m tests.bench

##@ Parts

.PHONY: python engine cluster images load helm cluster-down
python: ## The Python environment of uv.lock
	@$(MACHINE)/python sync

engine: ## A container engine with the base images
	@$(CLUSTER) engine

cluster: ## A Kubernetes cluster (kind) on this machine
	@$(CLUSTER) up

images: engine ## Build the three images
	@$(MACHINE)/images build

load: images ## Put the images on the cluster's nodes
	@$(CLUSTER) load $$($(MACHINE)/images names)

helm: ## Helm, found or built
	@$(CLUSTER) helm

cluster-down: ## Delete the cluster; the images and what was built stay
	@$(CLUSTER) down

##@ Work on it

.PHONY: format lock generate vendor-assets install-hooks
format: python ## Format the code and fix what can be fixed
	$(RUN)/ruff check --fix $(PYTHON)
	$(RUN)/ruff format $(PYTHON)

lock: ## Renew uv.lock after a change of pyproject.toml
	$(UV) lock

generate: python ## The definitions in crds/ and their reference from the models
	$(RUN)/python -m valeo_operator.api.generate crds docs/reference
	$(RUN)/python -m valeo_operator.golive.shipping .

vendor-assets: python ## Fetch the page's assets from npm and check their sums
	$(RUN)/python erp/vendor_assets.py

install-hooks: python ## Run the checks before every commit
	$(RUN)/pre-commit install

##@ Tidy up

.PHONY: clean clean-all
clean: ## Leave nothing running: cluster, container engine if we started it, local PostgreSQL servers
	@$(CLUSTER) stop
	@$(MACHINE)/stop-postgres
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

clean-all: clean ## Also forget what was built for this machine (the next run builds it again)
	rm -rf .venv "$(CACHE)"

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  \033[36m%-16s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)
