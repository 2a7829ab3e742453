# Everything a developer runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# --use-pep517 and no isolation: what has no wheel is built with the locked tools, not with whatever is newest today.
INSTALL := -m pip --disable-pip-version-check install --quiet --use-pep517 --no-build-isolation
PIP := $(BIN)/python $(INSTALL)
PART ?= all
NODE := tools/asyncapi/node_modules/.package-lock.json
BENCH_STAMP := .venv-bench/.installed
BENCH_PIP := .venv-bench/bin/python $(INSTALL)
COMPILE := env -u UV_FIND_LINKS uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.11 --custom-compile-command "make lock" $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help install demo test bench faults lint check docs lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## Install vigie with locked dependencies in .venv, Java and Maven where missing (Debian, as root), and the tests' Prometheus in .vigie

$(STAMP): requirements-build.lock requirements-dev.lock pyproject.toml tools/system-packages.sh
	@PYTHON=$(PYTHON) bash tools/system-packages.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	$(PIP) --require-hashes --requirement requirements-build.lock
	$(PIP) --require-hashes --requirement requirements-dev.lock
	$(PIP) --no-deps --editable .
	@$(BIN)/python -m tools.debian_servers && $(BIN)/python -m tools.debian_postgres || echo "vigie: the tests need them; the rest of vigie does not" >&2
	@touch $@

demo: install ## Show the sample page go through a real Kafka and come out as events
	$(BIN)/vigie demo

test: lint ## Lint, then run every test
	@PYTHON=$(PYTHON) bash tools/system-packages.sh --tests
	@$(MAKE) --no-print-directory $(NODE)
	$(BIN)/pytest --durations=25

# AsyncAPI's own parser, for the tests alone.
$(NODE): tools/asyncapi/package-lock.json
	cd tools/asyncapi && npm ci
	@touch $@

bench: install $(if $(filter-out a b e f g h guard collect,$(PART)),$(BENCH_STAMP)) ## Measure speed, as ratios within one run; PART=a..h or languages one part, BACKGROUND=1 with a log
	$(if $(BACKGROUND),@mkdir -p .bench; nohup) $(BIN)/python -m tests.bench $(PART) $(if $(BACKGROUND),>.bench/$(PART).log 2>&1 & echo "log: .bench/$(PART).log",)

# The peers live apart: neither vigie nor its tests ever see them.
$(BENCH_STAMP): requirements-bench.lock requirements-build.lock pyproject.toml
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	$(BENCH_PIP) --require-hashes --requirement requirements-build.lock
	$(BENCH_PIP) --require-hashes --requirement requirements-bench.lock
	$(BENCH_PIP) --no-deps --editable .
	@touch $@

faults: install ## Try delivery under faults: PART=kills (see docs/reliability.md); OPTIONS="--rounds 2"
	$(BIN)/python -m tests.faults $(PART) $(OPTIONS)

lint: install ## Check style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint ## Lint and unit tests: the inner loop
	$(BIN)/pytest tests/unit

docs: install ## Write what docs/ has from the code: contracts, reference, metrics
	$(BIN)/python -m tools.contracts
	$(BIN)/python -m tools.reference
	$(BIN)/python tools/metrics_table.py

lock: ## Write the lock files from pyproject.toml (needs uv) and tools/asyncapi; UPGRADE=--upgrade takes the newest versions
	@command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --output-file requirements-build.lock --group build
	$(COMPILE) --output-file requirements-dev.lock --constraint requirements.lock --group dev pyproject.toml
	$(COMPILE) --output-file requirements-bench.lock --constraint requirements.lock --group bench --group build pyproject.toml
	$(BIN)/python tools/npm_lock.py

clean: ## Remove caches and build results; .venv and the broker's .vigie stay
	rm -rf dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find pipeline agents tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
