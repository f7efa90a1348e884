# Everything a person or CI does here. `make` alone prints this list.

PYTHON ?= python3
BIN := .venv/bin
# Set-up happened for these pins when this file is newer than they are.
READY := .venv/.ready
PINS := requirements/dev.txt pyproject.toml
# What benchmarks are run beside has an environment of its own.
PEERS := .venv/peers/.ready
COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1
# A run of the suite starts hundreds of processes; none should compile our modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check bench chaos soak mutants pins clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv from the pinned list (again when the pins changed)

$(READY): $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Dropline needs Python 3.11 or newer; try: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## Publish the sample campaign on the sandbox of all four providers
	$(BIN)/dropline demo

up: $(READY) ## Run every part on this machine until Ctrl-C
	$(BIN)/dropline up

test: $(READY) $(PEERS) ## Run the whole suite, real Redis and real PostgreSQL included
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: $(READY) ## Check format, lint, types, imports, spelling, pins; run the fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder tests/unit

chaos: $(READY) ## Kill, flush, restart and stall everything; count what is doubled or lost (SEEDS="1 2")
	$(BIN)/python -m tests.chaos --seeds $(or $(SEEDS),1)

bench: $(READY) $(PEERS) ## Measure beside peers and limits of the machine (NAMES="submit", SIZE=--full)
	$(BIN)/python -m bench $(NAMES) $(SIZE)

$(PEERS): requirements/peers.txt | $(READY)
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/python -m pip install --quiet --require-hashes -r requirements/peers.txt
	@touch $(PEERS)

soak: $(READY) ## Try ever more orders of events on the whole system (EXAMPLES=5000, about an hour)
	DROPLINE_TEST_SOAK=$(or $(EXAMPLES),5000) $(BIN)/python -m pytest -q -n 0 tests/properties/test_machine.py

mutants: $(READY) ## Take out each defence in turn and see a test fail (about 3 minutes)
	$(BIN)/python -m tests.mutants

pins: $(READY) ## Renew the pinned lists from pyproject.toml (needs a package index)
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) --upgrade pyproject.toml -o requirements/run.txt
	$(COMPILE) --upgrade pyproject.toml --group dev -o requirements/dev.txt
	$(COMPILE) --upgrade --group pyproject.toml:build -o requirements/build.txt
	$(COMPILE) --upgrade --group pyproject.toml:peers -o requirements/peers.txt

clean: ## Remove .venv and every cache; the state in .dropline stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
