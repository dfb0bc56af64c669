# make demo   the five-minute tour          make test   the whole test suite
# make quick  the tests that need no server and no browser
# make mutants  mutation tests of the core (hours)
# make check  lint and types                make bench  the benchmarks            make clean
# make docs   the guide as a site, in site/
# make page   the script and style of the page, bundled from kg/export/page/js (needs Node.js)
# make bench-engines          the embedded engine beside Neo4j and DuckDB (20 minutes)
# make neo4j-start, make neo4j-stop   a Neo4j on 127.0.0.1 to try things with (the tests start and stop one themselves)
PYTHON ?= python3
BIN := .venv/bin

# The tools of the page, and where its bundle goes.
ESBUILD := npx --yes esbuild@0.25.12
TSC := npx --yes --package typescript@5.9.3 tsc
BUNDLE := kg/export/page

# Install into .venv with uv, in a tenth of the time of pip; fall back to pip where uv cannot be installed or fails.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
install = $(PIP) uv 2>/dev/null && $(BIN)/python -m uv pip install --quiet --python $(BIN)/python $(1) 2>/dev/null || $(PIP) $(1)

# Tests and checks start Python hundreds of times: it keeps its bytecode, which uv leaves to the first import.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick mutants check docs page page-types bench bench-engines neo4j-start neo4j-stop clean

demo: .venv/.installed
	@$(BIN)/kg demo

test: .venv/.dev
	@$(BIN)/python -m pytest -n auto --dist loadgroup

quick: .venv/.dev
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m "not server and not browser and not slow"

mutants: .venv/.dev
	@$(BIN)/python -m tests.mutants

check: .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet $$(git ls-files "*.py")
	@$(BIN)/mypy

docs: .venv/.dev
	@$(BIN)/mkdocs build --quiet --strict

page:
	@$(ESBUILD) kg/export/page/js/app.js --bundle --minify --format=iife --charset=utf8 --log-level=warning \
	  --target=chrome111,firefox114,safari16.4 --outfile=$(BUNDLE)/app.min.js
	@$(ESBUILD) kg/export/page/app.css --minify --charset=utf8 --log-level=warning \
	  --target=chrome111,firefox114,safari16.4 --outfile=$(BUNDLE)/app.min.css

page-types:
	@$(TSC) --project kg/export/page/js

bench: .venv/.bench
	@$(BIN)/python -m benchmarks.run

bench-engines: .venv/.bench
	@$(BIN)/python -m benchmarks.engines

neo4j-start: .venv/.dev
	@$(BIN)/python -m tests.neo4j start

neo4j-stop: .venv/.dev
	@$(BIN)/python -m tests.neo4j stop

clean:
	rm -rf .venv build dist site *.egg-info

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "kg needs Python 3.10 or newer; try make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.python pyproject.toml
	@echo "installing kg into .venv ..."
	@$(PIP) -e .
	@touch $@

.venv/.dev: .venv/.python pyproject.toml
	@echo "installing kg and its development tools into .venv ..."
	@$(call install,-e '.[dev]')
	@touch $@ .venv/.installed

.venv/.bench: .venv/.dev
	@$(call install,-e '.[bench]')
	@touch $@
